"""What is sent: each workload as a file of messages for `ghz`, with how many notifications a call carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from bench.ghz import write_messages
from bench.rig import APP, user_id

BATCH = 500
USERS = 1_000
DIFFERENT = 20_000
Json = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Calls of one kind.

    Attributes:
        method: of PushService.
        data: file with the messages, which take turns.
        notifications: of each call.
    """

    method: str
    data: Path
    notifications: int


def unary(folder: Path, phones: Mapping[str, int]) -> Workload:
    """A chat message for one user of one phone, of each vendor in turn."""
    count = min(DIFFERENT // len(phones), *phones.values(), DIFFERENT)
    sends = list(chain.from_iterable(zip(*(_chat(vendor, count) for vendor in phones), strict=True)))
    return Workload(method="SendOffline", data=write_messages(folder / "unary.json", sends), notifications=1)


def batches(folder: Path) -> Workload:
    """SendOfflineBatch of 500 chat messages."""
    sends = list(_chat("oppo", DIFFERENT))
    calls = [{"requests": sends[first : first + BATCH]} for first in range(0, DIFFERENT, BATCH)]
    return Workload(method="SendOfflineBatch", data=write_messages(folder / "batch.json", calls), notifications=BATCH)


def fan_out(folder: Path) -> Workload:
    """One notification for 1000 users."""
    sends = [
        _send([user_id("oppo", number) for number in range(first, first + USERS)], f"第 {first // USERS} 期新闻")
        for first in range(0, DIFFERENT, USERS)
    ]
    return Workload(method="SendOffline", data=write_messages(folder / "fan-out.json", sends), notifications=USERS)


def _chat(vendor: str, count: int) -> Iterator[Json]:
    for number in range(count):
        yield _send([user_id(vendor, number)], f"今晚 {number % 12} 点一起吃饭吗？我在 {number} 号门等你")


def _send(user_ids: Sequence[str], body: str) -> Json:
    notification = {"title": "小明", "body": body, "ext": '{"room":"42"}'}
    return {"app_id": APP, "user_ids": user_ids, "notification": notification}
