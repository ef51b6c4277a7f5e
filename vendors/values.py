"""Values of which a send needs several: frozen to the type checker, and not at run time.

A frozen dataclass sets each field by a call, which took an eighth of the time of a send. `mypy` refuses the assignment
that freezing would refuse at run time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:

    def value(*, frozen: bool, **options: bool) -> Callable[[type], type]:
        """`dataclass(frozen=True, …)`, with its hash, to the letter but for the check."""
        return dataclass(unsafe_hash=frozen, **options)


__all__ = ["value"]
