"""What a simulator counts, and what it remembers of requests the maker would refuse."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field, fields

from vendors.sandbox.words import timestamp

KEPT_VIOLATIONS = 100
UNKNOWN_PATH = "(unknown)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A request that breaks the maker's rules.

    Attributes:
        at: Unix time in seconds.
        path: where it was sent.
        code: what it was answered.
        field: the field at fault; empty if it is the request as a whole.
        expected: what the page asks for.
        got: what came instead; secrets and registration ids only by their beginning.
    """

    at: float
    path: str
    code: int | str
    field: str
    expected: str
    got: str

    def as_json(self) -> dict[str, object]:
        """The form the control API shows."""
        what = f"{self.field}: " if self.field else ""
        return {
            "at": timestamp(self.at),
            "path": self.path,
            "code": self.code,
            "field": self.field,
            "expected": self.expected,
            "got": self.got,
            "text": f"{self.path} answered {self.code}: {what}expected {self.expected}, got {self.got}",
        }


@dataclass(slots=True, kw_only=True)
class Counters:
    """One vendor's totals. Always `targets == delivered + duplicates + dead + capped`.

    Attributes:
        logins: sign-ins that got an access token.
        calls: HTTP requests, answered or not.
        targets: pushes accepted, which is all a maker promises.
        delivered: pushes that reached a phone's notification bar.
        duplicates: repeats of one (dedup id, target), accepted and swallowed.
        dead: accepted for a phone that is dead.
        capped: accepted for a phone that had its allowance for the day.
        recalled: notifications that were taken off a bar again.
        violations: refusals that were the caller's fault.
        refused: refusals of calls and of single items by code, whoever was at fault.
        paths: calls by path.
        recent: the last violations, oldest first.
    """

    logins: int = 0
    calls: int = 0
    targets: int = 0
    delivered: int = 0
    duplicates: int = 0
    dead: int = 0
    capped: int = 0
    recalled: int = 0
    violations: int = 0
    refused: Counter[int | str] = field(default_factory=Counter)
    paths: Counter[str] = field(default_factory=Counter)
    recent: deque[Violation] = field(default_factory=lambda: deque(maxlen=KEPT_VIOLATIONS))

    def reset(self) -> None:
        """Back to nothing."""
        fresh = Counters()
        for spec in fields(self):
            setattr(self, spec.name, getattr(fresh, spec.name))

    def call(self, path: str) -> None:
        """Counts a request; `UNKNOWN_PATH` stands for every path the maker doesn't have."""
        self.calls += 1
        self.paths[path] += 1

    def refuse(self, code: int | str, violation: Violation | None) -> None:
        """Counts a refusal, and remembers the violation if the caller was at fault."""
        self.refused[code] += 1
        if violation is not None:
            self.violations += 1
            self.recent.append(violation)

    def as_json(self) -> dict[str, object]:
        """The form the control API shows."""
        refused = sorted((str(code), count) for code, count in self.refused.items())
        return {
            "logins": self.logins,
            "calls": self.calls,
            "targets": self.targets,
            "delivered": self.delivered,
            "duplicates": self.duplicates,
            "dead": self.dead,
            "capped": self.capped,
            "recalled": self.recalled,
            "violations": self.violations,
            "refused": dict(refused),
            "paths": dict(sorted(self.paths.items())),
        }
