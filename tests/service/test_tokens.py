from __future__ import annotations

import asyncio

import grpc

from pushsvc.v1 import delivery_pb2
from pushsvc.v1 import push_service_pb2 as pb
from tests.conftest import CREDENTIAL, PHONE_A, PHONE_B, Service
from tests.service.refusals import refusal_of, violations_of
from tests.service.test_certs import WRONG_SECRET, edit


async def logout(service: Service, **selection: str) -> pb.UnregisterTokenResponse:
    return await service.stub.UnregisterToken(pb.UnregisterTokenRequest(app_id="im", **selection))


async def phones_of(service: Service, user_id: str) -> list[str]:
    listed = await service.stub.ListTokens(pb.ListTokensRequest(app_id="im", user_id=user_id))
    return [each.registration_id for each in listed.registrations]


async def test_registering_again_changes_nothing(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)

    again = await service.register("alice", cert_id, PHONE_A)

    assert (again.vendor, again.cert_id) == ("oppo", cert_id)
    assert await phones_of(service, "alice") == [PHONE_A]


async def test_a_refreshed_registration_id_replaces_the_old_one_of_the_device(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A, device_id="phone")

    await service.register("alice", cert_id, PHONE_B, device_id="phone")

    assert await phones_of(service, "alice") == [PHONE_B]


async def test_a_phone_that_changes_hands_never_shows_the_first_users_messages(service: Service) -> None:
    cert_id = await service.host_oppo(credential=WRONG_SECRET)
    await service.register("alice", cert_id, PHONE_A)
    sent = await service.send("alice", title="for alice only")

    await service.register("bob", cert_id, PHONE_A)
    await edit(service, cert_id, credential=CREDENTIAL)
    await service.send("bob", title="for bob")

    assert [each["title"] for each in await service.sandbox.bar(PHONE_A)] == ["for bob"]
    delivery = (await service.message(sent.message_id)).deliveries[0]
    assert (delivery.state, delivery.reason) == (
        delivery_pb2.DELIVERY_STATE_CANCELLED,
        delivery_pb2.REASON_CHANGED_HANDS,
    )
    assert await phones_of(service, "alice") == []


async def test_after_logout_nothing_reaches_the_phone(service: Service) -> None:
    cert_id = await service.host_oppo(credential=WRONG_SECRET)
    await service.register("alice", cert_id, PHONE_A)
    sent = await service.send("alice")

    removed = await logout(service, user_id="alice")
    await edit(service, cert_id, credential=CREDENTIAL)
    await service.register("bob", cert_id, PHONE_B)
    await service.send("bob")

    assert (removed.removed, removed.cancelled_deliveries) == (1, 1)
    assert await service.sandbox.bar(PHONE_A) == []
    delivery = (await service.message(sent.message_id)).deliveries[0]
    assert (delivery.state, delivery.reason) == (
        delivery_pb2.DELIVERY_STATE_CANCELLED,
        delivery_pb2.REASON_LOGGED_OUT,
    )


async def test_what_waited_for_a_refreshed_phone_goes_to_its_new_registration_id(service: Service) -> None:
    cert_id = await service.host_oppo(credential=WRONG_SECRET)
    await service.register("alice", cert_id, PHONE_A, device_id="phone")
    await service.send("alice", title="waited")

    await service.register("alice", cert_id, PHONE_B, device_id="phone")
    await edit(service, cert_id, credential=CREDENTIAL)
    await service.send("alice", title="fresh")

    assert sorted(each["title"] for each in await service.sandbox.bar(PHONE_B)) == ["fresh", "waited"]
    assert await service.sandbox.bar(PHONE_A) == []


async def test_a_late_logout_of_the_former_user_leaves_the_new_user_alone(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    await service.register("bob", cert_id, PHONE_A)

    removed = await logout(service, user_id="alice", registration_id=PHONE_A)

    assert removed.removed == 0
    assert await phones_of(service, "bob") == [PHONE_A]


async def test_one_device_logs_out_and_the_other_stays(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A, device_id="phone")
    await service.register("alice", cert_id, PHONE_B, device_id="tablet")

    await logout(service, user_id="alice", device_id="phone")

    assert await phones_of(service, "alice") == [PHONE_B]


async def test_a_registration_id_of_another_shape_or_region_is_named(service: Service) -> None:
    cert_id = await service.host_oppo()

    shape = await refusal_of(service.register("alice", cert_id, "not an id"))
    region = await refusal_of(service.register("alice", cert_id, "US_0123456789abcdef0123456789abcdef"))

    assert list(violations_of(shape)) == ["registration_id"]
    assert list(violations_of(region)) == ["registration_id"]


async def test_a_phone_cannot_be_registered_under_another_apps_cert(service: Service) -> None:
    cert_id = await service.host_oppo("im")

    error = await refusal_of(service.register("alice", cert_id, PHONE_A, app_id="mail"))

    assert error.code() is grpc.StatusCode.NOT_FOUND


async def test_a_logout_of_nobody_in_particular_is_refused(service: Service) -> None:
    error = await refusal_of(logout(service))

    assert violations_of(error) == {"user_id": "is required"}


async def test_a_nul_in_an_id_is_refused_and_hurts_nobody_in_its_batch(service: Service) -> None:
    cert_id = await service.host_oppo()

    bad, good = await asyncio.gather(
        refusal_of(service.register("alice\0", cert_id, PHONE_A)), service.register("alice", cert_id, PHONE_A)
    )

    assert violations_of(bad) == {"user_id": "must not hold a NUL character"}
    assert good.user_id == "alice"


async def test_a_cert_deleted_at_the_same_moment_is_nothing_to_other_logins(service: Service) -> None:
    gone = await service.host_oppo()
    kept = await service.host_oppo()

    _, *answers = await asyncio.gather(
        service.stub.DeleteCert(pb.DeleteCertRequest(app_id="im", cert_id=gone, force=True)),
        *(service.register(f"user-{at}", gone, f"CN_{at:032x}") for at in range(20)),
        *(service.register(f"user-{at}", kept, f"CN_{at:032x}") for at in range(20, 40)),
        return_exceptions=True,
    )

    refused = [answer for answer in answers[:20] if isinstance(answer, grpc.aio.AioRpcError)]
    assert {error.code() for error in refused} <= {grpc.StatusCode.NOT_FOUND}
    assert [answer.cert_id for answer in answers[20:] if isinstance(answer, pb.Registration)] == [kept] * 20
