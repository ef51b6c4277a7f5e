"""Values of the API in words for people. Pure."""

from __future__ import annotations

import json
from datetime import UTC

from google.protobuf import json_format
from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from pushsvc.v1 import delivery_pb2, notification_pb2

SECONDS_PER_DAY = 86400
SECONDS_PER_HOUR = 3600


def enum_word(enum: EnumDescriptor, number: int) -> str:
    """`DELIVERY_STATE_SENT` as `sent`; empty for the unspecified value."""
    if number == 0:
        return ""
    value = enum.values_by_number.get(number)
    if value is None:
        # From a service that is newer than this command.
        return f"unknown ({number})"
    prefix = enum.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return value.name.removeprefix(prefix).lower().replace("_", " ")


def state_word(state: int) -> str:
    """Where a delivery stands."""
    return enum_word(delivery_pb2.DeliveryState.DESCRIPTOR, state)


def reason_words(reason: int) -> str:
    """Why it stands there; empty while nothing went wrong."""
    return enum_word(delivery_pb2.Reason.DESCRIPTOR, reason)


def category_word(category: int) -> str:
    """A message class; empty if unspecified."""
    return enum_word(notification_pb2.Category.DESCRIPTOR, category)


def moment(timestamp: Timestamp) -> str:
    """A time in UTC, to the millisecond; empty if unset."""
    if not timestamp.seconds and not timestamp.nanos:
        return ""
    return timestamp.ToDatetime(UTC).isoformat(sep=" ", timespec="milliseconds").replace("+00:00", "Z")


def span(duration: Duration) -> str:
    """A duration in its largest whole unit: `10 d`, `36 h`, `90 s`."""
    for unit, seconds in (("d", SECONDS_PER_DAY), ("h", SECONDS_PER_HOUR)):
        if duration.seconds and duration.seconds % seconds == 0:
            return f"{duration.seconds // seconds} {unit}"
    return f"{duration.seconds} s"


def count(number: int, one: str, many: str) -> str:
    """`1 phone`, `2 phones`."""
    return f"{number} {one if number == 1 else many}"


def tap(action: notification_pb2.ClickAction) -> str:
    """What a tap does; empty if nothing is said."""
    match action.WhichOneof("action"):
        case None:
            return ""
        case "open_app":
            return "open the app"
        case "url":
            return f"open {action.url}"
        case "activity":
            return f"open the page {action.activity}"
        case "intent_action":
            return f"open the page that takes {action.intent_action}"
        case "intent_uri":
            return f"open {action.intent_uri}"


def vendor_said(code: str, reason: str) -> str:
    """A vendor's code and text as it gave them; empty if it gave none."""
    if code and reason:
        return f"{code}: {reason}"
    return code or reason


def options_text(options: Struct) -> str:
    """A vendor's options as `key=value`, as the command line takes them."""
    values: dict[str, object] = json_format.MessageToDict(options)
    return ", ".join(f"{name}={json.dumps(_whole(value), ensure_ascii=False)}" for name, value in values.items())


def _whole(value: object) -> object:
    """A Struct knows only floating numbers; `2.0` was a `2`."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
