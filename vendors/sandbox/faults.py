"""Fault rules: which calls go wrong, how and how often. The same seed and the same calls give the same faults.

`fault_script.py` reads rules from JSON; `docs/sandbox.md` tells people how to write them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import translate

import orjson

MAX_RULES = 1000


class CallKind(StrEnum):
    """What a maker's endpoint is for."""

    AUTH = "auth"
    SEND = "send"


class EffectKind(StrEnum):
    """How a call goes wrong. The value is the effect's key in JSON."""

    LATENCY = "latency_ms"
    STATUS = "status"
    DROP = "drop"
    HANG = "hang"
    GARBAGE = "garbage"
    CODE = "code"
    MISSING_ITEM = "missing_item"
    EXPIRE_TOKEN = "expire_token"  # noqa: S105 - a key in JSON


class Garbage(StrEnum):
    """An answer nobody documented."""

    HTML = "html"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    TYPES = "types"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which calls a rule concerns; what is empty concerns all.

    Attributes:
        path: part of the path.
        kind: sign-in or sending.
        registration_id: glob pattern of a registration id the call names.
    """

    path: str = ""
    kind: CallKind | None = None
    registration_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What happens.

    Attributes:
        kind: how the call goes wrong.
        value: milliseconds of latency, seconds of hanging, an HTTP status, a vendor's code, or the kind of garbage.
        processed: the call was carried out all the same; the caller can't tell.
        message: the text beside a code; empty: the vendor's own.
        retry_after: seconds in the header beside a status; None: no header.
    """

    kind: EffectKind
    value: float | str = 0
    processed: bool = False
    message: str = ""
    retry_after: int | None = None


@dataclass(slots=True, kw_only=True)
class Rule:
    """One fault and its count.

    Attributes:
        match: which calls.
        effect: what happens to them.
        times: how often; 0: for ever.
        after: how many matches are let pass first.
        probability: of striking a match that is due.
        matched: matches so far.
        struck: strikes so far.
    """

    match: Match
    effect: Effect
    times: int = 1
    after: int = 0
    probability: float = 1.0
    matched: int = 0
    struck: int = 0
    _names: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._names = re.compile(translate(self.match.registration_id or "*"))

    @property
    def is_spent(self) -> bool:
        """It will never strike again."""
        return bool(self.times) and self.struck >= self.times

    @property
    def is_per_item(self) -> bool:
        """It is counted by the item, not by the call."""
        kind = self.effect.kind
        return kind is EffectKind.MISSING_ITEM or (kind is EffectKind.CODE and bool(self.match.registration_id))

    @property
    def remaining(self) -> int | None:
        """Strikes left; None: without end."""
        return self.times - self.struck if self.times else None

    def concerns_call(self, path: str, kind: CallKind) -> bool:
        """Says whether path and kind of a call match; the registration ids are another matter."""
        return self.match.path in path and self.match.kind in (None, kind)

    def names(self, registration_id: str) -> bool:
        """Says whether its pattern matches a registration id."""
        return self._names.match(registration_id) is not None

    def names_any(self, targets: Sequence[str]) -> bool:
        """Says whether it concerns a call with these targets."""
        return not self.match.registration_id or any(self.names(target) for target in targets)


class Plan:
    """The faults of one call.

    Attributes:
        wait_s: seconds before the call is looked at.
        strike: what befalls the call; None: nothing.
    """

    __slots__ = ("_book", "_items", "strike", "wait_s")

    def __init__(
        self, book: Faults | None = None, *, wait_s: float = 0, strike: Effect | None = None, items: Sequence[Rule] = ()
    ) -> None:
        self._book = book
        self._items = items
        self.wait_s = wait_s
        self.strike = strike

    @property
    def refusal(self) -> Effect | None:
        """The code that refuses the call as a whole."""
        return self.strike if self.strike is not None and self.strike.kind is EffectKind.CODE else None

    def refusal_of(self, registration_id: str) -> Effect | None:
        """The code that refuses one item. Counts: ask once for each item."""
        return self._item(registration_id, EffectKind.CODE)

    def leaves_out(self, registration_id: str) -> bool:
        """Says whether one item is missing in the answer of a batch. Counts: ask once for each item."""
        return self._item(registration_id, EffectKind.MISSING_ITEM) is not None

    def _item(self, registration_id: str, kind: EffectKind) -> Effect | None:
        for rule in self._items:
            if (
                self._book is not None
                and rule.effect.kind is kind
                and rule.names(registration_id)
                and self._book.is_due(rule)
            ):
                return rule.effect
        return None


