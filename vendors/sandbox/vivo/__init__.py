"""vivo Push, simulated: the sign-in and the single push.

Written from the reference page of vivo's API (its sections are cited as §), never from the plug-in. Where the page is
silent the choice is ours and said so in `docs/vendors/vivo.md`. Checks run in the order of §3. The list calls are not
simulated: their paths are unknown here.
"""

from vendors.sandbox.vivo.api import create
from vendors.sandbox.vivo.demo import demo

__all__ = ["create", "demo"]
