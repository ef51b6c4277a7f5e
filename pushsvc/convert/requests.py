"""Requests to domain values. Every fault of a request is collected before any is reported."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import NoReturn

from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct

from pushsvc import checks
from pushsvc.certs import CertEdit
from pushsvc.convert import categories
from pushsvc.domain import CertDefaults, Registration
from pushsvc.errors import InvalidRequest, NotFound
from pushsvc.sending import Order
from pushsvc.store.base import RegistrationSelector
from pushsvc.v1 import cert_pb2, notification_pb2, push_service_pb2
from vendors.contract import (
    Badge,
    BadgeKind,
    Category,
    ClickAction,
    ClickKind,
    Notification,
    Violation,
)

DEFAULT_TTL_MS = 24 * 3_600_000
MIN_TTL_MS = 1_000
MAX_TTL_MS = 14 * 24 * 3_600_000
MAX_DELIVER_AFTER_MS = 7 * 24 * 3_600_000
MAX_BATCH = 1_000
MAX_BATCH_USERS = 10_000
MAX_DIGITS = 19
MAX_TARGETS_PER_SECOND = 100_000
# gRPC carries the faults in the trailers, of which clients take 8 KiB.
MAX_NAMED_USERS = 10
NANOS = 1_000_000_000

_CLICK_CHECKS = {
    ClickKind.URL: checks.url,
    ClickKind.ACTIVITY: checks.activity,
    ClickKind.INTENT_ACTION: checks.intent_action,
    ClickKind.INTENT_URI: checks.intent_uri,
}


class _Faults(list[Violation]):
    """The faults of one request, by field."""

    def add(self, field: str, fault: str) -> None:
        """Notes a fault; an empty one is none."""
        if fault:
            self.append(Violation(field, fault))

    def done(self) -> None:
        """Raises InvalidRequest if there was any."""
        if self:
            raise InvalidRequest(self)


def orders(
    request: push_service_pb2.SendOfflineBatchRequest, *, now_ms: int
) -> tuple[Iterator[Order | InvalidRequest], int]:
    """The sends of a batch, and how many users it names, each as often as it does.

    A send is as by `order`, or what is wrong with it; they are read one after the other as they are asked for.
    """
    faults = _Faults()
    count = len(request.requests)
    if not 1 <= count <= MAX_BATCH:
        faults.add("requests", f"has {count} entries; 1 to {MAX_BATCH} are allowed")
    users = sum(len(each.user_ids) for each in request.requests)
    if users > MAX_BATCH_USERS:
        faults.add("requests", f"has {users} user_ids in all; at most {MAX_BATCH_USERS} are allowed")
    faults.done()
    return (_order_or_faults(each, now_ms) for each in request.requests), users


def _order_or_faults(request: push_service_pb2.SendOfflineRequest, now_ms: int) -> Order | InvalidRequest:
    try:
        return order(request, now_ms=now_ms, is_in_batch=True)
    except InvalidRequest as error:
        return error


def order(request: push_service_pb2.SendOfflineRequest, *, now_ms: int, is_in_batch: bool = False) -> Order:
    """A send, checked but for vendor options."""
    faults = _Faults()
    if is_in_batch and request.wait:
        faults.add("wait", "is not for a batch; ask GetMessage what became of it")
    app_id = request.app_id
    faults.add("app_id", checks.required_text(app_id, checks.MAX_APP_ID))
    user_ids = request.user_ids[:]  # a list; list() asks protobuf for each of them
    _check_users(user_ids, faults)
    notification = _notification(request, faults)
    ttl_ms = _ttl_ms(request, faults)
    deliver_after_ms = _deliver_after_ms(request, now_ms, faults)
    if idempotency_key := request.idempotency_key:
        faults.add("idempotency_key", checks.text(idempotency_key, checks.MAX_IDEMPOTENCY_KEY))
    faults.done()
    return Order(
        app_id=app_id,
        user_ids=tuple(dict.fromkeys(user_ids) if len(user_ids) > 1 else user_ids),
        notification=notification,
        ttl_ms=ttl_ms,
        deliver_after_ms=deliver_after_ms,
        idempotency_key=idempotency_key,
        fingerprint=_fingerprint(request) if idempotency_key else "",
    )


def registration(request: push_service_pb2.RegisterTokenRequest) -> Registration:
    """A login."""
    faults = _Faults()
    faults.add("app_id", checks.required_text(request.app_id, checks.MAX_APP_ID))
    faults.add("user_id", checks.required_text(request.user_id, checks.MAX_USER_ID))
    faults.add("cert_id", _cert_id_fault(request.cert_id))
    faults.add("registration_id", checks.required_text(request.registration_id, checks.MAX_REGISTRATION_ID))
    faults.add("device_id", checks.text(request.device_id, checks.MAX_DEVICE_ID))
    faults.done()
    return Registration(
        app_id=request.app_id,
        user_id=request.user_id,
        device_id=request.device_id,
        cert_id=request.cert_id,
        vendor="",
        registration_id=request.registration_id,
    )


def logout_selector(request: push_service_pb2.UnregisterTokenRequest) -> RegistrationSelector:
    """Which phones log out."""
    faults = _Faults()
    faults.add("app_id", checks.required_text(request.app_id, checks.MAX_APP_ID))
    if not request.registration_id:
        faults.add("user_id", checks.required_text(request.user_id, checks.MAX_USER_ID))
    faults.add("device_id", checks.text(request.device_id, checks.MAX_DEVICE_ID))
    if request.device_id and not request.user_id:
        faults.add("device_id", "needs user_id: device ids are unique within a user only")
    faults.add("registration_id", checks.text(request.registration_id, checks.MAX_REGISTRATION_ID))
    faults.done()
    return RegistrationSelector(
        app_id=request.app_id,
        user_id=request.user_id,
        device_id=request.device_id,
        registration_id=request.registration_id,
    )


def user(request: push_service_pb2.ListTokensRequest) -> tuple[str, str]:
    """App id and user id."""
    faults = _Faults()
    faults.add("app_id", checks.required_text(request.app_id, checks.MAX_APP_ID))
    faults.add("user_id", checks.required_text(request.user_id, checks.MAX_USER_ID))
    faults.done()
    return request.app_id, request.user_id


def app(app_id: str) -> str:
    """An app id."""
    faults = _Faults()
    faults.add("app_id", checks.required_text(app_id, checks.MAX_APP_ID))
    faults.done()
    return app_id


def cert_key(app_id: str, cert_id: int) -> tuple[str, int]:
    """App id and cert id."""
    faults = _Faults()
    faults.add("app_id", checks.required_text(app_id, checks.MAX_APP_ID))
    faults.add("cert_id", _cert_id_fault(cert_id))
    faults.done()
    return app_id, cert_id


def message_key(
    request: push_service_pb2.GetMessageRequest | push_service_pb2.CancelMessageRequest,
) -> tuple[str, int]:
    """App id and message id."""
    app_id = app(request.app_id)
    message_id = _number(request.message_id)
    if message_id is None:
        _not_found(app_id, request.message_id)
    return app_id, message_id


def watch(request: push_service_pb2.WatchDeliveriesRequest) -> tuple[str, int | None]:
    """App id and the position to go on behind; None: from now on."""
    faults = _Faults()
    faults.add("app_id", checks.required_text(request.app_id, checks.MAX_APP_ID))
    position = _number(request.cursor)
    if request.cursor and position is None:
        faults.add("cursor", "is not one that WatchDeliveries gave")
    faults.done()
    return request.app_id, position


def cert_edit(request: push_service_pb2.UpsertCertRequest) -> CertEdit:
    """A cert to create or edit, checked but for what its plug-in knows."""
    cert = request.cert
    faults = _Faults()
    faults.add("cert.app_id", checks.required_text(cert.app_id, checks.MAX_APP_ID))
    if not cert.cert_id:
        faults.add("cert.vendor", "" if cert.vendor else "is required")
    elif cert.cert_id < 0:
        faults.add("cert.cert_id", "must not be negative")
    faults.add("cert.display_name", checks.text(cert.display_name, checks.MAX_DISPLAY_NAME))
    faults.add("cert.base_url", checks.base_url(cert.base_url))
    rate = cert.targets_per_second if cert.HasField("targets_per_second") else None
    if rate is not None and not 0 <= rate <= MAX_TARGETS_PER_SECOND:
        faults.add("cert.targets_per_second", f"is {rate}; 0 to {MAX_TARGETS_PER_SECOND} are allowed")
    defaults = _defaults(cert.defaults, faults) if cert.HasField("defaults") else None
    faults.done()
    return CertEdit(
        app_id=cert.app_id,
        cert_id=cert.cert_id,
        vendor=cert.vendor,
        display_name=cert.display_name,
        credential=dict(cert.credential),
        defaults=defaults,
        base_url=cert.base_url if cert.HasField("base_url") else None,
        targets_per_second=rate,
    )


def _check_users(user_ids: Sequence[str], faults: _Faults) -> None:
    if not user_ids:
        faults.add("user_ids", "is required")
    elif len(user_ids) > checks.MAX_USERS:
        faults.add("user_ids", f"has {len(user_ids)} entries; at most {checks.MAX_USERS} are allowed")
    else:
        faulty = [
            (at, fault)
            for at, user_id in enumerate(user_ids)
            if (fault := checks.required_text(user_id, checks.MAX_USER_ID))
        ]
        for at, fault in faulty[:MAX_NAMED_USERS]:
            faults.add(f"user_ids[{at}]", fault)
        if len(faulty) > MAX_NAMED_USERS:
            faults.add("user_ids", f"has {len(faulty)} faulty entries, of which the first {MAX_NAMED_USERS} are named")


def _notification(request: push_service_pb2.SendOfflineRequest, faults: _Faults) -> Notification:
    given = request.notification
    # Each look at a field is a call into protobuf, and most sends have few.
    title, body, ext = given.title, given.body, given.ext
    channel_id, collapse_id, sound = given.channel_id, given.collapse_id, given.sound
    faults.add("notification.title", checks.required_text(title, checks.MAX_TITLE))
    faults.add("notification.body", checks.required_text(body, checks.MAX_BODY))
    if ext:
        faults.add("notification.ext", checks.ext(ext))
    if channel_id:
        faults.add("notification.channel_id", checks.text(channel_id, checks.MAX_CHANNEL_ID))
    if collapse_id:
        faults.add("notification.collapse_id", checks.text(collapse_id, checks.MAX_COLLAPSE_ID))
    if sound:
        faults.add("notification.sound", checks.sound(sound))
    return Notification(
        title=title,
        body=body,
        ext=ext,
        click_action=_click_action(given, "notification", faults),
        channel_id=channel_id,
        category=_category(given.category, "notification", faults),
        collapse_id=collapse_id,
        badge=_badge(given, faults),
        sound=sound,
        vendor_options=_vendor_options(given, faults) if given.vendor_options else {},
    )


def _vendor_options(given: notification_pb2.Notification, faults: _Faults) -> Mapping[str, Mapping[str, object]]:
    return {
        name: _plain(options, f"notification.vendor_options.{name}", faults)
        for name, options in given.vendor_options.items()
    }


def _defaults(given: cert_pb2.CertDefaults, faults: _Faults) -> CertDefaults:
    faults.add("cert.defaults.channel_id", checks.text(given.channel_id, checks.MAX_CHANNEL_ID))
    return CertDefaults(
        channel_id=given.channel_id,
        click_action=_click_action(given, "cert.defaults", faults) or ClickAction(),
        category=_category(given.category, "cert.defaults", faults) or Category.IM,
        vendor_options=_plain(given.vendor_options, "cert.defaults.vendor_options", faults),
    )


def _click_action(
    owner: notification_pb2.Notification | cert_pb2.CertDefaults, where: str, faults: _Faults
) -> ClickAction | None:
    if not owner.HasField("click_action"):
        return None
    given = owner.click_action
    name = given.WhichOneof("action")
    if name is None:
        return None
    kind = ClickKind(name)
    if kind is ClickKind.OPEN_APP:
        faults.add(f"{where}.click_action.open_app", "" if given.open_app else "can only be true")
        return ClickAction()
    value = str(getattr(given, name))
    faults.add(f"{where}.click_action.{name}", _CLICK_CHECKS[kind](value))
    return ClickAction(kind, value)


def _badge(owner: notification_pb2.Notification, faults: _Faults) -> Badge | None:
    if not owner.HasField("badge"):
        return None
    given = owner.badge
    name = given.WhichOneof("change")
    if name is None:
        return None
    if name == "increment":
        faults.add("notification.badge.increment", "" if given.increment else "can only be true")
        return Badge(BadgeKind.INCREMENT)
    faults.add("notification.badge.count", checks.badge_count(given.count))
    return Badge(BadgeKind.COUNT, given.count)


def _category(number: int, where: str, faults: _Faults) -> Category | None:
    category = categories.BY_NUMBER.get(number)
    if category is None and number:
        faults.add(f"{where}.category", f"{number} is not a category")
    return category


def _ttl_ms(request: push_service_pb2.SendOfflineRequest, faults: _Faults) -> int:
    if not request.HasField("ttl"):
        return DEFAULT_TTL_MS
    seconds, nanos = request.ttl.seconds, request.ttl.nanos
    if abs(nanos) >= NANOS or seconds * nanos < 0:
        faults.add("ttl", f"is not a duration: {nanos} nanos beside {seconds} seconds")
        return DEFAULT_TTL_MS
    ttl_ms = request.ttl.ToMilliseconds()
    if not MIN_TTL_MS <= ttl_ms <= MAX_TTL_MS:
        faults.add("ttl", f"is {ttl_ms / 1000:g} s; 1 s to 14 days are allowed")
    return ttl_ms


def _deliver_after_ms(request: push_service_pb2.SendOfflineRequest, now_ms: int, faults: _Faults) -> int:
    if not request.HasField("deliver_after"):
        return 0
    try:
        deliver_after_ms = request.deliver_after.ToMilliseconds()
    except ValueError:
        faults.add("deliver_after", "is not a time between the years 1 and 9999")
        return 0
    if deliver_after_ms > now_ms + MAX_DELIVER_AFTER_MS:
        faults.add("deliver_after", "is more than 7 days ahead")
    return deliver_after_ms


def _fingerprint(request: push_service_pb2.SendOfflineRequest) -> str:
    """Digest of what was asked; waiting for the outcome or not does not make it another message."""
    asked = push_service_pb2.SendOfflineRequest()
    asked.CopyFrom(request)
    asked.wait = False
    return hashlib.sha256(asked.SerializeToString(deterministic=True)).hexdigest()


def _cert_id_fault(cert_id: int) -> str:
    return "" if cert_id > 0 else "is required"


def _plain(struct: Struct, where: str, faults: _Faults) -> Mapping[str, object]:
    try:
        return json_format.MessageToDict(struct)
    except (ValueError, json_format.SerializeToJsonError):
        faults.add(where, "must not hold a number that JSON has not, such as NaN")
        return {}


def _not_found(app_id: str, message_id: str) -> NoReturn:
    raise NotFound(f"app {app_id} has no message {message_id[:40]}")


def _number(digits: str) -> int | None:
    """A number from 0 that fits into 63 bits, as ids and cursors do; None: it isn't one."""
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= MAX_DIGITS):
        return None
    number = int(digits)
    return number if number < 1 << 63 else None
