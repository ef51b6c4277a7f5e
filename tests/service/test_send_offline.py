from __future__ import annotations

import asyncio
from collections.abc import Sequence

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.struct_pb2 import Struct

from pushsvc.delivery.dispatcher import Dispatcher
from pushsvc.domain import Delivery
from pushsvc.v1 import delivery_pb2, notification_pb2
from pushsvc.v1 import push_service_pb2 as pb
from tests.conftest import PHONE_A, PHONE_B, Clock, Service, ServiceStarter
from tests.service.refusals import refusal_of, violations_of


async def test_a_send_stands_on_the_phones_bar_as_it_was_given(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)

    sent = await service.send(
        "alice",
        title="王小明 👋",
        notification=notification_pb2.Notification(
            ext='{"room":"42"}',
            click_action=notification_pb2.ClickAction(url="https://example.com/chat"),
            channel_id="calls",
            category=notification_pb2.CATEGORY_ORDER,
        ),
        ttl=Duration(seconds=600),
    )

    assert [each.state for each in sent.deliveries] == [delivery_pb2.DELIVERY_STATE_SENT]
    [shown] = await service.sandbox.bar(PHONE_A)
    assert (shown["title"], shown["text"], shown["channel"], shown["category"]) == (
        "王小明 👋",
        "text",
        "calls",
        "ORDER",
    )
    assert shown["click"] == {"opens": "url", "value": "https://example.com/chat"}
    assert shown["extras"] == {"room": "42"}
    assert shown["raw"]["off_line_ttl"] == 600
    counters = await service.sandbox.counters()
    assert (counters["violations"], counters["delivered"], counters["logins"]) == (0, 1, 1)


async def test_a_user_without_a_phone_is_named(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)

    sent = await service.send("alice", "bob", "carol")

    assert list(sent.unreachable_user_ids) == ["bob", "carol"]
    assert [each.user_id for each in sent.deliveries] == ["alice"]


async def test_two_phones_of_one_user_both_light_up(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A, device_id="phone")
    await service.register("alice", cert_id, PHONE_B, device_id="tablet")

    sent = await service.send("alice")

    assert [each.device_id for each in sent.deliveries] == ["phone", "tablet"]
    assert len(await service.sandbox.bar(PHONE_A)) == 1
    assert len(await service.sandbox.bar(PHONE_B)) == 1


async def test_two_oppo_apps_side_by_side_use_their_own_credentials(service: Service) -> None:
    await service.sandbox.put_app(app_key="second-app-key", master_secret="second-master-secret", app_id="second")
    first = await service.host_oppo("im")
    second = await service.host_oppo(
        "mail", credential={"app_key": "second-app-key", "master_secret": "second-master-secret"}
    )
    await service.register("alice", first, PHONE_A, app_id="im")
    await service.register("alice", second, PHONE_B, app_id="mail")

    await service.send("alice", title="chat", app_id="im")
    await service.send("alice", title="mail", app_id="mail")

    assert [shown["title"] for shown in await service.sandbox.bar(PHONE_A)] == ["chat"]
    assert [shown["title"] for shown in await service.sandbox.bar(PHONE_B)] == ["mail"]
    assert (await service.sandbox.counters())["logins"] == 2


async def test_a_60_character_title_with_emoji_is_shortened_and_noted(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)

    sent = await service.send("alice", title="👋" * 60)

    [shown] = await service.sandbox.bar(PHONE_A)
    assert shown["title"] == "👋" * 49 + "…"
    assert list(sent.deliveries[0].truncated) == ["title"]


async def test_all_faults_of_a_request_are_named_at_once(service: Service) -> None:
    request = pb.SendOfflineRequest(
        app_id="",
        user_ids=["alice"],
        notification=notification_pb2.Notification(
            title=" ",
            body="text",
            ext="[1, 2]",
            click_action=notification_pb2.ClickAction(url="ftp://example.com"),
            channel_id="c" * 65,
        ),
        ttl=Duration(seconds=0),
    )

    error = await refusal_of(service.stub.SendOffline(request))

    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert violations_of(error) == {
        "app_id": "is required",
        "notification.title": "is required",
        "notification.ext": "must be a JSON object",
        "notification.click_action.url": "must be an http or https URL with a host",
        "notification.channel_id": "has 65 characters; at most 64 are allowed",
        "ttl": "is 0 s; 1 s to 14 days are allowed",
    }


