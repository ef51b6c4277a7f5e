"""OPPO PUSH, simulated: the sign-in, unicast, unicast_batch, save_message_content and broadcast.

Written from the reference page of OPPO's API (its sections are cited as §), never from the plug-in. Where the page is
silent the choice is ours and said so in `docs/sandbox.md`. Checks run in the order of §3.3.
"""

from vendors.sandbox.oppo.api import create
from vendors.sandbox.oppo.demo import demo

__all__ = ["create", "demo"]
