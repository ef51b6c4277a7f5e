"""Huawei Push Kit's HMS profile, simulated: the sign-in and the v1 send.

Written from the reference page of Huawei's API (its sections are cited as §), never from the plug-in. Where the page is
silent the choice is ours and said so in `docs/vendors/huawei.md`. Checks run in the order of §4.3. Data messages,
topics, conditions and the v2 and v3 paths are not simulated.
"""

from vendors.sandbox.huawei.api import create
from vendors.sandbox.huawei.demo import demo

__all__ = ["create", "demo"]
