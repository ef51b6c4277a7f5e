"""A batch of many contents is long work: the plug-ins that take one leave the event loop to others in between."""

from __future__ import annotations

import pytest
from msgspec import structs

from tests.vendors.test_oppo_contract import TestOppo as Oppo
from tests.vendors.test_xiaomi_contract import TestXiaomi as Xiaomi
from vendors.contract import CONTENTS_AT_ONCE as AT_ONCE
from vendors.contract import HttpRequest, Pause
from vendors.driving import ACCESS_TOKEN, NOW, VendorDriver


@pytest.mark.parametrize("suite", [Oppo, Xiaomi])
@pytest.mark.parametrize(
    ("pushes", "pauses"), [(1, 0), (AT_ONCE - 1, 0), (AT_ONCE, 1), (AT_ONCE + 1, 1), (5 * AT_ONCE, 5)]
)
def test_a_plug_in_pauses_after_each_hundred_contents(suite: type[VendorDriver], pushes: int, pauses: int) -> None:
    driver = suite()
    batch = [driver.push(number, body=f"text {number}") for number in range(pushes)]
    steps = driver.vendor.exchange(batch, driver.parsed_credential(), ACCESS_TOKEN, now=NOW)

    before = [next(steps) for _ in range(pauses)]

    assert all(isinstance(step, Pause) for step in before)
    assert isinstance(next(steps), HttpRequest)


@pytest.mark.parametrize("suite", [Oppo, Xiaomi])
def test_a_content_that_many_share_is_no_long_work(suite: type[VendorDriver]) -> None:
    driver = suite()
    first = driver.push()
    batch = [structs.replace(first, dedup_id=f"{number:032x}") for number in range(500)]

    steps = driver.vendor.exchange(batch, driver.parsed_credential(), ACCESS_TOKEN, now=NOW)

    assert isinstance(next(steps), HttpRequest)
