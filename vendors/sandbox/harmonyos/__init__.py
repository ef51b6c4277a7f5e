"""HarmonyOS 5+ (Huawei Push Kit v3), simulated: messages:send of notifications.

Written from the reference page of Huawei's API (its sections are cited as §), never from the plug-in. Where the page is
silent the choice is ours and said so in `docs/vendors/harmonyos.md`. Checks run in the order of §4.3. Cards, live views
and what else the `push-type` header can say are not simulated.
"""

from vendors.sandbox.harmonyos.api import create
from vendors.sandbox.harmonyos.demo import demo

__all__ = ["create", "demo"]
