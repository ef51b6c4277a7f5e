"""Pushes by their content, for a vendor that takes one content for many phones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from vendors.contract import Push
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


class Grouping(Generic[Content]):
    """Sorts the pushes of one batch by their content.

    Args:
        content_of: builds all of a call but the phones, as a value that can be compared; or says why it can't be sent.

    Attributes:
        refused: by position, the outcomes of what can't be sent.
    """

    def __init__(self, content_of: Callable[[Push], Content | MessageRejected]) -> None:
        self._content_of = content_of
        # Most pushes of a batch hold the very same objects, so a content is built once and found again by identity.
        self._built: dict[tuple[object, ...], Content | MessageRejected] = {}
        self._groups: dict[Content, Group[Content]] = {}
        self.refused: dict[int, MessageRejected] = {}

    @property
    def groups(self) -> Sequence[Group[Content]]:
        """In the order of their first pushes."""
        return list(self._groups.values())

    def add(self, position: int, push: Push) -> None:
        """Takes the push at a position; those before it have to stay alive."""
        key = _key(push)
        content = self._built.get(key)
        if content is None:
            content = self._built[key] = self._content_of(push)
        if isinstance(content, MessageRejected):
            self.refused[position] = content
            return
        group = self._groups.get(content)
        if group is None:
            group = self._groups[content] = Group(content)
        group.positions.append(position)
        group.registration_ids.append(push.registration_id)


def grouped(
    pushes: Sequence[Push], content_of: Callable[[Push], Content | MessageRejected]
) -> tuple[Sequence[Group[Content]], dict[int, MessageRejected]]:
    """The groups of a batch, and by position the outcomes of what can't be sent; `content_of` as in `Grouping`."""
    grouping = Grouping(content_of)
    for position, push in enumerate(pushes):
        grouping.add(position, push)
    return grouping.groups, grouping.refused


def _key(push: Push) -> tuple[object, ...]:
    shared = (id(push.notification), id(push.click_action), id(push.options))
    return (push.content_id or push.dedup_id, *shared, push.channel_id, push.category, push.expires_at)
