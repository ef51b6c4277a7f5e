from __future__ import annotations

from google.protobuf.json_format import ParseDict

from pushsvc.v1 import push_service_pb2 as api
from tests.cli.canned import CannedService, Command


async def test_a_vendor_says_what_it_wants_and_can_do(service: CannedService, command: Command) -> None:
    vendor = {
        "name": "oppo",
        "label": "OPPO",
        "credential_fields": [
            {"name": "app_key", "label": "AppKey", "required": True, "help": "In the console."},
            {"name": "master_secret", "label": "MasterSecret", "secret": True, "help": "Beside it."},
        ],
        "options": [{"name": "notify_level", "type": "integer", "help": "1, 2 or 16"}],
        "capabilities": {
            "title_limit": 50,
            "body_limit": 200,
            "ext_limit": 4000,
            "max_ttl": "864000s",
            "max_targets": 1000,
            "batching": "any_content",
            "click_actions": ["open_app", "url"],
            "collapse": True,
            "dedup": True,
            "categories": ["CATEGORY_IM", "CATEGORY_NEWS"],
        },
    }
    service.answers["ListVendors"] = ParseDict({"vendors": [vendor]}, api.ListVendorsResponse())

    exit_code, out, _ = await command("vendors", "--server", service.address)

    assert exit_code == 0
    assert [line.rstrip() for line in out.splitlines()] == [
        "oppo: OPPO",
        "  CREDENTIAL     KIND              HELP",
        "  app_key        required          AppKey: In the console.",
        "  master_secret  optional, secret  MasterSecret: Beside it.",
        "  OPTION        TYPE     HELP",
        "  notify_level  integer  1, 2 or 16",
        "  limits      title 50, body 200, ext 4000 characters",
        "  keeps for   10 d",
        "  one call    up to 1000 (any content)",
        "  taps        open_app, url",
        "  categories  im, news",
        "  also        replaces by collapse id, drops repeats itself",
        "",
    ]
