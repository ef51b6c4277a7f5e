"""Accepting messages, and reading them back with what became of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from pushsvc.domain import Delivery, DeliveryRecord, DeliveryState, Message, MessageRecord
from pushsvc.pieces import parts
from pushsvc.store.base import Accepted, Repeated
from pushsvc.store.sqlite.connection import PIECE_ROWS, Pieces
from pushsvc.store.sqlite.inserts import insert
from pushsvc.store.sqlite.rows import (
    DELIVERY_COLUMNS,
    MESSAGE_COLUMNS,
    json_array,
    message_from_row,
    message_row,
    record_from_row,
)

# As a plain number: SQLite's module takes an enum only after a search for who could adapt it.
PENDING = int(DeliveryState.PENDING)
IDEMPOTENCY_WINDOW_MS = 24 * 3_600_000

FIND_KEYS = """
SELECT m.app_id, m.idempotency_key, m.message_id, m.fingerprint, m.created_at_ms
FROM json_each(?) AS j CROSS JOIN messages AS m
WHERE m.app_id = json_extract(j.value, '$[0]') AND m.idempotency_key = json_extract(j.value, '$[1]')"""

GIVE_UP_KEYS = "UPDATE messages SET idempotency_key = NULL WHERE message_id IN (SELECT value FROM json_each(?))"

# A JSON text ends at a NUL for SQLite, so that "alice\0x" would find alice's phones: the ids found are compared again.
LOOK_UP = """
SELECT j.key, r.registration_key, r.user_id, r.device_id, r.vendor, r.cert_id, r.registration_id, r.version
FROM json_each(?) AS j CROSS JOIN registrations AS r
WHERE r.app_id = ? AND r.user_id = j.value"""

INSERT_MESSAGES = insert("messages", MESSAGE_COLUMNS)

INSERT_DELIVERIES = insert(
    "deliveries",
    (
        *("message_id", "number", "user_id", "device_id", "vendor", "cert_id", "registration_key", "registration_id"),
        *("state", "due_at_ms", "expires_at_ms", "updated_at_ms"),
    ),
)

MESSAGES = f"SELECT {', '.join(MESSAGE_COLUMNS)} FROM messages WHERE message_id IN (SELECT value FROM json_each(?))"  # noqa: S608 - a constant

DELIVERIES = f"""
SELECT {", ".join(DELIVERY_COLUMNS)}
FROM deliveries WHERE message_id IN (SELECT value FROM json_each(?)) ORDER BY message_id, number"""  # noqa: S608 - a constant


def accept(
    connection: sqlite3.Connection, messages: Sequence[Message], now_ms: int
) -> Pieces[Sequence[Accepted | Repeated]]:
    """See `Store.accept`."""
    first_uses = _first_uses(connection, messages, now_ms)
    fresh = []
    repeats = []
    for position, message in enumerate(messages):
        first = first_uses.setdefault(_key(message), message.message_id) if message.idempotency_key else None
        if first is None or first == message.message_id:
            fresh.append(position)
        else:
            repeats.append((position, first))
    answers: dict[int, Accepted | Repeated] = {}
    accepted: list[Accepted] = []
    for piece in parts([messages[position] for position in fresh], lambda message: len(message.user_ids), PIECE_ROWS):
        if accepted:
            yield
        accepted += _write(connection, piece)
    answers.update(zip(fresh, accepted, strict=True))
    records = read(connection, [first for _, first in repeats]) if repeats else {}
    for position, first in repeats:
        is_same = records[first].message.fingerprint == messages[position].fingerprint
        answers[position] = Repeated(record=records[first] if is_same else None)
    return [answers[position] for position in range(len(messages))]


def read(
    connection: sqlite3.Connection, message_ids: Sequence[int], *, with_timeline: bool = False
) -> Mapping[int, MessageRecord]:
    """Messages with their deliveries, by message id; those that don't exist are left out."""
    ids = json_array(message_ids)
    messages = read_messages(connection, message_ids)
    deliveries: dict[int, list[DeliveryRecord]] = {message_id: [] for message_id in messages}
    for row in connection.execute(DELIVERIES, (ids,)).fetchall():
        record = record_from_row(row, timeline_of=messages[row[0]] if with_timeline else None)
        deliveries[record.message_id].append(record)
    return {
        message_id: MessageRecord(
            message=message,
            deliveries=deliveries[message_id],
            unreachable_user_ids=_unreachable(message, deliveries[message_id]),
        )
        for message_id, message in messages.items()
    }


