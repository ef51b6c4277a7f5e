from __future__ import annotations

from google.protobuf.timestamp_pb2 import Timestamp

from pushsvc.v1 import push_service_pb2 as api
from tests.cli.canned import CannedService, Command

PHONE = "CN_00112233445566778899aabbccddeeff"


def registration() -> api.Registration:
    return api.Registration(
        app_id="im",
        user_id="alice",
        device_id="pad",
        vendor="oppo",
        cert_id=7,
        registration_id=PHONE,
        register_time=Timestamp(seconds=1_900_000_000, nanos=5_000_000),
    )


async def test_a_phone_is_registered_and_shown_as_stored(service: CannedService, command: Command) -> None:
    service.answers["RegisterToken"] = api.RegisterTokenResponse(registration=registration())

    exit_code, out, _ = await command(
        *("token", "register", "--app", "im", "--user", "alice", "--cert-id", "7", "--registration-id", PHONE),
        *("--device", "pad", "--server", service.address),
    )

    assert exit_code == 0
    assert service.requests == [
        api.RegisterTokenRequest(app_id="im", user_id="alice", cert_id=7, registration_id=PHONE, device_id="pad")
    ]
    assert out.splitlines()[1].split() == ["alice", "pad", "oppo", "7", PHONE, "2030-03-17", "17:46:40.005Z"]


async def test_unregistering_says_what_was_removed(service: CannedService, command: Command) -> None:
    service.answers["UnregisterToken"] = api.UnregisterTokenResponse(removed=2, cancelled_deliveries=1)

    result = await command("token", "unregister", "--app", "im", "--user", "alice", "--server", service.address)

    assert result == (0, "2 phones removed, 1 delivery cancelled\n", "")
    assert service.requests == [api.UnregisterTokenRequest(app_id="im", user_id="alice")]


async def test_a_user_without_phones_is_said_in_words(service: CannedService, command: Command) -> None:
    result = await command("token", "list", "--app", "im", "--user", "bob", "--server", service.address)

    assert result == (0, "no phones registered\n", "")
    assert service.requests == [api.ListTokensRequest(app_id="im", user_id="bob")]
