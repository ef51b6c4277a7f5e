"""Domain values to answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from google.protobuf import json_format
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from pushsvc.convert import categories
from pushsvc.convert.refusals import refusal_of
from pushsvc.domain import (
    Cert,
    CertDefaults,
    Delivery,
    DeliveryEvent,
    DeliveryRecord,
    DeliveryState,
    LaneState,
    MessageRecord,
    Registration,
    StoppedClass,
    registration_id_prefix,
)
from pushsvc.errors import PushError
from pushsvc.sending import Receipt
from pushsvc.store.base import Changes
from pushsvc.v1 import cert_pb2, delivery_pb2, notification_pb2, push_service_pb2
from vendors.contract import AccessToken, Badge, BadgeKind, Category, ClickAction, ClickKind, Notification, Vendor
from vendors.outcomes import CredentialRejected, Outcome
from vendors.receipts import ReceiptKind


def sent(receipt: Receipt) -> push_service_pb2.SendOfflineResponse:
    """What was accepted."""
    answer = push_service_pb2.SendOfflineResponse()
    _fill(answer, receipt)
    return answer


def batch_sent(results: Sequence[Receipt | PushError]) -> push_service_pb2.SendOfflineBatchResponse:
    """What was accepted of a batch."""
    answer = push_service_pb2.SendOfflineBatchResponse()
    for each in results:
        result = answer.results.add()
        if isinstance(each, Receipt):
            _fill(result.accepted, each)
        else:
            result.refused.CopyFrom(_refused(each))
    return answer


def _fill(answer: push_service_pb2.SendOfflineResponse, receipt: Receipt) -> None:
    """In place: protobuf copies a message that is put into another."""
    answer.message_id = str(receipt.message_id)
    for each in receipt.deliveries:
        if isinstance(each, Delivery):
            _add_fresh(answer, each)
        else:
            answer.deliveries.append(delivery(each))
    if receipt.unreachable_user_ids:
        answer.unreachable_user_ids.extend(receipt.unreachable_user_ids)
    if receipt.is_repeat:
        answer.deduplicated = True


def _add_fresh(answer: push_service_pb2.SendOfflineResponse, delivery: Delivery) -> None:
    fresh = answer.deliveries.add()
    fresh.CopyFrom(_accepted_at(delivery.message.created_at_ms, delivery.vendor, delivery.cert_id))
    message_id, number = delivery.key
    fresh.delivery_id = f"{message_id}-{number}"
    fresh.user_id = delivery.user_id
    if delivery.device_id:
        fresh.device_id = delivery.device_id
    fresh.registration_id_prefix = registration_id_prefix(delivery.registration_id)


@lru_cache(maxsize=256)
def _accepted_at(time_ms: int, vendor: str, cert_id: int) -> delivery_pb2.Delivery:
    """What the fresh deliveries of a cert have in common; each copies it."""
    return delivery_pb2.Delivery(
        vendor=vendor, cert_id=cert_id, state=delivery_pb2.DELIVERY_STATE_PENDING, update_time=_time(time_ms)
    )


def _refused(error: PushError) -> push_service_pb2.SendOfflineRefusal:
    refusal = refusal_of(error)
    refused = push_service_pb2.SendOfflineRefusal(
        code=refusal.code.value[0],
        message=refusal.words,
        field_violations=[
            push_service_pb2.FieldViolation(field=each.field, description=each.text) for each in refusal.violations
        ],
    )
    if refusal.retry_after is not None:
        refused.retry_delay.FromTimedelta(refusal.retry_after)
    return refused


def message(record: MessageRecord) -> push_service_pb2.GetMessageResponse:
    """A message and what became of it."""
    return push_service_pb2.GetMessageResponse(
        message_id=str(record.message.message_id),
        notification=_notification_answer(record.message.notification),
        create_time=_time(record.message.created_at_ms),
        expire_time=_time(record.message.expires_at_ms),
        deliveries=[delivery(each) for each in record.deliveries],
        unreachable_user_ids=record.unreachable_user_ids,
    )


def changes(page: Changes) -> push_service_pb2.WatchDeliveriesResponse:
    """What changed, and where to go on."""
    return push_service_pb2.WatchDeliveriesResponse(
        cursor=str(page.position), deliveries=[delivery(each) for each in page.deliveries]
    )


def delivery(record: DeliveryRecord) -> delivery_pb2.Delivery:
    """A delivery as it stands."""
    answer = delivery_pb2.Delivery(
        delivery_id=f"{record.message_id}-{record.number}",
        user_id=record.user_id,
        device_id=record.device_id,
        vendor=record.vendor,
        cert_id=record.cert_id,
        state=_state(record.state),
        reason=delivery_pb2.Reason.ValueType(record.reason),
        vendor_code=record.vendor_code,
        vendor_reason=record.vendor_reason,
        advice=record.advice,
        vendor_message_id=record.vendor_message_id,
        attempts=record.attempts,
        truncated=record.truncated,
        ignored=record.ignored,
        update_time=_time(record.updated_at_ms),
        registration_id_prefix=record.registration_id_prefix,
    )
    if record.next_attempt_at_ms:
        answer.next_attempt_time.CopyFrom(_time(record.next_attempt_at_ms))
    if record.timeline:
        answer.timeline.extend(_event(each) for each in record.timeline)
    return answer


def registration(stored: Registration) -> push_service_pb2.Registration:
    """A registration as it stands."""
    return push_service_pb2.Registration(
        app_id=stored.app_id,
        user_id=stored.user_id,
        device_id=stored.device_id,
        vendor=stored.vendor,
        cert_id=stored.cert_id,
        registration_id=stored.registration_id,
        register_time=_time(stored.registered_at_ms),
    )


def cert(
    stored: Cert, *, secret_fields: Mapping[str, str], pending_deliveries: int, lane: LaneState, receipt_url: str = ""
) -> cert_pb2.Cert:
    """A cert without its secrets.

    Args:
        stored: the cert.
        secret_fields: fingerprint of each secret field that is set.
        pending_deliveries: what waits.
        lane: how it is handed over.
        receipt_url: where its vendor reports; empty: nowhere.
    """
    health = cert_pb2.CertHealth(
        state=cert_pb2.CertState.ValueType(stored.health.state),
        vendor_code=stored.health.vendor_code,
        vendor_reason=stored.health.vendor_reason,
        advice=stored.health.advice,
        since_time=_time(stored.health.since_ms),
    )
    if stored.health.next_probe_ms:
        health.next_probe_time.CopyFrom(_time(stored.health.next_probe_ms))
    lane_state = cert_pb2.LaneState(
        targets_per_second=round(lane.per_second, 1), stopped_classes=[_stopped(each) for each in lane.stopped]
    )
    if lane.next_probe_ms:
        lane_state.next_probe_time.CopyFrom(_time(lane.next_probe_ms))
    return cert_pb2.Cert(
        app_id=stored.app_id,
        cert_id=stored.cert_id,
        vendor=stored.vendor,
        display_name=stored.display_name,
        credential={name: value for name, value in stored.credential.items() if name not in secret_fields},
        defaults=_defaults_answer(stored.defaults),
        base_url=stored.base_url,
        secrets=[cert_pb2.SecretField(name=name, fingerprint=digits) for name, digits in secret_fields.items()],
        health=health,
        pending_deliveries=pending_deliveries,
        lane=lane_state,
        receipt_url=receipt_url,
        targets_per_second=stored.targets_per_second,
        create_time=_time(stored.created_at_ms),
        update_time=_time(stored.updated_at_ms),
    )


def _stopped(stopped: StoppedClass) -> cert_pb2.StoppedClass:
    return cert_pb2.StoppedClass(
        category=categories.NUMBERS[stopped.category],
        channel_id=stopped.channel_id,
        until_time=_time(stopped.until_ms),
        vendor_code=stopped.vendor_code,
        vendor_reason=stopped.vendor_reason,
        advice=stopped.advice,
    )


def vendor(plug_in: Vendor[Any]) -> push_service_pb2.Vendor:
    """A plug-in described well enough to draw a form from."""
    can = plug_in.CAPABILITIES
    max_ttl = Duration()
    max_ttl.FromTimedelta(can.max_ttl)
    return push_service_pb2.Vendor(
        name=plug_in.NAME,
        label=plug_in.LABEL,
        credential_fields=[
            push_service_pb2.CredentialField(
                name=each.name,
                label=each.label,
                secret=each.secret,
                required=each.required,
                help=each.help,
                pattern=each.pattern,
            )
            for each in plug_in.CREDENTIAL_FIELDS
        ],
        capabilities=push_service_pb2.VendorCapabilities(
            title_limit=can.title_limit,
            body_limit=can.body_limit,
            ext_limit=can.ext_limit,
            max_ttl=max_ttl,
            max_targets=can.max_targets,
            batching=can.batching,
            click_actions=[kind for kind in ClickKind if kind in can.click_actions],
            collapse=can.collapse,
            dedup=can.dedup,
            channels=can.channels,
            channel_required=can.channel_required,
            badges=[kind for kind in BadgeKind if kind in can.badges],
            sound=can.sound,
            targets_per_second=can.targets_per_second,
            recall=can.recall,
            receipts=[kind for kind in ReceiptKind if kind in can.receipts],
            categories=[categories.NUMBERS[category] for category in Category if category in can.categories],
        ),
        options=[
            push_service_pb2.VendorOption(name=each.name, type=each.type, help=each.help) for each in plug_in.OPTIONS
        ],
    )


def verdict(said: AccessToken | Outcome | None) -> push_service_pb2.VerifyCertResponse:
    """What a vendor's sign-in said."""
    if said is None:
        return push_service_pb2.VerifyCertResponse(verdict=push_service_pb2.VERDICT_NOT_SUPPORTED)
    if isinstance(said, AccessToken):
        return push_service_pb2.VerifyCertResponse(verdict=push_service_pb2.VERDICT_ACCEPTED)
    is_refusal = isinstance(said, CredentialRejected)
    return push_service_pb2.VerifyCertResponse(
        verdict=push_service_pb2.VERDICT_REJECTED if is_refusal else push_service_pb2.VERDICT_UNKNOWN,
        vendor_code=said.vendor_code,
        vendor_reason=said.vendor_reason,
        advice=said.advice,
    )


