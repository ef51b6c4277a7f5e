from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from pushsvc.convert import answers, requests
from pushsvc.domain import (
    Cert,
    CertDefaults,
    CertHealth,
    CertState,
    DeliveryEvent,
    DeliveryRecord,
    DeliveryState,
    LaneState,
    Message,
    MessageRecord,
    Reason,
    Registration,
)
from pushsvc.sending import Receipt
from pushsvc.v1 import cert_pb2, delivery_pb2, notification_pb2
from pushsvc.v1 import push_service_pb2 as pb
from vendors import oppo
from vendors.contract import AccessToken, Badge, BadgeKind, Category, ClickAction, ClickKind, Notification
from vendors.outcomes import CredentialRejected, Outcome, Unavailable

NOW = 1_767_225_600_250  # 2026-01-01 00:00:00.250 UTC
THEN = Timestamp(seconds=1_767_225_600, nanos=250_000_000)


def delivery(**changes: object) -> DeliveryRecord:
    fields = {
        "message_id": 9_007_199_254_740_993,
        "number": 3,
        "user_id": "alice",
        "device_id": "tablet",
        "vendor": "oppo",
        "cert_id": 7,
        "registration_id_prefix": "CN_0123",
        "state": DeliveryState.PENDING,
        "updated_at_ms": NOW,
    }
    return DeliveryRecord(**{**fields, **changes})  # type: ignore[arg-type]  # as a test says


def message(notification: Notification, *deliveries: DeliveryRecord) -> MessageRecord:
    return MessageRecord(
        message=Message(
            message_id=9_007_199_254_740_993,
            app_id="im",
            user_ids=["alice", "bob"],
            notification=notification,
            created_at_ms=NOW,
            due_at_ms=NOW,
            expires_at_ms=NOW + 1_000,
            content_id=9_007_199_254_740_993,
        ),
        deliveries=deliveries,
        unreachable_user_ids=["bob"],
    )


@pytest.mark.parametrize(
    "notification",
    [
        Notification(title="Hi", body="text"),
        Notification(title="王小明 👋", body="b", click_action=ClickAction()),
        Notification(title="t", body="b", badge=Badge(BadgeKind.COUNT, 0), sound="chime.mp3"),
        Notification(title="t", body="b", badge=Badge(BadgeKind.COUNT, 99)),
        Notification(title="t", body="b", badge=Badge(BadgeKind.INCREMENT)),
        Notification(title="t", body="b", click_action=ClickAction(ClickKind.URL, "https://example.com")),
        Notification(title="t", body="b", click_action=ClickAction(ClickKind.ACTIVITY, "com.example.Chat")),
        Notification(title="t", body="b", click_action=ClickAction(ClickKind.INTENT_ACTION, "chat.open")),
        Notification(title="t", body="b", click_action=ClickAction(ClickKind.INTENT_URI, "example://chat")),
        Notification(
            title="t",
            body="b",
            ext='{"a": 1}',
            channel_id="calls",
            collapse_id="room",
            vendor_options={"oppo": {"notify_level": 2.0, "texts": ["x", None], "on": True, "in": {}}, "vivo": {}},
        ),
        *(Notification(title="t", body="b", category=category) for category in Category),
    ],
)
def test_a_notification_comes_back_as_it_was_sent(notification: Notification) -> None:
    answer = answers.message(message(notification)).notification
    request = pb.SendOfflineRequest(app_id="im", user_ids=["alice"], notification=answer)

    assert requests.order(request, now_ms=NOW).notification == notification


def test_a_message_says_when_it_was_taken_and_when_it_ends() -> None:
    answer = answers.message(message(Notification(title="Hi", body="text"), delivery()))

    assert answer.message_id == "9007199254740993"
    assert answer.create_time == THEN
    assert answer.expire_time == Timestamp(seconds=1_767_225_601, nanos=250_000_000)
    assert [each.delivery_id for each in answer.deliveries] == ["9007199254740993-3"]
    assert list(answer.unreachable_user_ids) == ["bob"]


