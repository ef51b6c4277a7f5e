"""Xiaomi MiPush, simulated: sending one message to registration ids, by v2, v3 and v4 of the path.

Written from the reference page of Xiaomi's API (its sections are cited as §), never from the plug-in. Where the page is
silent the choice is ours and said so in `docs/vendors/xiaomi.md`. Checks run in the order of §10.
"""

from vendors.sandbox.xiaomi.api import create
from vendors.sandbox.xiaomi.demo import demo

__all__ = ["create", "demo"]
