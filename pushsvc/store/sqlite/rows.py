"""Rows of the store as domain values, and what goes into a row. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from pushsvc.domain import (
    CertHealth,
    CertState,
    Delivery,
    DeliveryEvent,
    DeliveryRecord,
    DeliveryState,
    Message,
    Reason,
    Registration,
    registration_id_prefix,
)
from pushsvc.store.notification_json import dump_notification, load_notification

Row = Sequence[Any]

MESSAGE_COLUMNS = (
    *("message_id", "app_id", "user_ids", "notification", "created_at_ms", "due_at_ms", "expires_at_ms"),
    *("idempotency_key", "fingerprint", "content_id"),
)

REGISTRATION_COLUMNS = """registration_key, app_id, user_id, device_id, cert_id, vendor, registration_id, version,
  registered_at_ms"""

DELIVERY_COLUMNS = (
    "message_id",
    "number",
    "user_id",
    "device_id",
    "vendor",
    "cert_id",
    "registration_id",
    "state",
    "reason",
    "vendor_code",
    "vendor_reason",
    "advice",
    "vendor_message_id",
    "attempts",
    "truncated",
    "ignored",
    "due_at_ms",
    "updated_at_ms",
    "timeline",
)

# What of a delivery's timeline is kept: the accept, and this many of the last steps.
TIMELINE_STEPS = 20

_ARRAYS = (tuple, list)


def json_array(values: Iterable[object]) -> str:
    """Set input for `json_each`."""
    return orjson.dumps(values if isinstance(values, _ARRAYS) else list(values)).decode()


def storable(text: str) -> str:
    """The text without what UTF-8 can't say: a vendor's odd words must not keep its answer from being stored."""
    return text if text.isascii() else text.encode(errors="replace").decode()


def message_row(message: Message) -> Row:
    """In the order of MESSAGE_COLUMNS."""
    return (
        message.message_id,
        message.app_id,
        json_array(message.user_ids),
        dump_notification(message.notification),
        message.created_at_ms,
        message.due_at_ms,
        message.expires_at_ms,
        message.idempotency_key or None,
        message.fingerprint,
        message.content_id,
    )


def message_from_row(row: Row) -> Message:
    """From the order of MESSAGE_COLUMNS."""
    (message_id, app_id, user_ids, notification, created_at_ms, due_at_ms, expires_at_ms) = row[:7]
    key, fingerprint, content_id = row[7:]
    return Message(
        message_id=message_id,
        app_id=app_id,
        user_ids=tuple(orjson.loads(user_ids)),
        notification=load_notification(notification),
        created_at_ms=created_at_ms,
        due_at_ms=due_at_ms,
        expires_at_ms=expires_at_ms,
        idempotency_key=key or "",
        fingerprint=fingerprint,
        content_id=content_id,
    )


def registration_row(registration: Registration) -> Row:
    """In the order of REGISTRATION_COLUMNS."""
    return (
        registration.registration_key,
        registration.app_id,
        registration.user_id,
        registration.device_id,
        registration.cert_id,
        registration.vendor,
        registration.registration_id,
        registration.version,
        registration.registered_at_ms,
    )


def registration_from_row(row: Row) -> Registration:
    """From the order of REGISTRATION_COLUMNS."""
    key, app_id, user_id, device_id, cert_id, vendor, registration_id, version, registered_at_ms = row
    return Registration(
        registration_key=key,
        app_id=app_id,
        user_id=user_id,
        device_id=device_id,
        cert_id=cert_id,
        vendor=vendor,
        registration_id=registration_id,
        version=version,
        registered_at_ms=registered_at_ms,
    )


def delivery_from_row(row: Row, message: Message) -> Delivery:
    """From the order of `deliveries.CLAIM`."""
    (message_id, number, user_id, device_id, vendor, cert_id) = row[:6]
    (registration_key, version, registration_id, attempts, due_at_ms) = row[6:]
    return Delivery(
        message=message,
        key=(message_id, number),
        user_id=user_id,
        device_id=device_id,
        vendor=vendor,
        cert_id=cert_id,
        registration_key=registration_key,
        registration_version=version,
        registration_id=registration_id,
        attempts=attempts,
        due_at_ms=due_at_ms,
    )


def record_from_row(row: Row, *, timeline_of: Message | None = None) -> DeliveryRecord:
    """From the order of DELIVERY_COLUMNS.

    Args:
        row: the delivery's.
        timeline_of: its message, for a record with a timeline.
    """
    (message_id, number, user_id, device_id, vendor, cert_id, registration_id, state, reason) = row[:9]
    (vendor_code, vendor_reason, advice, vendor_message_id, attempts, truncated, ignored) = row[9:16]
    due_at_ms, updated_at_ms, steps = row[16:]
    return DeliveryRecord(
        message_id=message_id,
        number=number,
        user_id=user_id,
        device_id=device_id,
        vendor=vendor,
        cert_id=cert_id,
        registration_id_prefix=registration_id_prefix(registration_id),
        state=DeliveryState(state),
        reason=Reason(reason),
        vendor_code=vendor_code,
        vendor_reason=vendor_reason,
        advice=advice,
        vendor_message_id=vendor_message_id,
        attempts=attempts,
        truncated=tuple(truncated.split()),
        ignored=tuple(ignored.split()),
        next_attempt_at_ms=due_at_ms if state == DeliveryState.PENDING else 0,
        updated_at_ms=updated_at_ms,
        timeline=() if timeline_of is None else _timeline(timeline_of, steps),
    )


def event_json(event: DeliveryEvent) -> str:
    """One step of a timeline as it is stored."""
    step = [event.at_ms, event.state, event.reason, storable(event.vendor_code), storable(event.detail)]
    return orjson.dumps(step).decode()


def _timeline(message: Message, steps: str | None) -> Sequence[DeliveryEvent]:
    accepted = DeliveryEvent(at_ms=message.created_at_ms, state=DeliveryState.PENDING, detail="accepted")
    return (accepted, *(_event(*step) for step in orjson.loads(steps or "[]")))


def _event(at_ms: int, state: int, reason: int, vendor_code: str, detail: str) -> DeliveryEvent:
    return DeliveryEvent(
        at_ms=at_ms, state=DeliveryState(state), reason=Reason(reason), vendor_code=vendor_code, detail=detail
    )


def dump_health(health: CertHealth) -> str:
    """The health as a JSON object."""
    fields = {
        "state": health.state,
        "since_ms": health.since_ms,
        "vendor_code": storable(health.vendor_code),
        "vendor_reason": storable(health.vendor_reason),
        "advice": storable(health.advice),
        "next_probe_ms": health.next_probe_ms,
    }
    return orjson.dumps(fields).decode()


def load_health(text: str) -> CertHealth:
    """The health of a JSON object."""
    fields = orjson.loads(text)
    return CertHealth(**{**fields, "state": CertState(fields["state"])})
