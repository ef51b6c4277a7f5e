from __future__ import annotations

import asyncio
import io
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from random import Random
from urllib.parse import urlencode

import aiohttp
import orjson
import pytest

from pushsvc.v1 import cert_pb2, delivery_pb2
from pushsvc.v1 import push_service_pb2 as pb
from tests.conftest import Service, ServiceStarter
from tests.service.makers import BODY, MAKES, TITLE
from vendors.sandbox.simulator import installed

SENT = delivery_pb2.DELIVERY_STATE_SENT
DELIVERED = delivery_pb2.DELIVERY_STATE_DELIVERED
CLICKED = delivery_pb2.DELIVERY_STATE_CLICKED
FAILED = delivery_pb2.DELIVERY_STATE_FAILED
REPORTS_DEATH = sorted(set(MAKES) - {"meizu"})
REPORTS_TAPS = ["xiaomi", "meizu"]


@pytest.fixture
def own_address() -> Iterator[str]:
    """An address for the service that is known before it starts, and that nobody else is given meanwhile.

    Held by a socket that does not listen: beside that one, who reuses addresses may.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{holder.getsockname()[1]}"


@pytest.fixture
async def reported(start_service: ServiceStarter, own_address: str) -> Service:
    """A service that vendors can report to."""
    return await start_service(http_listen=own_address, receipt_base_url=f"http://{own_address}")


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def host(service: Service, vendor: str, **credential: str) -> cert_pb2.Cert:
    """A maker's demo app, with whatever its console needs to report to the cert's URL."""
    demo = installed()[vendor].demo()
    own: Mapping[str, str] = {"receipt_token": "sandbox-receipt-token"} if vendor == "meizu" else {}
    cert = cert_pb2.Cert(
        app_id="im",
        vendor=vendor,
        credential={**demo.credential, **own, **credential},
        base_url=f"{service.sandbox.url}/{vendor}",
        defaults=cert_pb2.CertDefaults(channel_id=demo.channel_id),
    )
    stored = await service.cert(await service.host(cert))
    apps = {"huawei": "app_id", "honor": "app_id", "harmonyos": "project_id", "meizu": "app_id"}
    if vendor in apps:
        key = {apps[vendor]: demo.credential[apps[vendor]]}
        console = {"callbacks": [stored.receipt_url]} if vendor == "meizu" else {"receipt_url": stored.receipt_url}
        signed = {"receipt_user": credential["callback_user"]} if "callback_user" in credential else {}
        if signed:
            signed["receipt_secret"] = credential["callback_secret"]
        await service.sandbox.put_app(vendor, **key, **console, **signed)
    return stored


async def delivery_of(service: Service, sent: pb.SendOfflineResponse) -> delivery_pb2.Delivery:
    return (await service.message(sent.message_id)).deliveries[0]


async def until(service: Service, sent: pb.SendOfflineResponse, state: int) -> delivery_pb2.Delivery:
    """The delivery once it is in a state."""
    async with asyncio.timeout(10):
        while (delivery := await delivery_of(service, sent)).state != state:
            pass  # each look is a call of its own
    return delivery


async def send(service: Service, *users: str) -> pb.SendOfflineResponse:
    request = pb.SendOfflineRequest(app_id="im", user_ids=users, wait=True)
    request.notification.title, request.notification.body = TITLE, BODY
    return await service.stub.SendOffline(request, timeout=20)


@pytest.mark.parametrize("vendor", sorted(MAKES))
async def test_every_maker_reports_that_a_notification_reached_the_phone(reported: Service, vendor: str) -> None:
    cert = await host(reported, vendor)
    await reported.register("alice", cert.cert_id, MAKES[vendor].phone(1))

    delivery = await until(reported, await send(reported, "alice"), DELIVERED)

    assert delivery.reason == delivery_pb2.REASON_UNSPECIFIED
    steps = [(step.state, step.detail) for step in delivery.timeline]
    assert (DELIVERED, "the vendor reports that it reached the phone") in steps
    assert (await reported.sandbox.counters(vendor))["violations"] == 0


@pytest.mark.parametrize("vendor", REPORTS_TAPS)
async def test_a_tap_is_reported_where_the_maker_tells(reported: Service, vendor: str) -> None:
    cert = await host(reported, vendor)
    phone = MAKES[vendor].phone(1)
    await reported.register("alice", cert.cert_id, phone)
    sent = await send(reported, "alice")
    await until(reported, sent, DELIVERED)

    await reported.sandbox.tap(phone, vendor)

    delivery = await until(reported, sent, CLICKED)
    assert delivery.timeline[-1].detail == "the vendor reports that the user tapped it"


@pytest.mark.parametrize("vendor", REPORTS_DEATH)
async def test_a_dead_phone_told_of_by_receipt_only_is_removed_and_gets_nothing_more(
    reported: Service, vendor: str
) -> None:
    cert = await host(reported, vendor)
    phone = MAKES[vendor].phone(1)
    await reported.register("alice", cert.cert_id, phone)
    await reported.sandbox.kill_phone(phone, vendor, answer=None)

    delivery = await until(reported, await send(reported, "alice"), FAILED)

    assert delivery.reason == delivery_pb2.REASON_REGISTRATION_INVALID
    assert delivery.vendor_code
    assert delivery.vendor_reason
    assert delivery.advice == "the app must register anew; nothing more is sent to this id"
    tokens = await reported.stub.ListTokens(pb.ListTokensRequest(app_id="im", user_id="alice"))
    assert list(tokens.registrations) == []
    assert (await send(reported, "alice")).unreachable_user_ids == ["alice"]


@pytest.mark.parametrize(
    "secret", ["plain secret of the console".replace(" ", "-"), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="]
)
@pytest.mark.parametrize("vendor", ["huawei", "harmonyos"])
async def test_signed_receipts_are_taken_with_the_right_secret(reported: Service, vendor: str, secret: str) -> None:
    cert = await host(reported, vendor, callback_user="console-user", callback_secret=secret)
    await reported.register("alice", cert.cert_id, MAKES[vendor].phone(1))

    delivery = await until(reported, await send(reported, "alice"), DELIVERED)

    assert DELIVERED in {step.state for step in delivery.timeline}
    async with aiohttp.ClientSession() as http:
        assert await refused_receipts(http, reported) == 0


async def test_receipts_that_are_signed_wrongly_or_not_at_all_change_nothing(
    reported: Service, http: aiohttp.ClientSession
) -> None:
    cert = await host(reported, "huawei", callback_user="console-user", callback_secret="one-secret")
    await reported.sandbox.put_app("huawei", app_id="100000000", receipt_secret="another-secret")
    await reported.register("alice", cert.cert_id, MAKES["huawei"].phone(1))
    sent = await send(reported, "alice")

    async with http.post(cert.receipt_url, json={"statuses": []}) as response:
        assert (response.status, await response.text()) == (
            400,
            "x-huawei-callback-id is missing or not signed with the certificate's callback secret\n",
        )
    # The simulator's own letter comes meanwhile, three times.
    assert await refused_receipts(http, reported) >= 1
    assert (await delivery_of(reported, sent)).state == SENT


async def refused_receipts(http: aiohttp.ClientSession, service: Service) -> int:
    async with http.get(f"{service.http_url}/metrics") as response:
        lines = (await response.text()).splitlines()
    counts = [line for line in lines if line.startswith("pushsvc_receipts_refused_total")]
    return sum(int(float(line.rpartition(" ")[2])) for line in counts)


async def test_many_users_of_one_message_each_get_their_own_receipt(reported: Service) -> None:
    cert = await host(reported, "xiaomi")
    users = [f"user-{number}" for number in range(300)]
    await asyncio.gather(
        *(reported.register(user, cert.cert_id, MAKES["xiaomi"].phone(at)) for at, user in enumerate(users, 1))
    )
    await reported.sandbox.kill_phone(MAKES["xiaomi"].phone(7), "xiaomi", answer=None)

    sent = await send(reported, *users)
    async with asyncio.timeout(20):
        while True:
            deliveries = (await reported.message(sent.message_id)).deliveries
            if all(each.state in (DELIVERED, FAILED) for each in deliveries):
                break

    assert [each.user_id for each in deliveries if each.state == FAILED] == ["user-6"]


async def test_equal_messages_to_different_users_that_shared_a_call_are_told_apart(reported: Service) -> None:
    cert = await host(reported, "huawei")
    users = [f"user-{number}" for number in range(40)]
    for at, user in enumerate(users, 1):
        await reported.register(user, cert.cert_id, MAKES["huawei"].phone(at))

    sends = await asyncio.gather(*(send(reported, user) for user in users))

    for sent in sends:
        await until(reported, sent, DELIVERED)
    calls = (await reported.sandbox.counters("huawei"))["paths"]
    assert calls["/v1/{app_id}/messages:send"] < len(users)


async def test_forged_replayed_reordered_and_stray_receipts_change_nothing(
    reported: Service, http: aiohttp.ClientSession
) -> None:
    oppo, xiaomi = await host(reported, "oppo"), await host(reported, "xiaomi")
    phone = MAKES["oppo"].phone(1)
    await reported.register("alice", oppo.cert_id, phone)
    sent = await send(reported, "alice")
    delivered = await until(reported, sent, DELIVERED)
    [shown] = await reported.sandbox.bar(phone)
    parameter = shown["raw"]["call_back_parameter"]

    async def post(url: str, *items: Mapping[str, object]) -> int:
        async with http.post(url, data=orjson.dumps(items), headers={"Content-Type": "application/json"}) as response:
            return response.status

    def item(event: str, **changes: str) -> Mapping[str, object]:
        fields = {"registrationIds": phone, "param": parameter, "eventType": event, "eventTime": "1735689601234"}
        return fields | changes

    content, _, mac = parameter.partition(".")
    assert await post(oppo.receipt_url, item("push_arrive")) == 200  # once more
    assert await post(oppo.receipt_url, item("regid_invalid")) == 200  # after it was delivered
    assert await post(oppo.receipt_url, item("user_daily_limit")) == 200
    assert await post(oppo.receipt_url, item("regid_invalid", param=f"{int(content, 16) + 1:x}.{mac}")) == 200
    assert await post(oppo.receipt_url, item("regid_invalid", param="")) == 200
    assert await post(oppo.receipt_url, item("regid_invalid", registrationIds=MAKES["oppo"].phone(2))) == 200
    assert await post(oppo.receipt_url, item("no such event")) == 200
    # Another cert's address, with this push's parameter: it is not bound to that cert.
    form = urlencode({"data": orjson.dumps({"m": {"param": parameter, "type": 16, "targets": phone}}).decode()})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with http.post(xiaomi.receipt_url, data=form, headers=headers) as response:
        assert response.status == 200

    assert await delivery_of(reported, sent) == delivered
    tokens = await reported.stub.ListTokens(pb.ListTokensRequest(app_id="im", user_id="alice"))
    assert [each.registration_id for each in tokens.registrations] == [phone]


async def test_a_flood_of_10000_receipts_moves_no_state_back_and_removes_no_phone(
    reported: Service, http: aiohttp.ClientSession
) -> None:
    cert = await host(reported, "oppo")
    phones = [MAKES["oppo"].phone(number) for number in range(1, 21)]
    for number, phone in enumerate(phones):
        await reported.register(f"user-{number}", cert.cert_id, phone)
    sent = [await send(reported, f"user-{number}") for number in range(len(phones))]
    before = [await until(reported, each, DELIVERED) for each in sent]
    parameters = [(await reported.sandbox.bar(phone))[0]["raw"]["call_back_parameter"] for phone in phones]
    random = Random(1)

    def receipt() -> Mapping[str, object]:
        own = random.choice(parameters)
        content, _, mac = own.partition(".")
        forged = [
            f"{int(content, 16) + random.randint(1, 9):x}.{mac}",
            f"{content}.{mac[::-1]}",
            content,
            "",
            "7." * 50,
        ]
        return {
            "registrationIds": random.choice(phones),
            "param": own if random.random() < 0.5 else random.choice(forged),
            "eventType": random.choice(["push_arrive", "regid_invalid", "user_daily_limit", "no such event"]),
            "eventTime": str(random.randint(0, 2_000_000_000_000)),
        }

    for _ in range(10):
        body = orjson.dumps([receipt() for _ in range(1_000)])
        async with http.post(cert.receipt_url, data=body, headers={"Content-Type": "application/json"}) as response:
            assert response.status == 200

    assert [await delivery_of(reported, each) for each in sent] == before
    for number, phone in enumerate(phones):
        tokens = await reported.stub.ListTokens(pb.ListTokensRequest(app_id="im", user_id=f"user-{number}"))
        assert [each.registration_id for each in tokens.registrations] == [phone]


@pytest.mark.parametrize("vendor", sorted(MAKES))
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"data=%ff", b"cb={}", b"[" * 100_000])
async def test_garbage_at_a_receipt_url_is_refused_or_ignored_in_words(
    reported: Service, http: aiohttp.ClientSession, vendor: str, body: bytes
) -> None:
    cert = await host(reported, vendor)

    async with http.post(cert.receipt_url, data=body) as response:
        assert response.status in (200, 400)
        assert len(await response.text()) > 0


@pytest.mark.parametrize("change", ["no secret", "another vendor", "another cert", "too long"])
async def test_a_wrong_path_is_not_found_whatever_it_says(
    reported: Service, http: aiohttp.ClientSession, change: str
) -> None:
    cert = await host(reported, "oppo")
    root, _, segment = cert.receipt_url.rpartition("/")
    _, _, secret = segment.partition("-")
    url = {
        "no secret": f"{root}/{cert.cert_id}-",
        "another vendor": f"{root.removesuffix('oppo')}vivo/{segment}",
        "another cert": f"{root}/{cert.cert_id + 1}-{secret}",
        "too long": f"{root}/{segment}0",
    }[change]

    async with http.post(url, json=[]) as response:
        assert response.status == 404


async def test_a_callback_over_a_mebibyte_is_refused(reported: Service, http: aiohttp.ClientSession) -> None:
    cert = await host(reported, "oppo")

    async with http.post(cert.receipt_url, data=io.BytesIO(b"x" * ((1 << 20) + 1))) as response:
        assert response.status == 413


async def test_without_a_public_root_no_maker_is_asked_to_report(service: Service) -> None:
    cert = await service.cert(await service.host_oppo())
    await service.register("alice", cert.cert_id, MAKES["oppo"].phone(1))

    await service.send("alice")

    [shown] = await service.sandbox.bar(MAKES["oppo"].phone(1))
    assert cert.receipt_url == ""
    assert "call_back_url" not in shown["raw"]


async def test_a_receipt_counts_across_a_restart_and_is_seen_by_watchers(
    start_service: ServiceStarter, own_address: str
) -> None:
    settings = {"http_listen": own_address, "receipt_base_url": f"http://{own_address}"}
    service = await start_service(**settings)
    cert = await host(service, "xiaomi")
    phone = MAKES["xiaomi"].phone(1)
    await service.register("alice", cert.cert_id, phone)
    sent = await send(service, "alice")
    await until(service, sent, DELIVERED)

    service = await start_service(**settings)
    assert (await service.cert(cert.cert_id)).receipt_url == cert.receipt_url
    await service.sandbox.tap(phone, "xiaomi")
    await until(service, sent, CLICKED)

    states = []
    async for response in service.stub.WatchDeliveries(pb.WatchDeliveriesRequest(app_id="im", cursor="0"), timeout=10):
        states += [each.state for each in response.deliveries]
        if CLICKED in states:
            break
    # The maker may report before its answer is settled.
    assert states in ([SENT, DELIVERED, CLICKED], [DELIVERED, CLICKED])
