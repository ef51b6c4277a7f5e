from __future__ import annotations

from google.protobuf.json_format import ParseDict

from pushsvc.v1 import push_service_pb2 as api
from tests.cli.canned import CannedService, Command


def waiting_message() -> api.GetMessageResponse:
    events = [
        {"time": "2030-01-31T08:00:00Z", "state": "DELIVERY_STATE_PENDING", "detail": "accepted"},
        {
            "time": "2030-01-31T08:00:01.250Z",
            "state": "DELIVERY_STATE_PENDING",
            "reason": "REASON_THROTTLED",
            "vendor_code": "33",
            "detail": "attempt 1: throttled",
        },
    ]
    delivery = {
        "delivery_id": "99-0",
        "user_id": "alice",
        "device_id": "pad",
        "vendor": "oppo",
        "cert_id": 7,
        "state": "DELIVERY_STATE_PENDING",
        "reason": "REASON_THROTTLED",
        "vendor_code": "33",
        "vendor_reason": "daily limit",
        "advice": "The quota of the day is spent.",
        "attempts": 1,
        "truncated": ["title"],
        "next_attempt_time": "2030-01-31T16:00:00Z",
        "timeline": events,
        "registration_id_prefix": "CN_00112233",
    }
    fields = {
        "message_id": "99",
        "notification": {
            "title": "你好 👋",
            "body": "World",
            "click_action": {"intent_uri": "example://chat"},
            "category": "CATEGORY_IM",
            "vendor_options": {"oppo": {"template": "plain"}},
        },
        "create_time": "2030-01-31T08:00:00Z",
        "expire_time": "2030-02-01T08:00:00Z",
        "deliveries": [delivery],
        "unreachable_user_ids": ["bob", "carol"],
    }
    return ParseDict(fields, api.GetMessageResponse())


async def test_a_message_tells_an_operator_why_it_has_not_arrived(service: CannedService, command: Command) -> None:
    service.answers["GetMessage"] = waiting_message()

    exit_code, out, _ = await command("message", "get", "99", "--app", "im", "--server", service.address)

    assert exit_code == 0
    assert service.requests == [api.GetMessageRequest(app_id="im", message_id="99")]
    assert [line.rstrip() for line in out.splitlines()] == [
        "message   99",
        "title     你好 👋",
        "body      World",
        "tap       open example://chat",
        "category  im",
        'options   oppo: template="plain"',
        "accepted  2030-01-31 08:00:00.000Z",
        "expires   2030-02-01 08:00:00.000Z",
        "no phone registered: bob, carol",
        "",
        "DELIVERY  USER   DEVICE  VENDOR  CERT  PHONE         STATE    REASON     ATTEMPTS",
        "99-0      alice  pad     oppo    7     CN_00112233…  pending  throttled  1",
        "  vendor said   33: daily limit",
        "  shortened     title",
        "  what to do    The quota of the day is spent.",
        "  next attempt  2030-01-31 16:00:00.000Z",
        "  TIME                      STATE    REASON     VENDOR CODE  STEP",
        "  2030-01-31 08:00:00.000Z  pending                          accepted",
        "  2030-01-31 08:00:01.250Z  pending  throttled  33           attempt 1: throttled",
    ]


async def test_a_message_is_cancelled_and_told_how_much_of_it_was_stopped(
    service: CannedService, command: Command
) -> None:
    service.answers["CancelMessage"] = api.CancelMessageResponse(cancelled_deliveries=2)

    exit_code, out, _ = await command("message", "cancel", "99", "--app", "im", "--server", service.address)

    assert (exit_code, out) == (0, "cancelled 2 deliveries\n")
    assert service.requests == [api.CancelMessageRequest(app_id="im", message_id="99")]
