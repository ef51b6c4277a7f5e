"""A refusal on its way from the check that found it to the answer: what every simulator raises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self, cast

from vendors.sandbox.faults import Effect


class Refusal(Exception):  # noqa: N818 - it says what happened
    """A call, an item or a phone that is answered with a code. Each maker's has the maker's texts.

    Attributes:
        texts: the maker's words by code.
        code: the maker's; a fault's may be anything.
        field: the field at fault; empty if none is.
        expected: what the page asks for.
        got: what came; never a secret in full.
        is_violation: the caller broke a rule; False for what a fault, a dead phone or a configured limit refuses.
        text: the maker's words for the code, or the fault's.
    """

    texts: ClassVar[Mapping[int, str]] = {}

    def __init__(
        self, code: int | str, field: str, expected: str, got: str, *, is_violation: bool = True, text: str = ""
    ) -> None:
        self.code = code
        self.field = field
        self.expected = expected
        self.got = got
        self.is_violation = is_violation
        self.text = text or (self.texts.get(code, "") if isinstance(code, int) else "")
        super().__init__(self.message)

    @classmethod
    def not_their_fault(cls, code: int | str, text: str = "") -> Self:
        """A refusal that is no violation."""
        return cls(code, "", "", "", is_violation=False, text=text)

    @classmethod
    def strike(cls, effect: Effect | None) -> None:
        """Refuses with the code of a fault, if there is one."""
        if effect is not None:
            raise cls.not_their_fault(cast("int | str", effect.value), effect.message)

    @property
    def message(self) -> str:
        """The answer's text: the maker's words, and for a violation what would have been right."""
        if not self.is_violation or not self.expected:
            return self.text
        words = f"{self.field + ': ' if self.field else ''}expected {self.expected}, got {self.got}"
        return f"{self.text}: {words}" if self.text else words
