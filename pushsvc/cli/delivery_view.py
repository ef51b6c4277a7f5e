"""Deliveries as people read them. Pure: answers in, lines and tables out."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from pushsvc.cli.output import facts, one_line, table
from pushsvc.cli.words import moment, reason_words, state_word, vendor_said
from pushsvc.v1 import delivery_pb2


def deliveries_table(deliveries: Iterable[delivery_pb2.Delivery]) -> Table:
    """Where each delivery stands, one a row."""
    return table(
        ("DELIVERY", "USER", "DEVICE", "VENDOR", "CERT", "PHONE", "STATE", "REASON", "ATTEMPTS"),
        (
            (
                delivery.delivery_id,
                delivery.user_id,
                delivery.device_id,
                delivery.vendor,
                str(delivery.cert_id),
                f"{delivery.registration_id_prefix}…",
                state_word(delivery.state),
                reason_words(delivery.reason),
                str(delivery.attempts),
            )
            for delivery in deliveries
        ),
    )


def delivery_words(delivery: delivery_pb2.Delivery) -> Table | None:
    """What the vendor said about one delivery and what to do; None where there is nothing to say."""
    rows = [
        ("vendor said", vendor_said(delivery.vendor_code, delivery.vendor_reason)),
        ("vendor's id", delivery.vendor_message_id),
        ("shortened", ", ".join(delivery.truncated)),
        ("left out", ", ".join(delivery.ignored)),
        ("what to do", delivery.advice),
        ("next attempt", moment(delivery.next_attempt_time)),
    ]
    return facts(rows, indent=2) if any(value for _, value in rows) else None


def timeline_table(timeline: Iterable[delivery_pb2.DeliveryEvent]) -> Table:
    """What happened to a delivery, oldest first."""
    return table(
        ("  TIME", "STATE", "REASON", "VENDOR CODE", "STEP"),
        (
            (
                f"  {moment(event.time)}",
                state_word(event.state),
                reason_words(event.reason),
                event.vendor_code,
                event.detail,
            )
            for event in timeline
        ),
    )


def unreachable_words(user_ids: Iterable[str]) -> Iterable[RenderableType]:
    """The users who have no phone here."""
    if users := ", ".join(user_ids):
        yield Text(one_line(f"no phone registered: {users}"))