async def test_1001_users_are_refused_and_nothing_is_sent(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("user-0", cert_id, PHONE_A)

    error = await refusal_of(service.send(*(f"user-{number}" for number in range(1001))))

    assert violations_of(error) == {"user_ids": "has 1001 entries; at most 1000 are allowed"}
    assert await service.sandbox.bar(PHONE_A) == []


async def test_1000_users_are_reached_in_a_few_calls(service: Service) -> None:
    cert_id = await service.host_oppo()
    user_ids = [f"user-{number}" for number in range(1000)]
    await asyncio.gather(*(service.register(user_id, cert_id, f"CN_{at:032x}") for at, user_id in enumerate(user_ids)))

    sent = await service.send(*user_ids)

    assert {each.state for each in sent.deliveries} == {delivery_pb2.DELIVERY_STATE_SENT}
    counters = await service.sandbox.counters()
    assert (counters["delivered"], counters["duplicates"], counters["violations"]) == (1000, 0, 0)
    assert counters["calls"] <= 5


async def test_an_option_no_plug_in_knows_is_named(service: Service) -> None:
    options = Struct()
    options.update({"notify_levle": 2})

    error = await refusal_of(
        service.send("alice", notification=notification_pb2.Notification(vendor_options={"oppo": options}))
    )

    assert list(violations_of(error)) == ["notification.vendor_options.oppo.notify_levle"]


async def test_options_of_an_unknown_vendor_are_named(service: Service) -> None:
    error = await refusal_of(
        service.send("alice", notification=notification_pb2.Notification(vendor_options={"nokia": Struct()}))
    )

    assert list(violations_of(error)) == ["notification.vendor_options.nokia"]


async def test_a_repeat_with_the_same_key_gets_the_first_answer(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    first = await service.send("alice", idempotency_key="order-7")

    again = await service.send("alice", idempotency_key="order-7")

    assert again.message_id == first.message_id
    assert again.deduplicated
    assert len(await service.sandbox.bar(PHONE_A)) == 1


async def test_a_key_with_other_content_is_refused(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    await service.send("alice", title="one", idempotency_key="order-7")

    error = await refusal_of(service.send("alice", title="two", idempotency_key="order-7"))

    assert error.code() is grpc.StatusCode.ALREADY_EXISTS


async def test_100_concurrent_repeats_make_one_message_also_after_a_restart(start_service: ServiceStarter) -> None:
    service = await start_service()
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)

    answers = await asyncio.gather(*(service.send("alice", idempotency_key="k", wait=False) for _ in range(100)))
    service = await start_service()
    answers.append(await service.send("alice", idempotency_key="k"))

    assert len({answer.message_id for answer in answers}) == 1
    assert [answer.deduplicated for answer in answers].count(False) == 1
    assert (await service.sandbox.phone(PHONE_A))["received"] == 1


async def test_a_dead_registration_fails_with_words_and_is_removed(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    await service.register("bob", cert_id, PHONE_B)
    await service.sandbox.kill_phone(PHONE_A, answer=10000)

    sent = await service.send("alice", "bob")

    dead, alive = sent.deliveries
    assert (dead.state, dead.reason) == (
        delivery_pb2.DELIVERY_STATE_FAILED,
        delivery_pb2.REASON_REGISTRATION_INVALID,
    )
    assert dead.vendor_code == "10000"
    assert dead.advice
    assert alive.state == delivery_pb2.DELIVERY_STATE_SENT
    assert list((await service.send("alice")).unreachable_user_ids) == ["alice"]


async def test_an_access_token_that_expires_in_mid_stream_costs_nothing_but_a_sign_in(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    await service.send("alice", title="before")
    await service.sandbox.expire_tokens()

    await asyncio.gather(*(service.send("alice", title=f"after {number}") for number in range(20)))

    phone = await service.sandbox.phone(PHONE_A)
    assert (phone["received"], phone["duplicates"]) == (21, 0)
    assert (await service.sandbox.counters())["logins"] == 2


async def test_a_send_whose_answer_was_lost_is_tried_again_and_shown_once(service: Service, clock: Clock) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    await service.sandbox.fault(match={"kind": "send"}, effect={"drop": "after"}, times=1)

    sent = await service.send("alice")

    assert sent.deliveries[0].reason == delivery_pb2.REASON_UNKNOWN_OUTCOME
    clock.advance(seconds=5)
    await service.send("alice", title="wakes the lane")
    await _until_sent(service, sent.message_id)
    phone = await service.sandbox.phone(PHONE_A)
    assert (phone["distinct"], phone["received"], phone["duplicates"]) == (2, 2, 1)


async def test_a_message_past_its_ttl_expires_and_never_leaves(service: Service, clock: Clock) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    await service.sandbox.fault(match={"kind": "send"}, effect={"status": 503}, times=1)
    sent = await service.send("alice", ttl=Duration(seconds=60))

    clock.advance(seconds=61)
    await _until(service, sent.message_id, delivery_pb2.DELIVERY_STATE_EXPIRED)

    assert await service.sandbox.bar(PHONE_A) == []


async def test_a_scheduled_send_waits_for_its_time(service: Service, clock: Clock) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    request = pb.SendOfflineRequest(
        app_id="im", user_ids=["alice"], notification=notification_pb2.Notification(title="later", body="text")
    )
    request.deliver_after.FromMilliseconds(int(clock().timestamp() * 1000) + 3_600_000)
    later = await service.stub.SendOffline(request)
    await service.send("alice", title="now")
    assert [shown["title"] for shown in await service.sandbox.bar(PHONE_A)] == ["now"]

    clock.advance(hours=1, seconds=1)
    await service.send("alice", title="wakes the lane")
    await _until_sent(service, later.message_id)

    assert sorted(shown["title"] for shown in await service.sandbox.bar(PHONE_A)) == ["later", "now", "wakes the lane"]


async def test_all_five_click_actions_reach_the_phone(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    clicks = [
        notification_pb2.ClickAction(open_app=True),
        notification_pb2.ClickAction(url="https://example.com"),
        notification_pb2.ClickAction(activity="com.example.ChatActivity"),
        notification_pb2.ClickAction(intent_action="com.example.OPEN"),
        notification_pb2.ClickAction(intent_uri="example://chat?id=1"),
    ]

    for click in clicks:
        sent = await service.send("alice", notification=notification_pb2.Notification(click_action=click))
        assert sent.deliveries[0].state == delivery_pb2.DELIVERY_STATE_SENT, sent

    assert (await service.sandbox.counters())["violations"] == 0
    opened = [shown["click"] for shown in reversed(await service.sandbox.bar(PHONE_A))]
    assert opened == [
        {"opens": "app", "value": ""},
        {"opens": "url", "value": "https://example.com"},
        {"opens": "activity", "value": "com.example.ChatActivity"},
        {"opens": "intent_action", "value": "com.example.OPEN"},
        {"opens": "intent_uri", "value": "example://chat?id=1"},
    ]


async def _until_sent(service: Service, message_id: str) -> None:
    await _until(service, message_id, delivery_pb2.DELIVERY_STATE_SENT)


async def _until(service: Service, message_id: str, state: delivery_pb2.DeliveryState.ValueType) -> None:
    async with asyncio.timeout(10):
        while (await service.message(message_id)).deliveries[0].state != state:
            pass  # each look is a call of its own; there is nothing to sleep for


async def test_each_delivery_is_known_by_the_host_of_its_caller(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    callers: list[str] = []
    offer = Dispatcher.offer

    def noted(self: Dispatcher, deliveries: Sequence[Delivery]) -> None:
        callers.extend(each.caller for each in deliveries)
        offer(self, deliveries)

    monkeypatch.setattr(Dispatcher, "offer", noted)

    await service.send("alice")
    one = pb.SendOfflineRequest(
        app_id="im", user_ids=["alice"], notification=notification_pb2.Notification(title="Hi", body="text")
    )
    await service.stub.SendOfflineBatch(pb.SendOfflineBatchRequest(requests=[one]))

    assert callers == ["ipv4:127.0.0.1", "ipv4:127.0.0.1"]
