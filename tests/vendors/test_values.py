from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass
from typing import Any, cast

import pytest

from vendors.values import constructor, value


@value(frozen=True, slots=True, kw_only=True)
class Point:
    x: int
    y: int = 7


point = constructor(Point)


def test_it_makes_what_the_class_makes() -> None:
    assert point(x=1, y=2) == Point(x=1, y=2)
    assert type(point(x=1)) is Point
    assert hash(point(x=1)) == hash(Point(x=1))


def test_a_field_left_out_has_its_default() -> None:
    assert point(x=1).y == 7


def test_a_field_without_a_default_and_one_that_is_unknown_are_refused() -> None:
    with pytest.raises(TypeError, match="'x'"):
        point()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="'z'"):
        cast("Any", point)(x=1, z=2)


def test_a_default_that_is_changed_by_nobody_is_shared_as_the_class_shares_it() -> None:
    @dataclass(slots=True, kw_only=True)
    class Named:
        names: tuple[str, ...] = ("a",)

    assert constructor(Named)().names is Named().names


def test_a_class_that_freezes_at_run_time_can_not_be_made_so() -> None:
    @dataclass(frozen=True, slots=True)
    class Frozen:
        x: int

    with pytest.raises(FrozenInstanceError):
        constructor(Frozen)(x=1)