def _notification_answer(notification: Notification) -> notification_pb2.Notification:
    answer = notification_pb2.Notification(
        title=notification.title,
        body=notification.body,
        ext=notification.ext,
        channel_id=notification.channel_id,
        category=categories.NUMBERS[notification.category],
        collapse_id=notification.collapse_id,
        badge=_badge_answer(notification.badge),
        sound=notification.sound,
    )
    if notification.click_action is not None:
        answer.click_action.CopyFrom(_click_answer(notification.click_action))
    for name, options in notification.vendor_options.items():
        json_format.ParseDict(dict(options), answer.vendor_options[name])
    return answer


def _defaults_answer(defaults: CertDefaults) -> cert_pb2.CertDefaults:
    answer = cert_pb2.CertDefaults(
        channel_id=defaults.channel_id,
        click_action=_click_answer(defaults.click_action),
        category=categories.NUMBERS[defaults.category],
    )
    json_format.ParseDict(dict(defaults.vendor_options), answer.vendor_options)
    return answer


def _click_answer(action: ClickAction) -> notification_pb2.ClickAction:
    if action.kind is ClickKind.OPEN_APP:
        return notification_pb2.ClickAction(open_app=True)
    answer = notification_pb2.ClickAction()
    setattr(answer, action.kind, action.value)
    return answer


def _badge_answer(badge: Badge | None) -> notification_pb2.Badge | None:
    if badge is None:
        return None
    if badge.kind is BadgeKind.INCREMENT:
        return notification_pb2.Badge(increment=True)
    return notification_pb2.Badge(count=badge.count)


def _event(event: DeliveryEvent) -> delivery_pb2.DeliveryEvent:
    return delivery_pb2.DeliveryEvent(
        time=_time(event.at_ms),
        state=_state(event.state),
        reason=delivery_pb2.Reason.ValueType(event.reason),
        vendor_code=event.vendor_code,
        detail=event.detail,
    )


def _state(state: DeliveryState) -> delivery_pb2.DeliveryState.ValueType:
    return delivery_pb2.DeliveryState.ValueType(state)


@lru_cache(maxsize=256)
def _time(time_ms: int) -> Timestamp:
    """Shared by all answers of a moment, each of which copies it."""
    return Timestamp(seconds=time_ms // 1000, nanos=time_ms % 1000 * 1_000_000)