def test_a_fresh_delivery_has_no_next_attempt_and_no_timeline() -> None:
    answer = answers.delivery(delivery())

    assert answer.state == delivery_pb2.DELIVERY_STATE_PENDING
    assert answer.reason == delivery_pb2.REASON_UNSPECIFIED
    assert answer.update_time == THEN
    assert not answer.HasField("next_attempt_time")
    assert not answer.timeline


def test_a_delivery_tells_what_the_vendor_said_and_what_happened() -> None:
    answer = answers.delivery(
        delivery(
            reason=Reason.THROTTLED,
            vendor_code="33",
            vendor_reason="limit exceeded",
            advice="slow down",
            attempts=2,
            truncated=("title",),
            next_attempt_at_ms=NOW,
            timeline=[
                DeliveryEvent(
                    at_ms=NOW,
                    state=DeliveryState.PENDING,
                    reason=Reason.THROTTLED,
                    vendor_code="33",
                    detail="limit exceeded; next attempt in 1.0 s",
                )
            ],
        )
    )

    assert answer == delivery_pb2.Delivery(
        delivery_id="9007199254740993-3",
        user_id="alice",
        device_id="tablet",
        vendor="oppo",
        cert_id=7,
        state=delivery_pb2.DELIVERY_STATE_PENDING,
        reason=delivery_pb2.REASON_THROTTLED,
        vendor_code="33",
        vendor_reason="limit exceeded",
        advice="slow down",
        attempts=2,
        truncated=["title"],
        next_attempt_time=THEN,
        update_time=THEN,
        timeline=[
            delivery_pb2.DeliveryEvent(
                time=THEN,
                state=delivery_pb2.DELIVERY_STATE_PENDING,
                reason=delivery_pb2.REASON_THROTTLED,
                vendor_code="33",
                detail="limit exceeded; next attempt in 1.0 s",
            )
        ],
        registration_id_prefix="CN_0123",
    )


@pytest.mark.parametrize("state", list(DeliveryState))
def test_every_state_has_its_namesake_in_the_api(state: DeliveryState) -> None:
    answer = answers.delivery(delivery(state=state))

    assert delivery_pb2.DeliveryState.Name(answer.state) == f"DELIVERY_STATE_{state.name}"


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.NONE])
def test_every_reason_has_its_namesake_in_the_api(reason: Reason) -> None:
    answer = answers.delivery(delivery(reason=reason))

    assert delivery_pb2.Reason.Name(answer.reason) == f"REASON_{reason.name}"


def test_a_repeat_is_marked_as_one() -> None:
    receipt = Receipt(message_id=5, deliveries=[delivery()], unreachable_user_ids=["bob"], is_repeat=True)

    answer = answers.sent(receipt)

    assert (answer.message_id, answer.deduplicated) == ("5", True)
    assert list(answer.unreachable_user_ids) == ["bob"]


def test_a_registration_says_when_it_was_made() -> None:
    stored = Registration(
        app_id="im",
        user_id="alice",
        device_id="tablet",
        cert_id=7,
        vendor="oppo",
        registration_id="CN_1",
        registration_key=4,
        registered_at_ms=NOW,
    )

    assert answers.registration(stored) == pb.Registration(
        app_id="im",
        user_id="alice",
        device_id="tablet",
        vendor="oppo",
        cert_id=7,
        registration_id="CN_1",
        register_time=THEN,
    )


CERT = Cert(
    cert_id=7,
    app_id="im",
    vendor="oppo",
    display_name="Chat",
    credential={"app_key": "made-up-app-key", "master_secret": "made-up-master-secret"},
    credential_version=2,
    defaults=CertDefaults(
        channel_id="chat",
        click_action=ClickAction(ClickKind.ACTIVITY, "com.example.Chat"),
        category=Category.TODO,
        vendor_options={"notify_level": 2.0},
    ),
    base_url="http://127.0.0.1:9090/oppo",
    health=CertHealth(
        state=CertState.REJECTED, since_ms=NOW, vendor_code="15", vendor_reason="no", advice="mend", next_probe_ms=NOW
    ),
    created_at_ms=NOW,
    updated_at_ms=NOW,
)


