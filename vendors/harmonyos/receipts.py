"""HarmonyOS: reports to the receipt URL of the console; `vendors/huawei_callbacks.py` has their source and shape."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from vendors.harmonyos.credential import HarmonyOsCredential
from vendors.huawei_callbacks import statuses
from vendors.receipts import Callback, Receipt


def parse_receipts(callback: Callback, credential: HarmonyOsCredential, *, now: datetime) -> Sequence[Receipt]:
    """What the vendor reports; states that are not the end are left out.

    Raises:
        InvalidCallback: the signature is missing, wrong or older than ten minutes, or the body holds no statuses.
    """
    return statuses(callback, user=credential.callback_user, secret=credential.callback_secret, now=now)
