"""vivo Push, simulated: the sign-in, the single push and the two calls that make a push to a list.

Written from the reference page of vivo's API (its sections are cited as §), never from the plug-in. Where the page is
silent the choice is ours and said so in `docs/vendors/vivo.md`. Checks run in the order of §3.
"""

from vendors.sandbox.vivo.api import create
from vendors.sandbox.vivo.demo import demo

__all__ = ["create", "demo"]
