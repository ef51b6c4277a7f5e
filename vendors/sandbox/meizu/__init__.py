"""Meizu push, simulated: one message to push ids or aliases, and the pass-through calls that are discontinued.

Written from the reference page of Meizu's API (its sections are cited as §), never from the plug-in. Where the page is
silent the choice is ours and said so in `docs/vendors/meizu.md`. Checks run in the order of §11.
"""

from vendors.sandbox.meizu.api import create
from vendors.sandbox.meizu.demo import demo

__all__ = ["create", "demo"]
