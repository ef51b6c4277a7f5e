"""Huawei's reports to the receipt URL of its console, of pushes to Android and to HarmonyOS; and what signs them.

Source: Huawei developers, `HMSCore-References/https-send-receipt-api-0000001051066120` and
`harmonyos-references/push-api-msg-receipt`. Quirks: two shapes of an item; where the console has a user name and a
secret, a header signs time, nonce and user name with HMAC-SHA256 under the secret, which newer configurations have in
Base64 and older ones as it is: either is taken.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from vendors.contract import CredentialField, InvalidCredential, Violation
from vendors.receipt_bodies import (
    DELIVERED,
    OVER_THE_DAY,
    SWITCHED_OFF,
    Told,
    dead,
    dropped,
    json_of,
    moment_of,
    object_of,
    objects_of,
    text_of,
)
from vendors.receipts import Callback, InvalidCallback, Receipt, ReceiptKind

SIGNATURE = "x-huawei-callback-id"
LONGEST_SKEW = timedelta(minutes=10)

CREDENTIAL_FIELDS = (
    CredentialField(
        name="callback_user",
        label="Callback user name",
        help="AppGallery Connect, Push Kit, Settings, receipt status: the user name there, if receipts shall be signed",
        required=False,
        pattern=r"\S{1,128}",
    ),
    CredentialField(
        name="callback_secret",
        label="Callback secret",
        help="same page: the secret (key) beside that user name",
        secret=True,
        required=False,
        pattern=r"\S{1,256}",
    ),
)

STATUSES: Mapping[str, Told] = {
    "0": DELIVERED,
    "2": dead("the app is uninstalled"),
    "5": dead("the token is not the one on the phone: data cleared, reinstalled or not activated"),
    "6": dropped("the app's notifications or the channel are switched off, or minor mode is on", SWITCHED_OFF),
    "10": dropped("the phone was not online for 30 days"),
    "14": dropped("a fault of the vendor's network"),
    "15": Told(ReceiptKind.DROPPED, "overwritten by a newer one, or more than 120 were kept", "nothing"),
    "22": dropped("the token belongs to another user of the phone"),
    "31": dropped("the page to open is missing or not supported", "mend the click action"),
    "102": dropped("dropped by frequency control", OVER_THE_DAY),
    "144": dropped("the profile is not on the phone"),
    "188": dropped("the app could not be started"),
    "191": DELIVERED,
    "201": dropped("controlled by the vendor: uninstalled, mismatch, or notifications off"),
    "256": dropped("the quota of marketing or test messages is spent", OVER_THE_DAY),
    "259": dropped("the content or a URL was refused", "change the message"),
}
# Kept by the phone, and told of once more when it is shown.
NOT_OVER = frozenset({"27", "51"})


def check_callback_pair(raw: Mapping[str, str]) -> None:
    """Raises InvalidCredential if a credential has one of user name and secret without the other."""
    user, secret = raw.get("callback_user", ""), raw.get("callback_secret", "")
    if bool(user) != bool(secret):
        missing = "callback_secret" if user else "callback_user"
        raise InvalidCredential([Violation(missing, "is required together with the other of the two")])


def statuses(callback: Callback, *, user: str, secret: str, now: datetime) -> Sequence[Receipt]:
    """What Huawei reports; states that are not the end are left out.

    Args:
        callback: the request.
        user: as in the console; empty: no signature is asked for.
        secret: as in the console.
        now: the time.

    Raises:
        InvalidCallback: the signature is missing, wrong or older than ten minutes, or the body holds no statuses.
    """
    if user:
        _check_signature(callback.headers.get(SIGNATURE, ""), user, secret, now)
    body = object_of(json_of(callback.body), "the body")
    return [receipt for item in objects_of(body.get("statuses"), "statuses") for receipt in _receipt(item)]


def _receipt(item: Mapping[str, object]) -> Iterator[Receipt]:
    inner = item.get("deliveryStatus")
    status = inner if isinstance(inner, dict) else {"result": item.get("status"), "timestamp": item.get("timestamp")}
    code = text_of(status.get("result"))
    token = text_of(item.get("token"))
    if not token or not code or code in NOT_OVER:
        return
    told = STATUSES.get(code) or dropped("a status that the vendor's page does not have")
    yield told.receipt(token, text_of(item.get("biTag")), moment_of(status.get("timestamp")), code)


def _check_signature(header: str, user: str, secret: str, now: datetime) -> None:
    parts = {name.strip(): value.strip() for name, _, value in (part.partition("=") for part in header.split(";"))}
    timestamp, nonce, value = (parts.get(name, "") for name in ("timestamp", "nonce", "value"))
    signed = f"{timestamp}{nonce}{user}".encode(errors="replace")
    # All keys are tried, so that the time taken does not tell which is right.
    is_right = [hmac.compare_digest(_signature(key, signed), value.encode(errors="replace")) for key in _keys(secret)]
    if not any(is_right):
        raise InvalidCallback(f"{SIGNATURE} is missing or not signed with the certificate's callback secret")
    at = moment_of(timestamp)
    if at is None or abs(now - at) > LONGEST_SKEW:
        raise InvalidCallback(f"{SIGNATURE} is older than ten minutes, or the clocks differ by that")


def _signature(key: bytes, signed: bytes) -> bytes:
    return base64.b64encode(hmac.digest(key, signed, "sha256"))


def _keys(secret: str) -> Sequence[bytes]:
    plain = secret.encode()
    try:
        return plain, base64.b64decode(plain, validate=True)
    except binascii.Error:
        return (plain,)
