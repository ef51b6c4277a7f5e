"""Honor Push, simulated: the sign-in and sendMessage.

Written from the reference page of Honor's API (its sections are cited as §), never from the plug-in. Where the page is
silent the choice is ours and said so in `docs/vendors/honor.md`. Checks run in the order of §3. Data messages, which
show nothing, are not simulated.
"""

from vendors.sandbox.honor.api import create
from vendors.sandbox.honor.demo import demo

__all__ = ["create", "demo"]
