"""Pushes by their content, for a vendor that takes one content for many phones."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from vendors.contract import CONTENTS_AT_ONCE, PAUSE, Pause, Push
from vendors.outcomes import MessageRejected

Content = TypeVar("Content")


@dataclass(slots=True)
class Group(Generic[Content]):
    """Pushes of one content.

    Attributes:
        content: what they share.
        positions: of the pushes in the batch.
        registration_ids: theirs, in the same order; one may stand twice.
    """

    content: Content
    positions: list[int] = field(default_factory=list)
    registration_ids: list[str] = field(default_factory=list)


def grouped_with_pauses(
    pushes: Sequence[Push], content_of: Callable[[Push], Content | MessageRejected]
) -> Generator[Pause, object, tuple[Sequence[Group[Content]], dict[int, MessageRejected]]]:
    """The groups, and by position the outcomes of what can't be sent.

    Args:
        pushes: one batch.
        content_of: builds all of a call but the phones, as a value that can be compared; or says why it can't be sent.
    """
    # Most pushes of a batch hold the very same objects, so a content is built once and found again by identity.
    built: dict[tuple[object, ...], Content | MessageRejected] = {}
    groups: dict[Content, Group[Content]] = {}
    refused: dict[int, MessageRejected] = {}
    for position, push in enumerate(pushes):
        key = _key(push)
        content = built.get(key)
        if content is None:
            content = built[key] = content_of(push)
            if len(built) % CONTENTS_AT_ONCE == 0:
                yield PAUSE
        if isinstance(content, MessageRejected):
            refused[position] = content
            continue
        group = groups.get(content)
        if group is None:
            group = groups[content] = Group(content)
        group.positions.append(position)
        group.registration_ids.append(push.registration_id)
    return list(groups.values()), refused


def grouped(
    pushes: Sequence[Push], content_of: Callable[[Push], Content | MessageRejected]
) -> tuple[Sequence[Group[Content]], dict[int, MessageRejected]]:
    """The same without pauses, for a vendor whose batches have one content."""
    steps = grouped_with_pauses(pushes, content_of)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            result: tuple[Sequence[Group[Content]], dict[int, MessageRejected]] = done.value
            return result


def _key(push: Push) -> tuple[object, ...]:
    shared = (id(push.notification), id(push.click_action), id(push.options))
    return (push.content_id or push.dedup_id, *shared, push.channel_id, push.category, push.expires_at)
