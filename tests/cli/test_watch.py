from __future__ import annotations

import json

from google.protobuf.json_format import ParseDict

from pushsvc.v1 import push_service_pb2 as api
from tests.cli.canned import CannedService, Command

CHANGES = {
    "cursor": "42",
    "deliveries": [
        {
            "delivery_id": "99-0",
            "user_id": "alice",
            "vendor": "oppo",
            "registration_id_prefix": "CN_0011",
            "state": "DELIVERY_STATE_FAILED",
            "reason": "REASON_REGISTRATION_INVALID",
            "vendor_code": "10000",
            "vendor_reason": "Invalid\nRegistrationId",
            "update_time": "2030-01-31T08:00:01.250Z",
        },
        {
            "delivery_id": "99-1",
            "user_id": "bob",
            "vendor": "vivo",
            "registration_id_prefix": "17",
            "state": "DELIVERY_STATE_SENT",
            "update_time": "2030-01-31T08:00:02Z",
        },
    ],
}


async def test_each_outcome_is_a_line_until_the_service_refuses(service: CannedService, command: Command) -> None:
    service.answers["WatchDeliveries"] = ParseDict(CHANGES, api.WatchDeliveriesResponse())

    exit_code, out, err = await command("watch", "--app", "im", "--cursor", "7", "--server", service.address)

    assert out.splitlines() == [
        "2030-01-31 08:00:01.250Z failed 99-0 alice oppo CN_0011… registration invalid 10000: Invalid RegistrationId",
        "2030-01-31 08:00:02.000Z sent 99-1 bob vivo 17…",
    ]
    assert service.requests[0] == api.WatchDeliveriesRequest(app_id="im", cursor="7")
    assert (exit_code, err) == (1, "error: FAILED_PRECONDITION: the end\n")


async def test_programs_get_one_json_document_a_line_with_the_cursor(service: CannedService, command: Command) -> None:
    service.answers["WatchDeliveries"] = ParseDict(CHANGES, api.WatchDeliveriesResponse())

    _, out, _ = await command("watch", "--app", "im", "--json", "--server", service.address)

    [line] = out.splitlines()
    assert json.loads(line)["cursor"] == "42"
    assert [each["user_id"] for each in json.loads(line)["deliveries"]] == ["alice", "bob"]


async def test_a_line_that_breaks_is_taken_up_where_it_ended(service: CannedService, command: Command) -> None:
    service.answers["WatchDeliveries"] = ParseDict(CHANGES, api.WatchDeliveriesResponse())
    service.breaks_once = True

    _, _, err = await command("watch", "--app", "im", "--server", service.address)

    assert [request.cursor for request in service.requests if isinstance(request, api.WatchDeliveriesRequest)] == [
        "",
        "42",
    ]
    assert err.startswith("the service is away; watching again from cursor 42\n")
