"""Options that several commands take, and how their text becomes values.

Every parser raises `typer.BadParameter`, which ends the command as wrongly used. None of them repeats a value: it may
be a secret.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct

from pushsvc.v1 import notification_pb2
from vendors.contract import Category

DEFAULT_SERVER = "127.0.0.1:50051"
DEFAULT_TIMEOUT_SECONDS = 10.0

AppId = Annotated[str, typer.Option("--app", help="The app, as your back end names it.", show_default=False)]
ServerAddress = Annotated[
    str, typer.Option("--server", envvar="PUSHSVC_SERVER", metavar="HOST:PORT", help="Where 'pushsvc serve' listens.")
]
Timeout = Annotated[
    float,
    typer.Option("--timeout", min=0.1, metavar="SECONDS", help="How long to wait for the connection, then the answer."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]

_COUNT = re.compile(r"[0-9]{1,9}")
_DURATION = re.compile(
    r"(?=.)(?:(?P<days>[0-9]{1,6})d)?(?:(?P<hours>[0-9]{1,6})h)?(?:(?P<minutes>[0-9]{1,6})m)?(?:(?P<seconds>[0-9]{1,6})s)?"
)


def pairs(texts: Iterable[str], *, option: str) -> dict[str, str]:
    """`key=value` texts as a mapping; a later one wins."""
    result = {}
    for text in texts:
        key, separator, value = text.partition("=")
        if not key or not separator:
            raise typer.BadParameter("must be key=value", param_hint=option)
        result[key] = value
    return result


def json_values(values: Mapping[str, str]) -> dict[str, object]:
    """Each value read as JSON where it is JSON, else as the text it is: `2` is a number, `news` a text."""
    return {key: _json_or_text(value) for key, value in values.items()}


def fill_struct(struct: Struct, values: Mapping[str, object], *, option: str) -> None:
    """Puts values into a Struct in place of what it holds."""
    try:
        json_format.ParseDict(dict(values), struct)
    except (json_format.ParseError, ValueError, OverflowError) as error:
        raise typer.BadParameter("holds a number or a text that can't be sent", param_hint=option) from error


def _json_or_text(text: str) -> object:
    try:
        return json.loads(text, parse_float=_finite, parse_constant=_finite)
    except ValueError:
        return text


def _finite(text: str) -> float:
    """Python reads NaN, Infinity and 1e999 as numbers, JSON can't carry them."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def vendor_options(texts: Iterable[str], *, option: str) -> dict[str, dict[str, object]]:
    """`vendor.key=value` texts as vendor to its options."""
    result: dict[str, dict[str, object]] = {}
    for name, value in json_values(pairs(texts, option=option)).items():
        vendor, separator, key = name.partition(".")
        if not vendor or not separator or not key:
            raise typer.BadParameter("must be vendor.key=value, such as oppo.notify_level=2", param_hint=option)
        result.setdefault(vendor, {})[key] = value
    return result


def duration(text: str, *, option: str) -> timedelta:
    """`90s`, `30m`, `1h30m` or `2d` as a duration."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise typer.BadParameter("must be a duration such as 90s, 30m, 1h30m or 2d", param_hint=option)
    return timedelta(**{unit: int(number) for unit, number in match.groupdict(default="0").items()})


def point_in_time(text: str, *, now: datetime, option: str) -> datetime:
    """A duration from now, or a time with its zone such as `2030-01-31T08:00:00+08:00`; in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return now + duration(text, option=option)
    if moment.tzinfo is None:
        raise typer.BadParameter("needs a zone, such as +08:00 or Z", param_hint=option)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise typer.BadParameter("is beyond the calendar", param_hint=option) from error


def category_number(category: Category | None) -> notification_pb2.Category.ValueType:
    """The category as the API numbers it; unspecified if None."""
    name = "UNSPECIFIED" if category is None else category.name
    return notification_pb2.Category.Value(f"CATEGORY_{name}")


def badge(text: str, *, option: str) -> notification_pb2.Badge | None:
    """`7` as a count, `+1` as one more, nothing as None."""
    if not text:
        return None
    if text == "+1":
        return notification_pb2.Badge(increment=True)
    if not _COUNT.fullmatch(text):
        raise typer.BadParameter("must be a number such as 7, or +1", param_hint=option)
    return notification_pb2.Badge(count=int(text))


def click_action(
    *, open_app: bool = False, url: str = "", activity: str = "", intent_action: str = "", intent_uri: str = ""
) -> notification_pb2.ClickAction | None:
    """What a tap does, of which at most one may be said; None if nothing is said."""
    said = [bool(way) for way in (open_app, url, activity, intent_action, intent_uri)].count(True)
    if said > 1:
        raise typer.BadParameter("a tap does one thing: give one click option only")
    if open_app:
        return notification_pb2.ClickAction(open_app=True)
    if url:
        return notification_pb2.ClickAction(url=url)
    if activity:
        return notification_pb2.ClickAction(activity=activity)
    if intent_action:
        return notification_pb2.ClickAction(intent_action=intent_action)
    if intent_uri:
        return notification_pb2.ClickAction(intent_uri=intent_uri)
    return None