NO_FAULTS = Plan()


class TooManyRules(Exception):  # noqa: N818 - it says what happened
    """There is no room for another rule."""


class Faults:
    """One vendor's rules, in the order they were added.

    Latencies of one call add up; of all else the first rule that is due strikes, and those behind it are not spent.

    Attributes:
        rules: all of them, spent ones too.
        struck: strikes of all rules, also of those removed since.
    """

    def __init__(self, seed: str, rules: Callable[[], Sequence[Rule]] = tuple) -> None:
        self._seed = seed
        self._initial = rules
        self.reset()

    def reset(self) -> None:
        """Back to the rules and the luck it started with."""
        self._random = random.Random(self._seed)  # noqa: S311 - luck that can be repeated is the point
        self.rules = list(self._initial())
        self.struck = 0

    def add(self, rules: Sequence[Rule]) -> None:
        """Appends rules.

        Raises:
            TooManyRules: past `MAX_RULES`; none is added.
        """
        standing = [rule for rule in self.rules if not rule.is_spent]
        if len(standing) + len(rules) > MAX_RULES:
            raise TooManyRules(f"there can be at most {MAX_RULES} fault rules; DELETE them to make room")
        if len(self.rules) + len(rules) > MAX_RULES:
            self.rules = standing
        self.rules += rules

    def clear(self) -> None:
        """Removes every rule."""
        self.rules.clear()

    def plan(self, path: str, kind: CallKind, targets: Callable[[], Sequence[str]]) -> Plan:
        """Decides what goes wrong with a call.

        Args:
            path: the call's.
            kind: the call's.
            targets: the registration ids it names; asked only if a rule needs them.
        """
        if not self.rules:
            return NO_FAULTS
        rules = [rule for rule in self.rules if not rule.is_spent and rule.concerns_call(path, kind)]
        if not rules:
            return NO_FAULTS
        items = [rule for rule in rules if rule.is_per_item]
        whole = [rule for rule in rules if not rule.is_per_item]
        named = targets() if any(rule.match.registration_id for rule in whole) else ()
        wait_s, strike = 0.0, None
        for rule in whole:
            if not rule.names_any(named):
                continue
            if rule.effect.kind is EffectKind.LATENCY:
                wait_s += float(rule.effect.value) / 1000 if self.is_due(rule) else 0
            elif strike is None and self.is_due(rule):
                strike = rule.effect
        return Plan(self, wait_s=wait_s, strike=strike, items=items)

    def is_due(self, rule: Rule) -> bool:
        """Counts a match, and says whether it is struck."""
        rule.matched += 1
        if rule.matched <= rule.after or rule.is_spent:
            return False
        if rule.probability < 1 and self._random.random() >= rule.probability:
            return False
        rule.struck += 1
        self.struck += 1
        return True


def spoil(kind: Garbage, answer: bytes) -> tuple[str, bytes]:
    """Makes garbage of an answer.

    Returns:
        Content type and body.
    """
    if kind is Garbage.HTML:
        return "text/html", b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
    if kind is Garbage.TRUNCATED:
        return "application/json", answer[: len(answer) // 2]
    if kind is Garbage.EMPTY:
        return "application/json", b""
    return "application/json", orjson.dumps({"code": "zero", "message": [], "data": 17})
