"""StoreContract: what every implementation of `pushsvc.store.base.Store` does. Subclass it with a `store` fixture."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest
from msgspec import structs

from pushsvc.domain import (
    Cert,
    CertDefaults,
    CertHealth,
    CertState,
    ChangeCount,
    Delivery,
    DeliveryEvent,
    DeliveryRecord,
    DeliveryState,
    Message,
    Reason,
    Registration,
)
from pushsvc.errors import NotFound, StoreUnavailable
from pushsvc.store.base import (
    Accepted,
    ClaimPosition,
    Forgotten,
    Recall,
    Registered,
    RegistrationSelector,
    Repeated,
    Report,
    Settlement,
    Store,
    StoredAccessToken,
)
from vendors.contract import AccessToken, Badge, BadgeKind, Category, ClickAction, ClickKind, Notification

NOW_MS = 1_790_000_000_000
HOUR_MS = 3_600_000
START = ClaimPosition()
NOTIFICATION = Notification(title="Alice", body="你好")
DELIVERED, CLICKED = DeliveryState.DELIVERED, DeliveryState.CLICKED


def make_cert(*, app_id: str = "im", vendor: str = "oppo") -> Cert:
    return Cert(
        cert_id=0,
        app_id=app_id,
        vendor=vendor,
        display_name="Chat",
        credential={"app_key": "made-up-key", "master_secret": "made-up-secret"},
        credential_version=1,
        defaults=CertDefaults(
            channel_id="tuikit",
            click_action=ClickAction(ClickKind.URL, "https://example.com"),
            category=Category.NEWS,
            vendor_options={"notify_level": 2},
        ),
        base_url="",
        health=CertHealth(),
        created_at_ms=NOW_MS,
        updated_at_ms=NOW_MS,
    )


def make_message(
    message_id: int,
    *user_ids: str,
    app_id: str = "im",
    key: str = "",
    fingerprint: str = "",
    due_at_ms: int = NOW_MS,
    now_ms: int = NOW_MS,
) -> Message:
    return Message(
        message_id=message_id,
        app_id=app_id,
        user_ids=user_ids or ("alice",),
        notification=NOTIFICATION,
        created_at_ms=now_ms,
        due_at_ms=due_at_ms,
        expires_at_ms=due_at_ms + HOUR_MS,
        content_id=message_id,
        idempotency_key=key,
        fingerprint=fingerprint,
    )


def make_registration(
    user_id: str,
    registration_id: str,
    *,
    cert_id: int,
    app_id: str = "im",
    device_id: str = "",
    vendor: str = "oppo",
) -> Registration:
    return Registration(
        app_id=app_id,
        user_id=user_id,
        device_id=device_id,
        cert_id=cert_id,
        vendor=vendor,
        registration_id=registration_id,
    )


def sent(key: tuple[int, int]) -> Settlement:
    return Settlement(
        key=key,
        state=DeliveryState.SENT,
        attempts=1,
        vendor_message_id="oppo-1",
        event=DeliveryEvent(at_ms=NOW_MS + 5, state=DeliveryState.SENT, detail="the vendor took it"),
    )


def report(cert: Cert, content_id: int, registration_id: str, state: DeliveryState, *, vendor_code: str = "") -> Report:
    return Report(
        cert_id=cert.cert_id,
        content_id=content_id,
        registration_id=registration_id,
        state=state,
        vendor_code=vendor_code,
        detail="the vendor reports",
    )


def dead_report(cert: Cert, content_id: int, registration_id: str) -> Report:
    return replace(report(cert, content_id, registration_id, DeliveryState.FAILED), reason=Reason.REGISTRATION_INVALID)


def recall(key: tuple[int, int], *, is_recalled: bool) -> Recall:
    state = DeliveryState.CANCELLED if is_recalled else DeliveryState.SENT
    event = DeliveryEvent(at_ms=NOW_MS + 7, state=state, detail="asked to take it back")
    return Recall(key=key, is_recalled=is_recalled, event=event)


def unavailable(key: tuple[int, int], *, due_at_ms: int, attempts: int = 1) -> Settlement:
    return Settlement(
        key=key,
        state=DeliveryState.PENDING,
        attempts=attempts,
        due_at_ms=due_at_ms,
        reason=Reason.UNAVAILABLE,
        vendor_code="503",
        vendor_reason="busy",
        advice="it is tried again",
        event=DeliveryEvent(
            at_ms=NOW_MS + 5, state=DeliveryState.PENDING, reason=Reason.UNAVAILABLE, vendor_code="503", detail="busy"
        ),
    )


def dead(delivery: Delivery) -> Settlement:
    return Settlement(
        key=delivery.key,
        state=DeliveryState.FAILED,
        attempts=1,
        reason=Reason.REGISTRATION_INVALID,
        vendor_code="10000",
        vendor_reason="invalid registration id",
        advice="the app registers again at its next start",
        event=DeliveryEvent(at_ms=NOW_MS + 5, state=DeliveryState.FAILED, reason=Reason.REGISTRATION_INVALID),
        dead_registration=(delivery.registration_key, delivery.registration_version),
    )


async def register(store: Store, *registrations: Registration) -> Sequence[Registered]:
    return await store.register(registrations, now_ms=NOW_MS)


async def send(store: Store, *messages: Message) -> Sequence[Delivery]:
    answers = await store.accept(messages, now_ms=NOW_MS)
    return [delivery for answer in answers if isinstance(answer, Accepted) for delivery in answer.deliveries]


async def claim_all(store: Store, cert_id: int, *, now_ms: int = NOW_MS) -> Sequence[Delivery]:
    return await store.claim(cert_id, after=START, now_ms=now_ms, limit=1000)


async def read(store: Store, key: tuple[int, int]) -> DeliveryRecord:
    record = await store.message("im", key[0])
    assert record is not None
    return record.deliveries[key[1]]


class StoreContract:
    """Subclasses provide `store`: an empty one, closed afterwards."""

    @pytest.fixture
    async def cert(self, store: Store) -> Cert:
        return await store.add_cert(make_cert())

    # accept

    async def test_a_message_gets_a_delivery_for_each_phone_in_the_order_of_its_users(
        self, store: Store, cert: Cert
    ) -> None:
        await register(
            store,
            make_registration("bob", "CN_bob", cert_id=cert.cert_id),
            make_registration("alice", "CN_alice_1", cert_id=cert.cert_id, device_id="d1"),
            make_registration("alice", "CN_alice_2", cert_id=cert.cert_id, device_id="d2"),
        )
        message = make_message(7, "alice", "nobody", "bob")

        (answer,) = await store.accept([message], now_ms=NOW_MS)

        assert isinstance(answer, Accepted)
        assert answer.unreachable_user_ids == ("nobody",)
        assert [(d.key[1], d.user_id, d.device_id, d.registration_id) for d in answer.deliveries] == [
            (0, "alice", "d1", "CN_alice_1"),
            (1, "alice", "d2", "CN_alice_2"),
            (2, "bob", "", "CN_bob"),
        ]
        assert all(d.message is message and d.cert_id == cert.cert_id for d in answer.deliveries)
        assert all(d.vendor == "oppo" and d.attempts == 0 and d.due_at_ms == NOW_MS for d in answer.deliveries)

    async def test_many_messages_of_many_apps_are_accepted_in_one_call(self, store: Store, cert: Cert) -> None:
        other = await store.add_cert(make_cert(app_id="shop"))
        await register(
            store,
            make_registration("alice", "CN_1", cert_id=cert.cert_id),
            make_registration("alice", "CN_2", cert_id=other.cert_id, app_id="shop"),
        )

        deliveries = await send(
            store, make_message(1), make_message(2, app_id="shop"), make_message(3, "bob"), make_message(4)
        )

        assert [(d.key, d.registration_id) for d in deliveries] == [
            ((1, 0), "CN_1"),
            ((2, 0), "CN_2"),
            ((4, 0), "CN_1"),
        ]

    async def test_what_was_accepted_is_claimed_as_it_was_answered(self, store: Store, cert: Cert) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id, device_id="d1"))
        notification = Notification(
            title="题",
            body="body",
            ext='{"k":"v"}',
            click_action=ClickAction(ClickKind.INTENT_URI, "app://x"),
            channel_id="chat",
            category=Category.IM,
            collapse_id="c",
            badge=Badge(BadgeKind.COUNT, 0),
            sound="chime.mp3",
            vendor_options={"oppo": {"notify_level": 16}},
        )
        message = Message(
            message_id=2**62,
            app_id="im",
            user_ids=("alice", "nobody"),
            notification=notification,
            created_at_ms=NOW_MS,
            due_at_ms=NOW_MS,
            expires_at_ms=NOW_MS + HOUR_MS,
            content_id=2**62 - 1,
            idempotency_key="k",
            fingerprint="f",
        )

        accepted = await send(store, message)

        assert await claim_all(store, cert.cert_id) == accepted

    async def test_a_message_to_nobody_is_kept(self, store: Store) -> None:
        (answer,) = await store.accept([make_message(1, "nobody")], now_ms=NOW_MS)

        assert answer == Accepted(deliveries=[], unreachable_user_ids=("nobody",))
        record = await store.message("im", 1)
        assert record is not None
        assert record.unreachable_user_ids == ("nobody",)

    @pytest.mark.parametrize("user_id", ["é😀", '"]', "' OR 1=1 --", "\\u0041", "a b"])
    async def test_any_user_id_reaches_that_user_and_no_other(self, store: Store, cert: Cert, user_id: str) -> None:
        await register(
            store,
            make_registration(user_id, "CN_1", cert_id=cert.cert_id),
            make_registration("A", "CN_2", cert_id=cert.cert_id),
        )

        deliveries = await send(store, make_message(1, user_id))

        assert [d.registration_id for d in deliveries] == ["CN_1"]

    async def test_a_user_id_with_a_nul_never_reaches_the_user_before_the_nul(self, store: Store, cert: Cert) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))

        assert await send(store, make_message(1, "alice\0x")) == []

    # Idempotency

    async def test_a_repeated_key_gets_the_first_message(self, store: Store, cert: Cert) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        (first,) = await send(store, make_message(1, "alice", "nobody", key="k", fingerprint="f"))
        await store.settle([sent(first.key)])

        later_ms = NOW_MS + 24 * HOUR_MS - 1
        (answer,) = await store.accept([make_message(2, key="k", fingerprint="f", now_ms=later_ms)], now_ms=later_ms)

        assert isinstance(answer, Repeated)
        assert answer.record is not None
        assert answer.record.message.message_id == 1
        assert answer.record.unreachable_user_ids == ("nobody",)
        assert [d.state for d in answer.record.deliveries] == [DeliveryState.SENT]
        assert await store.message("im", 2) is None

    async def test_a_key_with_other_content_is_told_apart(self, store: Store) -> None:
        await send(store, make_message(1, key="k", fingerprint="f"))

        answers = await store.accept([make_message(2, key="k", fingerprint="g")], now_ms=NOW_MS)

        assert answers == [Repeated(record=None)]

    async def test_two_of_one_key_in_one_call_make_one_message(self, store: Store, cert: Cert) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))

        first, second, third = await store.accept(
            [
                make_message(1, key="k", fingerprint="f"),
                make_message(2, key="k", fingerprint="f"),
                make_message(3, key="k", fingerprint="g"),
            ],
            now_ms=NOW_MS,
        )

        assert isinstance(first, Accepted)
        assert isinstance(second, Repeated)
        assert second.record is not None
        assert second.record.message.message_id == 1
        assert third == Repeated(record=None)
        assert len(await claim_all(store, cert.cert_id)) == 1

    async def test_a_key_is_free_again_after_24_hours_and_in_another_app(self, store: Store) -> None:
        await send(store, make_message(1, key="k", fingerprint="f"))
        later_ms = NOW_MS + 24 * HOUR_MS

        answers = await store.accept(
            [
                make_message(2, key="k", fingerprint="g", now_ms=later_ms),
                make_message(3, app_id="shop", key="k", fingerprint="g", now_ms=later_ms),
            ],
            now_ms=later_ms,
        )

        assert [type(answer) for answer in answers] == [Accepted, Accepted]
        (repeat,) = await store.accept([make_message(4, key="k", fingerprint="g")], now_ms=later_ms)
        assert isinstance(repeat, Repeated)
        assert repeat.record is not None
        assert repeat.record.message.message_id == 2

    async def test_concurrent_calls_with_one_key_make_one_message(self, store: Store) -> None:
        answers = await asyncio.gather(
            *(store.accept([make_message(n, key="k", fingerprint="f")], now_ms=NOW_MS) for n in range(1, 21))
        )

        assert sum(isinstance(answer, Accepted) for (answer,) in answers) == 1

    # claim

    async def test_claim_goes_on_after_a_position_in_order_of_due_time_and_id(self, store: Store, cert: Cert) -> None:
        await register(
            store,
            make_registration("alice", "CN_1", cert_id=cert.cert_id, device_id="d1"),
            make_registration("alice", "CN_2", cert_id=cert.cert_id, device_id="d2"),
        )
        await send(store, make_message(1, due_at_ms=NOW_MS + 3), make_message(2, due_at_ms=NOW_MS), make_message(3))

        first = await store.claim(cert.cert_id, after=START, now_ms=NOW_MS + 3, limit=3)
        rest = await store.claim(
            cert.cert_id, after=ClaimPosition(first[-1].due_at_ms, *first[-1].key), now_ms=NOW_MS + 3, limit=9
        )

        assert [d.key for d in first] == [(2, 0), (2, 1), (3, 0)]
        assert [d.key for d in rest] == [(3, 1), (1, 0), (1, 1)]
        assert first[0].message is first[1].message

    async def test_claim_leaves_what_is_not_due_and_what_is_another_certs(self, store: Store, cert: Cert) -> None:
        other = await store.add_cert(make_cert())
        await register(
            store,
            make_registration("alice", "CN_1", cert_id=cert.cert_id),
            make_registration("bob", "CN_2", cert_id=other.cert_id),
        )
        await send(store, make_message(1, due_at_ms=NOW_MS + 1), make_message(2, "bob"))

        assert await claim_all(store, cert.cert_id) == []
        assert [d.key for d in await claim_all(store, cert.cert_id, now_ms=NOW_MS + 1)] == [(1, 0)]

    async def test_the_next_due_time_is_that_of_the_earliest_pending_one_after_the_time(
        self, store: Store, cert: Cert
    ) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        await send(store, make_message(1), make_message(2, due_at_ms=NOW_MS + 9), make_message(3, due_at_ms=NOW_MS + 4))

        assert await store.next_due_ms(cert.cert_id, after_ms=NOW_MS - 1) == NOW_MS
        assert await store.next_due_ms(cert.cert_id, after_ms=NOW_MS) == NOW_MS + 4
        assert await store.next_due_ms(cert.cert_id, after_ms=NOW_MS + 9) is None

    async def test_pending_deliveries_are_counted_by_cert(self, store: Store, cert: Cert) -> None:
        idle = await store.add_cert(make_cert())
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        deliveries = await send(store, make_message(1), make_message(2))

        assert await store.certs_with_pending() == [cert.cert_id]
        assert await store.count_pending([idle.cert_id, cert.cert_id, 999]) == [0, 2, 0]
        await store.settle([sent(delivery.key) for delivery in deliveries])
        assert await store.certs_with_pending() == []

    # settle

    async def test_a_sent_delivery_reads_back_with_its_timeline(self, store: Store, cert: Cert) -> None:
        await register(store, make_registration("alice", "CN_0123456789abcdef", cert_id=cert.cert_id, device_id="d1"))
        (delivery,) = await send(store, make_message(1))

        removed = await store.settle(
            [
                Settlement(
                    key=delivery.key,
                    state=DeliveryState.SENT,
                    attempts=1,
                    vendor_message_id="oppo-1",
                    truncated=("title", "body"),
                    event=DeliveryEvent(at_ms=NOW_MS + 5, state=DeliveryState.SENT, detail="the vendor took it"),
                )
            ]
        )

        assert removed == []
        assert await read(store, delivery.key) == DeliveryRecord(
            message_id=1,
            number=0,
            user_id="alice",
            device_id="d1",
            vendor="oppo",
            cert_id=cert.cert_id,
            registration_id_prefix="CN_012345",
            state=DeliveryState.SENT,
            vendor_message_id="oppo-1",
            attempts=1,
            truncated=("title", "body"),
            updated_at_ms=NOW_MS + 5,
            timeline=(
                DeliveryEvent(at_ms=NOW_MS, state=DeliveryState.PENDING, detail="accepted"),
                DeliveryEvent(at_ms=NOW_MS + 5, state=DeliveryState.SENT, detail="the vendor took it"),
            ),
        )

    async def test_a_delivery_to_be_tried_again_waits_until_it_is_due(self, store: Store, cert: Cert) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        (delivery,) = await send(store, make_message(1))

        await store.settle([unavailable(delivery.key, due_at_ms=NOW_MS + 100)])

        assert await claim_all(store, cert.cert_id, now_ms=NOW_MS + 99) == []
        (again,) = await claim_all(store, cert.cert_id, now_ms=NOW_MS + 100)
        assert (again.attempts, again.due_at_ms) == (1, NOW_MS + 100)
        record = await read(store, delivery.key)
        assert (record.state, record.reason, record.next_attempt_at_ms) == (
            DeliveryState.PENDING,
            Reason.UNAVAILABLE,
            NOW_MS + 100,
        )

    @pytest.mark.parametrize("state", [DeliveryState.PENDING, DeliveryState.FAILED, DeliveryState.EXPIRED])
    async def test_what_is_not_pending_any_more_keeps_its_state(
        self, store: Store, cert: Cert, state: DeliveryState
    ) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        (delivery,) = await send(store, make_message(1))
        await store.unregister([RegistrationSelector(app_id="im", user_id="alice")], now_ms=NOW_MS + 1)

        await store.settle(
            [
                Settlement(
                    key=delivery.key,
                    state=state,
                    attempts=1,
                    due_at_ms=NOW_MS,
                    event=DeliveryEvent(at_ms=NOW_MS + 2, state=state),
                )
            ]
        )

        record = await read(store, delivery.key)
        assert (record.state, record.reason, record.attempts) == (DeliveryState.CANCELLED, Reason.LOGGED_OUT, 0)
        assert [event.state for event in record.timeline] == [DeliveryState.PENDING, DeliveryState.CANCELLED]

    async def test_what_the_vendor_took_is_sent_whatever_was_decided_meanwhile(self, store: Store, cert: Cert) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        (delivery,) = await send(store, make_message(1))
        await store.unregister([RegistrationSelector(app_id="im", user_id="alice")], now_ms=NOW_MS + 1)

        await store.settle([sent(delivery.key)])

        record = await read(store, delivery.key)
        assert (record.state, record.reason) == (DeliveryState.SENT, Reason.NONE)
        assert [event.state for event in record.timeline] == [
            DeliveryState.PENDING,
            DeliveryState.CANCELLED,
            DeliveryState.SENT,
        ]

    async def test_a_sent_delivery_stays_as_it_is(self, store: Store, cert: Cert) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        (delivery,) = await send(store, make_message(1))
        await store.settle([sent(delivery.key)])
        before = await read(store, delivery.key)

        await store.settle([sent(delivery.key), unavailable(delivery.key, due_at_ms=NOW_MS)])

        assert await read(store, delivery.key) == before

    async def test_a_timeline_keeps_the_accept_and_its_last_20_steps(self, store: Store, cert: Cert) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        (delivery,) = await send(store, make_message(1))

        for n in range(1, 24):
            event = DeliveryEvent(at_ms=NOW_MS + n, state=DeliveryState.PENDING, detail=f"try {n}")
            await store.settle(
                [Settlement(key=delivery.key, state=DeliveryState.PENDING, attempts=n, due_at_ms=NOW_MS, event=event)]
            )

        details = [event.detail for event in (await read(store, delivery.key)).timeline]
        assert details == ["accepted", *(f"try {n}" for n in range(4, 24))]

    async def test_words_of_a_vendor_that_no_text_can_hold_do_not_keep_its_answer_from_being_stored(
        self, store: Store, cert: Cert
    ) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        (delivery,) = await send(store, make_message(1))

        await store.settle(
            [
                Settlement(
                    key=delivery.key,
                    state=DeliveryState.FAILED,
                    attempts=1,
                    reason=Reason.MESSAGE_REJECTED,
                    vendor_code="\ud800",
                    vendor_reason="nul \0 and \ud800",
                    event=DeliveryEvent(at_ms=NOW_MS, state=DeliveryState.FAILED, detail="\ud800"),
                )
            ]
        )

        record = await read(store, delivery.key)
        assert (record.state, record.vendor_code, record.vendor_reason) == (DeliveryState.FAILED, "?", "nul \0 and ?")

    # Dead registrations

    async def test_a_dead_registration_goes_and_fails_what_else_is_pending_for_it(
        self, store: Store, cert: Cert
    ) -> None:
        await register(
            store,
            make_registration("alice", "CN_1", cert_id=cert.cert_id, device_id="d1"),
            make_registration("alice", "CN_2", cert_id=cert.cert_id, device_id="d2"),
        )
        first, other_phone, second, _ = await send(store, make_message(1), make_message(2))

        removed = await store.settle([dead(first)])

        assert removed == [first.registration_key]
        left = await store.registrations(RegistrationSelector(app_id="im"))
        assert [r.registration_id for r in left] == ["CN_2"]
        record = await read(store, second.key)
        assert (record.state, record.reason, record.vendor_code, record.attempts) == (
            DeliveryState.FAILED,
            Reason.REGISTRATION_INVALID,
            "10000",
            0,
        )
        assert [event.state for event in record.timeline] == [DeliveryState.PENDING, DeliveryState.FAILED]
        assert (await read(store, other_phone.key)).state is DeliveryState.PENDING

    async def test_a_registration_that_was_registered_again_since_stays(self, store: Store, cert: Cert) -> None:
        registration = make_registration("alice", "CN_1", cert_id=cert.cert_id)
        await register(store, registration)
        first, second = await send(store, make_message(1), make_message(2))
        await register(store, registration)

        removed = await store.settle([dead(first)])

        assert removed == []
        assert (await read(store, first.key)).state is DeliveryState.FAILED
        assert (await read(store, second.key)).state is DeliveryState.PENDING
        (left,) = await store.registrations(RegistrationSelector(app_id="im"))
        assert left.version == 2

    async def test_a_delivery_that_moved_to_a_refreshed_id_does_not_fail_with_the_old_one(
        self, store: Store, cert: Cert
    ) -> None:
        await register(store, make_registration("alice", "CN_old", cert_id=cert.cert_id, device_id="d1"))
        (delivery,) = await send(store, make_message(1))
        await register(store, make_registration("alice", "CN_new", cert_id=cert.cert_id, device_id="d1"))

        removed = await store.settle([dead(delivery)])

        assert removed == []
        assert [d.registration_id for d in await claim_all(store, cert.cert_id)] == ["CN_new"]

    # expire

    async def test_expire_ends_what_outlived_its_ttl_and_keeps_the_vendors_last_word(
        self, store: Store, cert: Cert
    ) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        first, second = await send(store, make_message(1), make_message(2, due_at_ms=NOW_MS + 1))
        await store.settle([unavailable(first.key, due_at_ms=NOW_MS + 50)])

        assert await store.expire(now_ms=NOW_MS + HOUR_MS - 1, limit=10) == []
        assert await store.expire(now_ms=NOW_MS + HOUR_MS, limit=10) == [(1, 0)]

        record = await read(store, first.key)
        assert (record.state, record.reason, record.next_attempt_at_ms) == (
            DeliveryState.EXPIRED,
            Reason.TTL_ENDED,
            0,
        )
        assert (record.vendor_code, record.vendor_reason, record.attempts) == ("503", "busy", 1)
        assert record.timeline[-1] == DeliveryEvent(
            at_ms=NOW_MS + HOUR_MS, state=DeliveryState.EXPIRED, reason=Reason.TTL_ENDED, detail="its TTL ended"
        )
        assert (await read(store, second.key)).state is DeliveryState.PENDING

    async def test_expire_ends_no_more_than_asked(self, store: Store, cert: Cert) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        await send(store, make_message(1), make_message(2), make_message(3))

        rounds = [len(await store.expire(now_ms=NOW_MS + HOUR_MS, limit=2)) for _ in range(3)]

        assert rounds == [2, 1, 0]

    # register

    async def test_a_cancelled_message_ends_where_it_is_pending(self, store: Store, cert: Cert) -> None:
        phones = [make_registration("alice", f"CN_{n}", cert_id=cert.cert_id) for n in range(3)]
        await register(store, *phones)
        first, second, third = await send(store, make_message(1))
        (*_, other) = await send(store, make_message(2))
        await store.settle([sent(second.key)])

        assert await store.cancel("im", 1, now_ms=NOW_MS + 5) == [first.key, third.key]

        record = await read(store, first.key)
        assert (record.state, record.reason) == (DeliveryState.CANCELLED, Reason.MESSAGE_CANCELLED)
        assert [(event.at_ms, event.state) for event in record.timeline][1:] == [(NOW_MS + 5, DeliveryState.CANCELLED)]
        assert (await read(store, second.key)).state is DeliveryState.SENT
        assert (await read(store, other.key)).state is DeliveryState.PENDING
        assert await store.cancel("im", 1, now_ms=NOW_MS + 6) == []

    async def test_a_message_is_cancelled_by_its_own_app_alone(self, store: Store, cert: Cert) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        (delivery,) = await send(store, make_message(1))

        assert await store.cancel("mail", 1, now_ms=NOW_MS) is None
        assert await store.cancel("im", 2, now_ms=NOW_MS) is None

        assert (await read(store, delivery.key)).state is DeliveryState.PENDING

    async def test_what_is_over_is_forgotten_with_its_deliveries_and_what_is_pending_stays(
        self, store: Store, cert: Cert
    ) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        (over,) = await send(store, make_message(1))
        await send(store, make_message(2))
        await send(store, make_message(3, "nobody"))
        await send(store, make_message(4, now_ms=NOW_MS + 10))
        await store.settle([sent(over.key)])

        forgotten = await store.forget(after_id=0, before_ms=NOW_MS + 10, limit=100)

        assert forgotten == Forgotten(messages=2, last_id=3)
        assert await store.forget(after_id=3, before_ms=NOW_MS + 10, limit=100) == Forgotten(messages=0, last_id=None)
        assert [await store.message("im", at) is not None for at in (1, 2, 3, 4)] == [False, True, False, True]

    async def test_a_pass_goes_on_where_its_last_step_ended(self, store: Store, cert: Cert) -> None:
        await register(store, *(make_registration("alice", f"CN_{n}", cert_id=cert.cert_id) for n in range(3)))
        deliveries = await send(store, *(make_message(at) for at in range(1, 6)))
        await store.settle([sent(delivery.key) for delivery in deliveries])

        steps = [await store.forget(after_id=0, before_ms=NOW_MS + 1, limit=6)]
        while (last_id := steps[-1].last_id) is not None:
            steps.append(await store.forget(after_id=last_id, before_ms=NOW_MS + 1, limit=6))

        assert [step.messages for step in steps] == [2, 2, 1, 0]

    async def test_a_report_moves_a_delivery_forward_once_and_never_back(self, store: Store, cert: Cert) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        (delivery,) = await send(store, make_message(1))
        await store.settle([sent(delivery.key)])
        states = []
        for state in (CLICKED, DELIVERED, DeliveryState.FAILED, DeliveryState.EXPIRED, CLICKED):
            applied = await store.apply_receipts([report(cert, 1, "CN_1", state)], now_ms=NOW_MS + 9)
            states.append(((await read(store, delivery.key)).state, applied.matched, len(applied.changed)))

        assert states == [(CLICKED, 1, 1)] + [(CLICKED, 1, 0)] * 4

    @pytest.mark.parametrize("state", [DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.EXPIRED])
    async def test_a_report_that_comes_before_the_vendors_answer_is_written_is_not_undone_by_it(
        self, store: Store, cert: Cert, state: DeliveryState
    ) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        (delivery,) = await send(store, make_message(1))

        await store.apply_receipts([report(cert, 1, "CN_1", state, vendor_code="16")], now_ms=NOW_MS + 1)
        await store.settle([sent(delivery.key)])

        record = await read(store, delivery.key)
        assert (record.state, record.vendor_code) == (state, "16")
        assert (record.attempts, record.vendor_message_id) == (1, "oppo-1")
        told = await store.changes("im", after=0, limit=10)
        assert [each.state for each in told.deliveries] == [state]

    async def test_each_of_many_results_is_told_once(self, store: Store, cert: Cert) -> None:
        users = [f"user-{number}" for number in range(100)]
        await register(store, *(make_registration(user, f"CN_{user}", cert_id=cert.cert_id) for user in users))
        deliveries = await send(store, make_message(1, *users), make_message(2, *users[:33]))

        await store.settle([sent(delivery.key) for delivery in deliveries])

        changes = await store.changes("im", after=0, limit=1000)
        told = [(each.message_id, each.number, each.state) for each in changes.deliveries]
        assert sorted(told) == [(*delivery.key, DeliveryState.SENT) for delivery in deliveries]

    async def test_what_the_vendor_showed_was_delivered_whatever_was_decided_meanwhile(
        self, store: Store, cert: Cert
    ) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        (delivery,) = await send(store, make_message(1))
        await store.cancel("im", 1, now_ms=NOW_MS)

        await store.apply_receipts([report(cert, 1, "CN_1", DELIVERED)], now_ms=NOW_MS + 1)

        record = await read(store, delivery.key)
        assert (record.state, record.reason) == (DELIVERED, Reason.NONE)

    async def test_what_was_taken_back_stays_cancelled_whatever_is_told_of_it_later(
        self, store: Store, cert: Cert
    ) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        first, second, third = await send(store, *(make_message(at) for at in (1, 2, 3)))
        await store.settle([sent(first.key), sent(second.key)])
        assert [each.key for each in await store.left(1)] == [first.key]
        assert await store.left(3) == []  # it has not left
        await store.settle_recalls([recall(first.key, is_recalled=True), recall(second.key, is_recalled=False)])

        applied = await store.apply_receipts([report(cert, at, "CN_1", DELIVERED) for at in (1, 2)], now_ms=NOW_MS + 9)
        await store.settle([sent(first.key)])

        assert applied.changed == [second.key]
        record = await read(store, first.key)
        assert (record.state, record.reason) == (DeliveryState.CANCELLED, Reason.MESSAGE_CANCELLED)
        assert (await read(store, third.key)).state is DeliveryState.PENDING
        assert await store.left(1) == []
        assert [event.detail for event in (await read(store, second.key)).timeline][2] == "asked to take it back"

    async def test_a_report_of_another_cert_phone_or_content_matches_nothing(self, store: Store, cert: Cert) -> None:
        other = await store.add_cert(make_cert())
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        (delivery,) = await send(store, make_message(1))

        applied = await store.apply_receipts(
            [
                report(other, 1, "CN_1", DELIVERED),
                report(cert, 1, "CN_2", DELIVERED),
                report(cert, 1, "CN_1\0", DELIVERED),
                report(cert, 2, "CN_1", DELIVERED),
            ],
            now_ms=NOW_MS,
        )

        assert (applied.matched, applied.changed) == (0, [])
        assert (await read(store, delivery.key)).state is DeliveryState.PENDING

    async def test_a_report_finds_the_message_that_shares_anothers_content(self, store: Store, cert: Cert) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        await register(store, make_registration("bob", "CN_2", cert_id=cert.cert_id))
        first, second = await send(
            store,
            make_message(2, "alice"),
            structs.replace(make_message(1, "bob"), content_id=2, notification=NOTIFICATION),
        )

        applied = await store.apply_receipts([report(cert, 2, "CN_2", DELIVERED)], now_ms=NOW_MS)

        assert applied.changed == [second.key]
        assert (await read(store, first.key)).state is DeliveryState.PENDING

    async def test_a_report_of_a_dead_phone_removes_it_and_fails_what_else_waits_for_it(
        self, store: Store, cert: Cert
    ) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        first, second = await send(store, make_message(1), make_message(2))
        await store.settle([sent(first.key)])

        applied = await store.apply_receipts([dead_report(cert, 1, "CN_1")], now_ms=NOW_MS + 9)

        assert applied.removed_keys == [first.registration_key]
        assert await store.registrations(RegistrationSelector(app_id="im")) == []
        for key in (first.key, second.key):
            record = await read(store, key)
            assert (record.state, record.reason) == (DeliveryState.FAILED, Reason.REGISTRATION_INVALID)

    async def test_a_phone_that_registered_since_its_push_left_is_not_removed_by_a_report_of_it(
        self, store: Store, cert: Cert
    ) -> None:
        phone = make_registration("alice", "CN_1", cert_id=cert.cert_id)
        await register(store, phone)
        (delivery,) = await send(store, make_message(1))
        await store.settle([sent(delivery.key)])
        await store.register([phone], now_ms=NOW_MS + 60_000)

        applied = await store.apply_receipts([dead_report(cert, 1, "CN_1")], now_ms=NOW_MS + 90_000)

        assert applied.removed_keys == []
        assert len(await store.registrations(RegistrationSelector(app_id="im"))) == 1
        assert (await read(store, delivery.key)).state is DeliveryState.FAILED

    async def test_changes_of_state_are_told_in_order_once_and_to_their_app_only(
        self, store: Store, cert: Cert
    ) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        (first,) = await send(store, make_message(1))
        (second,) = await send(store, make_message(2))
        await store.settle([unavailable(first.key, due_at_ms=NOW_MS + 1)])
        await store.settle([sent(second.key)])
        await store.cancel("im", 1, now_ms=NOW_MS + 9)
        await store.cancel("im", 1, now_ms=NOW_MS + 10)

        changes = await store.changes("im", after=0, limit=10)

        assert [(each.message_id, each.state, each.reason, each.updated_at_ms) for each in changes.deliveries] == [
            (2, DeliveryState.SENT, Reason.NONE, NOW_MS + 5),
            (1, DeliveryState.CANCELLED, Reason.MESSAGE_CANCELLED, NOW_MS + 9),
        ]
        assert changes.position == (await store.changes_range()).newest
        assert await store.changes("im", after=changes.position, limit=10) == replace(changes, deliveries=[])
        assert await store.changes("mail", after=0, limit=10) == replace(changes, deliveries=[])

    async def test_changes_come_in_pages_each_where_the_one_before_ended(self, store: Store, cert: Cert) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        await store.settle([sent(each.key) for each in await send(store, *(make_message(at) for at in range(1, 6)))])

        position = 0
        pages = []
        while (page := await store.changes("im", after=position, limit=2)).position != position:
            position = page.position
            pages.append([each.message_id for each in page.deliveries])

        assert pages == [[1, 2], [3, 4], [5]]

    async def test_a_delivery_that_was_sent_after_all_is_told_as_both(self, store: Store, cert: Cert) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        (delivery,) = await send(store, make_message(1))
        await store.cancel("im", 1, now_ms=NOW_MS)
        await store.settle([sent(delivery.key)])

        changes = await store.changes("im", after=0, limit=10)

        assert [each.state for each in changes.deliveries] == [DeliveryState.CANCELLED, DeliveryState.SENT]

    async def test_changes_are_counted_by_cert_and_kind(self, store: Store, cert: Cert) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        first, second, third = await send(store, *(make_message(at) for at in (1, 2, 3)))
        await store.settle([sent(first.key), sent(second.key)])
        await store.cancel("im", 3, now_ms=NOW_MS)
        await store.settle([sent(third.key)])

        counts = await store.change_counts(after=0, limit=100)

        of = partial(ChangeCount, vendor="oppo", cert_id=cert.cert_id, reason=Reason.NONE)
        pending, was_sent, cancelled = DeliveryState.PENDING, DeliveryState.SENT, DeliveryState.CANCELLED
        assert sorted(counts.counts, key=lambda each: (each.was, each.state)) == [
            of(was=pending, state=was_sent, count=2),
            of(was=pending, state=cancelled, count=1, reason=Reason.MESSAGE_CANCELLED),
            of(was=cancelled, state=was_sent, count=1),
        ]
        assert await store.change_counts(after=counts.position, limit=100) == replace(counts, counts=[])

    async def test_old_changes_are_forgotten_a_part_at_a_time_and_their_positions_never_come_again(
        self, store: Store, cert: Cert
    ) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        deliveries = await send(store, *(make_message(at) for at in range(1, 6)))
        await store.settle([sent(delivery.key) for delivery in deliveries])

        await store.forget(after_id=0, before_ms=NOW_MS + 5, limit=1)
        too_young = await store.changes_range()
        await store.forget(after_id=0, before_ms=NOW_MS + 6, limit=1)
        after_a_step = await store.changes_range()
        await store.forget(after_id=0, before_ms=NOW_MS + 6, limit=100)
        after_all = await store.changes_range()

        await store.settle([sent(delivery.key) for delivery in await send(store, make_message(6))])

        assert (too_young.oldest, after_a_step.oldest, after_all.oldest) == (1, 4, 5)
        assert after_all.newest == 5
        assert (await store.changes_range()).newest == 6

    async def test_a_new_phone_is_registered(self, store: Store, cert: Cert) -> None:
        (registered,) = await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id, device_id="d1"))

        assert registered.registration.registration_key > 0
        assert (registered.registration.version, registered.registration.registered_at_ms) == (1, NOW_MS)
        assert (registered.withdrawn_keys, registered.repointed_cert_ids) == ([], [])
        assert registered.cancelled_deliveries == 0
        assert await store.registrations(RegistrationSelector(app_id="im")) == [registered.registration]

    async def test_the_same_binding_again_only_rises_in_version(self, store: Store, cert: Cert) -> None:
        registration = make_registration("alice", "CN_1", cert_id=cert.cert_id, device_id="d1")
        (first,) = await register(store, registration)
        (delivery,) = await send(store, make_message(1))

        (second,) = await store.register([registration], now_ms=NOW_MS + 9)

        assert second.registration.registration_key == first.registration.registration_key
        assert (second.registration.version, second.registration.registered_at_ms) == (2, NOW_MS + 9)
        assert (second.withdrawn_keys, second.repointed_cert_ids, second.cancelled_deliveries) == ([], [], 0)
        assert await store.registrations(RegistrationSelector(app_id="im")) == [second.registration]
        (claimed,) = await claim_all(store, cert.cert_id)
        assert (claimed.key, claimed.registration_version) == (delivery.key, 2)

    async def test_a_phone_that_changed_hands_gets_nothing_more_of_its_former_user(
        self, store: Store, cert: Cert
    ) -> None:
        (former,) = await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id, device_id="d1"))
        pending, handed_over = await send(store, make_message(1), make_message(2))
        await store.settle([sent(handed_over.key)])

        (registered,) = await register(store, make_registration("bob", "CN_1", cert_id=cert.cert_id, device_id="d1"))

        assert registered.withdrawn_keys == [former.registration.registration_key]
        assert registered.cancelled_deliveries == 1
        assert registered.registration.registration_key > former.registration.registration_key
        record = await read(store, pending.key)
        assert (record.state, record.reason) == (DeliveryState.CANCELLED, Reason.CHANGED_HANDS)
        assert (await read(store, handed_over.key)).state is DeliveryState.SENT
        assert await claim_all(store, cert.cert_id) == []
        assert [r.user_id for r in await store.registrations(RegistrationSelector(app_id="im"))] == ["bob"]

    @pytest.mark.parametrize(
        ("registration_id", "device_id"),
        [("CN_new", "d1"), ("CN_old", "d2"), ("CN_old", "")],
        ids=["refreshed id", "other device id", "no device id"],
    )
    async def test_what_is_pending_follows_the_same_users_phone(
        self, store: Store, cert: Cert, registration_id: str, device_id: str
    ) -> None:
        (old,) = await register(store, make_registration("alice", "CN_old", cert_id=cert.cert_id, device_id="d1"))
        (delivery,) = await send(store, make_message(1))

        (new,) = await register(
            store, make_registration("alice", registration_id, cert_id=cert.cert_id, device_id=device_id)
        )

        assert new.withdrawn_keys == [old.registration.registration_key]
        assert new.repointed_cert_ids == [cert.cert_id]
        assert new.cancelled_deliveries == 0
        (moved,) = await claim_all(store, cert.cert_id)
        assert moved.key == delivery.key
        assert (moved.registration_id, moved.device_id) == (registration_id, device_id)
        assert (moved.registration_key, moved.registration_version) == (new.registration.registration_key, 1)

    async def test_what_is_pending_follows_to_another_cert_and_vendor(self, store: Store, cert: Cert) -> None:
        other = await store.add_cert(make_cert(vendor="fake"))
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id, device_id="d1"))
        (delivery,) = await send(store, make_message(1))

        (new,) = await register(
            store, make_registration("alice", "F_1", cert_id=other.cert_id, device_id="d1", vendor="fake")
        )

        assert new.repointed_cert_ids == [other.cert_id]
        assert await claim_all(store, cert.cert_id) == []
        (moved,) = await claim_all(store, other.cert_id)
        assert (moved.key, moved.vendor, moved.registration_id) == (delivery.key, "fake", "F_1")

    async def test_phones_without_a_device_id_stand_side_by_side(self, store: Store, cert: Cert) -> None:
        await register(
            store,
            make_registration("alice", "CN_1", cert_id=cert.cert_id),
            make_registration("alice", "CN_2", cert_id=cert.cert_id),
        )

        assert await store.count_registrations(cert.cert_id) == 2

    async def test_one_id_at_two_vendors_or_in_two_apps_is_two_phones(self, store: Store, cert: Cert) -> None:
        fake = await store.add_cert(make_cert(vendor="fake"))
        shop = await store.add_cert(make_cert(app_id="shop"))

        answers = await register(
            store,
            make_registration("alice", "CN_1", cert_id=cert.cert_id),
            make_registration("bob", "CN_1", cert_id=fake.cert_id, vendor="fake"),
            make_registration("carol", "CN_1", cert_id=shop.cert_id, app_id="shop"),
        )

        assert [answer.withdrawn_keys for answer in answers] == [[], [], []]

    async def test_registrations_of_one_call_act_one_after_the_other(self, store: Store, cert: Cert) -> None:
        (old,) = await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id, device_id="d1"))
        (delivery,) = await send(store, make_message(1))

        first, second, third = await register(
            store,
            make_registration("alice", "CN_2", cert_id=cert.cert_id, device_id="d1"),
            make_registration("bob", "CN_2", cert_id=cert.cert_id),
            make_registration("bob", "CN_2", cert_id=cert.cert_id),
        )

        assert first.withdrawn_keys == [old.registration.registration_key]
        assert second.withdrawn_keys == [first.registration.registration_key]
        assert (first.cancelled_deliveries, second.cancelled_deliveries) == (0, 1)
        assert (third.registration.registration_key, third.registration.version) == (
            second.registration.registration_key,
            2,
        )
        assert await store.registrations(RegistrationSelector(app_id="im")) == [third.registration]
        assert (await read(store, delivery.key)).reason is Reason.CHANGED_HANDS

    async def test_a_registration_key_is_never_used_again(self, store: Store, cert: Cert) -> None:
        registration = make_registration("alice", "CN_1", cert_id=cert.cert_id)
        (first,) = await register(store, registration)
        await store.unregister([RegistrationSelector(app_id="im", user_id="alice")], now_ms=NOW_MS)

        (second,) = await register(store, registration)

        assert second.registration.registration_key > first.registration.registration_key

    async def test_a_phone_is_not_registered_under_a_cert_that_is_gone(self, store: Store) -> None:
        with pytest.raises(NotFound, match="cert 42 does not exist"):
            await register(store, make_registration("alice", "CN_1", cert_id=42))

    # unregister

    @pytest.mark.parametrize(
        ("selector", "left"),
        [
            (RegistrationSelector(app_id="im", user_id="alice"), ["CN_3"]),
            (RegistrationSelector(app_id="im", user_id="alice", device_id="d1"), ["CN_2", "CN_3"]),
            (RegistrationSelector(app_id="im", registration_id="CN_2"), ["CN_1", "CN_3"]),
            (RegistrationSelector(app_id="im", user_id="bob", registration_id="CN_2"), ["CN_1", "CN_2", "CN_3"]),
            (RegistrationSelector(app_id="im", cert_id=999, user_id="alice"), ["CN_1", "CN_2", "CN_3"]),
            (RegistrationSelector(app_id="shop", user_id="alice"), ["CN_1", "CN_2", "CN_3"]),
        ],
    )
    async def test_unregister_removes_what_every_given_field_matches(
        self, store: Store, cert: Cert, selector: RegistrationSelector, left: Sequence[str]
    ) -> None:
        await register(
            store,
            make_registration("alice", "CN_1", cert_id=cert.cert_id, device_id="d1"),
            make_registration("alice", "CN_2", cert_id=cert.cert_id, device_id="d2"),
            make_registration("bob", "CN_3", cert_id=cert.cert_id),
        )
        await send(store, make_message(1, "alice", "bob"))

        (answer,) = await store.unregister([selector], now_ms=NOW_MS)

        assert len(answer.withdrawn_keys) == answer.cancelled_deliveries == 3 - len(left)
        found = await store.registrations(RegistrationSelector(app_id="im"))
        assert [r.registration_id for r in found] == left
        assert [d.registration_id for d in await claim_all(store, cert.cert_id)] == left

    async def test_a_registration_two_selectors_match_is_the_firsts(self, store: Store, cert: Cert) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        await send(store, make_message(1))

        first, second = await store.unregister(
            [
                RegistrationSelector(app_id="im", user_id="alice"),
                RegistrationSelector(app_id="im", registration_id="CN_1"),
            ],
            now_ms=NOW_MS,
        )

        assert (len(first.withdrawn_keys), first.cancelled_deliveries) == (1, 1)
        assert (len(second.withdrawn_keys), second.cancelled_deliveries) == (0, 0)

    # Certs

    async def test_a_cert_reads_back_as_it_was_stored(self, store: Store) -> None:
        first = await store.add_cert(make_cert())
        second = await store.add_cert(make_cert(app_id="shop"))

        assert 0 < first.cert_id < second.cert_id
        assert first == make_cert_with_id(first.cert_id)
        assert await store.certs() == [first, second]

    async def test_an_edited_cert_takes_the_place_of_the_old(self, store: Store, cert: Cert) -> None:
        edited = make_cert_with_id(cert.cert_id, credential={"app_key": "other"}, credential_version=2)

        await store.replace_cert(edited)

        assert await store.certs() == [edited]

    async def test_a_cert_that_is_gone_is_not_edited(self, store: Store) -> None:
        with pytest.raises(NotFound, match="cert 42 does not exist"):
            await store.replace_cert(make_cert_with_id(42))

    async def test_health_is_kept_only_for_the_credential_it_speaks_of(self, store: Store, cert: Cert) -> None:
        health = CertHealth(
            state=CertState.REJECTED,
            since_ms=NOW_MS,
            vendor_code="14",
            vendor_reason="\ud800 secret error",
            advice="mend it",
            next_probe_ms=NOW_MS + 30_000,
        )

        await store.set_cert_health(cert.cert_id, health, credential_version=2)
        (unchanged,) = await store.certs()
        await store.set_cert_health(cert.cert_id, health, credential_version=1)
        (changed,) = await store.certs()

        assert unchanged.health == CertHealth()
        assert changed.health.state is CertState.REJECTED
        assert (changed.health.vendor_code, changed.health.vendor_reason) == ("14", "? secret error")
        assert changed.health.next_probe_ms == NOW_MS + 30_000

    async def test_a_deleted_cert_takes_its_registrations_and_pending_deliveries_along(
        self, store: Store, cert: Cert
    ) -> None:
        other = await store.add_cert(make_cert())
        (registered, _) = await register(
            store,
            make_registration("alice", "CN_1", cert_id=cert.cert_id),
            make_registration("bob", "CN_2", cert_id=other.cert_id),
        )
        pending, handed_over, others = await send(store, make_message(1), make_message(2), make_message(3, "bob"))
        await store.settle([sent(handed_over.key)])
        await store.put_access_token(cert.cert_id, make_access_token())

        answer = await store.delete_cert(cert.cert_id, now_ms=NOW_MS)

        assert answer.withdrawn_keys == [registered.registration.registration_key]
        assert answer.cancelled_deliveries == 1
        assert await store.certs() == [other]
        assert await store.access_token(cert.cert_id) is None
        record = await read(store, pending.key)
        assert (record.state, record.reason) == (DeliveryState.CANCELLED, Reason.CERT_DELETED)
        assert (await read(store, handed_over.key)).state is DeliveryState.SENT
        assert (await read(store, others.key)).state is DeliveryState.PENDING

    async def test_a_cert_id_is_never_used_again(self, store: Store, cert: Cert) -> None:
        await store.delete_cert(cert.cert_id, now_ms=NOW_MS)

        assert (await store.add_cert(make_cert())).cert_id > cert.cert_id

    async def test_an_access_token_is_kept_until_it_is_replaced_or_forgotten(self, store: Store, cert: Cert) -> None:
        assert await store.access_token(cert.cert_id) is None

        await store.put_access_token(cert.cert_id, make_access_token())
        await store.put_access_token(cert.cert_id, make_access_token(version=2))
        kept = await store.access_token(cert.cert_id)
        await store.delete_access_token(cert.cert_id)

        assert kept == make_access_token(version=2)
        assert await store.access_token(cert.cert_id) is None

    async def test_an_access_token_of_a_cert_that_is_gone_is_not_kept(self, store: Store, cert: Cert) -> None:
        await store.delete_cert(cert.cert_id, now_ms=NOW_MS)

        await store.put_access_token(cert.cert_id, make_access_token())

        assert await store.access_token(cert.cert_id) is None

    # Reading, waiting, closing

    async def test_a_message_is_read_by_its_own_app_alone(self, store: Store) -> None:
        await send(store, make_message(1))

        assert await store.message("shop", 1) is None
        assert await store.message("im", 2) is None

    async def test_a_read_sees_every_write_asked_for_before(self, store: Store, cert: Cert) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))

        *_, claimed = await asyncio.gather(
            *(send(store, make_message(n)) for n in range(1, 51)), claim_all(store, cert.cert_id)
        )

        assert [d.key for d in claimed] == [(n, 0) for n in range(1, 51)]

    async def test_a_caller_that_gives_up_hurts_nobody_else(self, store: Store, cert: Cert) -> None:
        await register(store, make_registration("alice", "CN_1", cert_id=cert.cert_id))
        calls = [asyncio.create_task(send(store, make_message(n))) for n in range(1, 21)]
        await asyncio.sleep(0)

        calls[3].cancel()
        calls[4].cancel()
        answers = await asyncio.gather(*calls, return_exceptions=True)

        gave_up = [n for n, answer in enumerate(answers) if isinstance(answer, asyncio.CancelledError)]
        assert gave_up == [3, 4]
        claimed = {d.key for d in await claim_all(store, cert.cert_id)}
        assert claimed >= {(n, 0) for n in range(1, 21) if n not in {4, 5}}

    async def test_empty_calls_change_nothing(self, store: Store) -> None:
        assert await store.accept([], now_ms=NOW_MS) == []
        assert await store.settle([]) == []
        assert await store.register([], now_ms=NOW_MS) == []
        assert await store.unregister([], now_ms=NOW_MS) == []
        assert await store.count_pending([]) == []

    async def test_a_closed_store_answers_that_it_is_closed(self, store: Store) -> None:
        call = asyncio.create_task(send(store, make_message(1)))
        await asyncio.sleep(0)

        await store.close()
        await store.close()

        await call
        with pytest.raises(StoreUnavailable, match="closed"):
            await send(store, make_message(2))


def make_cert_with_id(cert_id: int, *, credential: dict[str, str] | None = None, credential_version: int = 1) -> Cert:
    cert = make_cert()
    return Cert(
        cert_id=cert_id,
        app_id=cert.app_id,
        vendor=cert.vendor,
        display_name=cert.display_name,
        credential=credential or cert.credential,
        credential_version=credential_version,
        defaults=cert.defaults,
        base_url=cert.base_url,
        health=cert.health,
        created_at_ms=cert.created_at_ms,
        updated_at_ms=cert.updated_at_ms,
    )


def make_access_token(*, version: int = 1) -> StoredAccessToken:
    return StoredAccessToken(
        credential_version=version,
        token=AccessToken(
            value=f"made-up-token-{version}",
            refresh_at=datetime(2026, 9, 21, 12, 0, 0, 123_000, tzinfo=UTC),
            expires_at=datetime(2026, 9, 21, 13, tzinfo=UTC),
        ),
    )
