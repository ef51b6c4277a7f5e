"""The recall endpoints of the simulators refuse what the makers' pages don't have."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import aiohttp
import pytest

from vendors.sandbox import server
from vendors.sandbox.xiaomi.apps import DEMO_APP

GOOD = {"registration_ids": "regA=,regB=", "restricted_package_name": DEMO_APP.package_name, "notify_id": "7"}


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with server.running() as running:
        yield running.url


async def revoke(url: str, form: Mapping[str, str], *, secret: str = DEMO_APP.app_secret) -> int:
    headers = {"Authorization": f"key={secret}"}
    path = f"{url}/xiaomi/v3/message/regid/revoke"
    async with aiohttp.ClientSession() as http, http.post(path, data=form, headers=headers) as response:
        return int((await response.json())["code"])


async def test_xiaomi_takes_a_recall_as_its_sdk_writes_it(url: str) -> None:
    assert await revoke(url, GOOD) == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"restricted_package_name": "com.another"}, 22022),
        ({"registration_ids": ""}, 10016),
        ({"registration_ids": ",".join(f"reg{at}" for at in range(1_001))}, 10016),
        ({"notify_id": "x"}, 10017),
        ({"notify_id": ""}, 10017),
        ({"title": "none here"}, 10017),
    ],
)
async def test_xiaomi_refuses_a_recall_with_anything_wrong_in_it(url: str, changes: dict[str, str], code: int) -> None:
    assert await revoke(url, {**GOOD, **changes}) == code


async def test_xiaomi_refuses_a_recall_with_anothers_secret(url: str) -> None:
    assert await revoke(url, GOOD, secret="another") == 21301


async def test_huawei_refuses_a_recall_without_a_jwt_or_of_another_client(url: str) -> None:
    async with aiohttp.ClientSession() as http:
        for client_id, code in (("100000009", "80200001"), ("1", "80100001")):
            path = f"{url}/harmonyos/v1/{client_id}/messages:revoke"
            async with http.post(path, json={"notifyId": 1, "token": ["t"]}) as response:
                assert (await response.json())["code"] == code