def read_messages(connection: sqlite3.Connection, message_ids: Sequence[int]) -> Mapping[int, Message]:
    """Messages by id."""
    rows = connection.execute(MESSAGES, (json_array(message_ids),)).fetchall()
    return {row[0]: message_from_row(row) for row in rows}


def _key(message: Message) -> tuple[str, str]:
    return (message.app_id, message.idempotency_key)


def _first_uses(connection: sqlite3.Connection, messages: Sequence[Message], now_ms: int) -> dict[tuple[str, str], int]:
    """The message that holds each idempotency key; one older than the window gives its key up."""
    keys = {_key(message) for message in messages if message.idempotency_key}
    if not keys:
        return {}
    rows = connection.execute(FIND_KEYS, (json_array(keys),)).fetchall()
    first_uses = {}
    outlived = []
    for app_id, key, message_id, _, created_at_ms in rows:
        if created_at_ms <= now_ms - IDEMPOTENCY_WINDOW_MS:
            outlived.append(message_id)
        else:
            first_uses[app_id, key] = message_id
    if outlived:
        connection.execute(GIVE_UP_KEYS, (json_array(outlived),))
    return first_uses


def _write(connection: sqlite3.Connection, messages: Sequence[Message]) -> Sequence[Accepted]:
    deliveries = _deliveries(connection, messages)
    INSERT_MESSAGES.run(connection, [message_row(message) for message in messages])
    INSERT_DELIVERIES.run(
        connection,
        [
            (
                delivery.key[0],
                delivery.key[1],
                delivery.user_id,
                delivery.device_id,
                delivery.vendor,
                delivery.cert_id,
                delivery.registration_key,
                delivery.registration_id,
                PENDING,
                delivery.due_at_ms,
                delivery.message.expires_at_ms,
                delivery.message.created_at_ms,
            )
            for group in deliveries
            for delivery in group
        ],
    )
    return [
        Accepted(deliveries=group, unreachable_user_ids=_unreachable(message, group))
        for message, group in zip(messages, deliveries, strict=True)
    ]


def _deliveries(connection: sqlite3.Connection, messages: Sequence[Message]) -> Sequence[list[Delivery]]:
    """The deliveries of each message, in the order of its users and their registrations."""
    deliveries: list[list[Delivery]] = [[] for _ in messages]
    for app_id in {message.app_id for message in messages}:
        asked = [
            (index, user_id)
            for index, message in enumerate(messages)
            if message.app_id == app_id
            for user_id in message.user_ids
        ]
        users = json_array(user_id for _, user_id in asked)
        for row in sorted(connection.execute(LOOK_UP, (users, app_id)).fetchall()):
            place, registration_key, user_id, device_id, vendor, cert_id, registration_id, version = row
            index, asked_user_id = asked[place]
            if user_id != asked_user_id:
                continue
            own = deliveries[index]
            message = messages[index]
            own.append(
                Delivery(
                    message=message,
                    key=(message.message_id, len(own)),
                    user_id=user_id,
                    device_id=device_id,
                    vendor=vendor,
                    cert_id=cert_id,
                    registration_key=registration_key,
                    registration_version=version,
                    registration_id=registration_id,
                    due_at_ms=message.due_at_ms,
                )
            )
    return deliveries


def _unreachable(message: Message, deliveries: Sequence[Delivery] | Sequence[DeliveryRecord]) -> Sequence[str]:
    if len(message.user_ids) == 1 and deliveries:
        return ()
    reached = {delivery.user_id for delivery in deliveries}
    return tuple(user_id for user_id in message.user_ids if user_id not in reached)