def test_a_cert_shows_its_harmless_fields_and_of_secrets_only_a_fingerprint() -> None:
    answer = answers.cert(CERT, secret_fields={"master_secret": "1a2b3c4d"}, pending_deliveries=12, lane=LaneState())

    assert dict(answer.credential) == {"app_key": "made-up-app-key"}
    assert list(answer.secrets) == [cert_pb2.SecretField(name="master_secret", fingerprint="1a2b3c4d")]
    assert "made-up-master-secret" not in str(answer)
    assert b"made-up-master-secret" not in answer.SerializeToString()
    assert answer.pending_deliveries == 12


def test_a_cert_of_a_vendor_nobody_knows_shows_nothing_of_its_credential() -> None:
    answer = answers.cert(
        CERT, secret_fields={"app_key": "0a0a0a0a", "master_secret": "1a2b3c4d"}, pending_deliveries=0, lane=LaneState()
    )

    assert dict(answer.credential) == {}
    assert "made-up" not in str(answer)


def test_a_cert_shows_its_defaults_health_and_times() -> None:
    answer = answers.cert(CERT, secret_fields={"master_secret": "1a2b3c4d"}, pending_deliveries=0, lane=LaneState())

    assert (answer.app_id, answer.cert_id, answer.vendor, answer.display_name) == ("im", 7, "oppo", "Chat")
    assert answer.base_url == "http://127.0.0.1:9090/oppo"
    assert answer.defaults.click_action == notification_pb2.ClickAction(activity="com.example.Chat")
    assert answer.defaults.category == notification_pb2.CATEGORY_TODO
    assert answer.health == cert_pb2.CertHealth(
        state=cert_pb2.CERT_STATE_REJECTED,
        vendor_code="15",
        vendor_reason="no",
        advice="mend",
        since_time=THEN,
        next_probe_time=THEN,
    )
    assert (answer.create_time, answer.update_time) == (THEN, THEN)


def test_a_cert_shows_how_its_deliveries_are_handed_over() -> None:
    lane = LaneState(next_probe_ms=THEN.ToMilliseconds(), per_second=97.26)

    answer = answers.cert(CERT, secret_fields={}, pending_deliveries=0, lane=lane)

    assert answer.lane == cert_pb2.LaneState(next_probe_time=THEN, targets_per_second=97.3)


def test_a_certs_answer_edits_it_into_what_it_was() -> None:
    answer = answers.cert(CERT, secret_fields={"master_secret": "1a2b3c4d"}, pending_deliveries=0, lane=LaneState())

    edit = requests.cert_edit(pb.UpsertCertRequest(cert=answer))

    assert edit.defaults == CERT.defaults
    assert (edit.cert_id, edit.base_url, edit.display_name) == (7, CERT.base_url, "Chat")


def test_a_vendor_tells_its_fields_limits_and_abilities() -> None:
    answer = answers.vendor(oppo)

    assert (answer.name, answer.label) == ("oppo", "OPPO")
    secrets = {field.name for field in answer.credential_fields if field.secret}
    assert secrets == {"master_secret"}
    assert answer.capabilities.max_ttl.seconds == 10 * 86_400
    assert answer.capabilities.batching == "any_content"
    assert list(answer.capabilities.click_actions) == ["open_app", "url", "activity", "intent_action", "intent_uri"]


TOKEN = AccessToken(
    value="made-up-access-token",
    refresh_at=datetime(2026, 1, 1, tzinfo=UTC),
    expires_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=1),
)


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        (None, pb.VERDICT_NOT_SUPPORTED),
        (TOKEN, pb.VERDICT_ACCEPTED),
        (CredentialRejected(vendor_code="15", vendor_reason="no", advice="mend"), pb.VERDICT_REJECTED),
        (Unavailable(vendor_code="15", vendor_reason="no", advice="mend", ambiguous=False), pb.VERDICT_UNKNOWN),
    ],
)
def test_a_verdict_tells_what_the_vendor_said_and_never_the_token(
    said: AccessToken | Outcome | None, verdict: pb.Verdict.ValueType
) -> None:
    answer = answers.verdict(said)

    assert answer.verdict == verdict
    assert "made-up-access-token" not in str(answer)
    if isinstance(said, Outcome):
        assert (answer.vendor_code, answer.vendor_reason, answer.advice) == ("15", "no", "mend")
