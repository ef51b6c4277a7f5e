"""Values of which a send needs several: cheap to make, and frozen to the type checker only.

A frozen dataclass sets each field by a call, which took an eighth of the time of a send. `mypy` refuses the assignment
that freezing would refuse at run time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:

    def value(*, frozen: bool, **options: bool) -> Callable[[type], type]:
        """`dataclass(frozen=True, …)`, with its hash, to the letter but for the check."""
        return dataclass(unsafe_hash=frozen, **options)


__all__ = ["constructor", "value"]

P = ParamSpec("P")
T = TypeVar("T")


def constructor(of: Callable[P, T]) -> Callable[P, T]:
    """A function that makes what a dataclass makes of the same keyword arguments, in half the time.

    Python packs the keyword arguments of a class into a dict and unpacks them again; those of a function it does not.

    Args:
        of: a dataclass without `__post_init__`, not frozen at run time. A field with a `default_factory` has no default
            here.
    """
    kind: Any = of
    each = fields(kind)
    defaults = {f"default_{field.name}": field.default for field in each if field.default is not MISSING}
    parameters = [
        f"{field.name}=default_{field.name}" if field.default is not MISSING else field.name for field in each
    ]
    lines = [f"def make(*, {', '.join(parameters)}):", "made = new(kind)"]
    lines += [f"made.{field.name} = {field.name}" for field in each]
    scope: dict[str, Any] = {"new": object.__new__, "kind": kind, **defaults}
    exec("\n    ".join([*lines, "return made"]), scope)  # noqa: S102 - as dataclasses does, from the names of fields
    make: Callable[P, T] = scope["make"]
    return make
