from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import typer
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.cli import options

NOW = datetime(2030, 1, 31, 8, 0, tzinfo=UTC)


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_a_duration_is_the_sum_of_its_parts(days: int, hours: int, minutes: int, seconds: int) -> None:
    text = f"{days}d{hours}h{minutes}m{seconds}s"

    assert options.duration(text, option="--ttl") == timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


@pytest.mark.parametrize("text", ["", "90", "1.5h", "-1s", "1h soon", "１h", "h", "1w"])
def test_a_duration_needs_whole_numbers_and_units(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="must be a duration"):
        options.duration(text, option="--ttl")


def test_the_longest_duration_is_still_within_the_calendar() -> None:
    moment = options.point_in_time("999999d999999h999999m999999s", now=NOW, option="--deliver-after")

    assert moment.year == 4883


@pytest.mark.parametrize("text", ["1000000d", "9999999999999999999d", "1s1h", "1h1h"])
def test_a_duration_that_is_longer_or_out_of_order_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="must be a duration"):
        options.point_in_time(text, now=NOW, option="--deliver-after")


def test_a_time_before_the_calendar_is_refused() -> None:
    with pytest.raises(typer.BadParameter, match="is beyond the calendar"):
        options.point_in_time("0001-01-01T00:00:00+08:00", now=NOW, option="--deliver-after")


def test_a_point_in_time_is_told_in_any_zone() -> None:
    moment = options.point_in_time("2030-01-31T18:00:00+08:00", now=NOW, option="--deliver-after")

    assert moment == datetime(2030, 1, 31, 10, 0, tzinfo=UTC)


def test_a_point_in_time_may_be_so_long_from_now() -> None:
    moment = options.point_in_time("1h", now=NOW, option="--deliver-after")

    assert moment == datetime(2030, 1, 31, 9, 0, tzinfo=UTC)


@given(st.dictionaries(st.text(min_size=1).filter(lambda key: "=" not in key), st.text()))
def test_any_value_survives_as_a_pair(values: dict[str, str]) -> None:
    texts = [f"{key}={value}" for key, value in values.items()]

    assert options.pairs(texts, option="--credential") == values


@given(st.text().filter(lambda text: "=" not in text))
def test_a_text_that_is_no_pair_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(typer.BadParameter) as refusal:
        options.pairs([text], option="--credential")

    assert refusal.value.message == "must be key=value"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", 2),
        ("true", True),
        ("news", "news"),
        ('"2"', "2"),
        ('{"a": [1]}', {"a": [1]}),
        ("NaN", "NaN"),
        ("1e999", "1e999"),
        ("1.5", 1.5),
        ("-Infinity", "-Infinity"),
        ("", ""),
    ],
)
def test_an_option_is_read_as_json_where_it_is_json(text: str, value: object) -> None:
    assert options.json_values({"key": text}) == {"key": value}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_any_json_comes_through_an_option(value: object) -> None:
    assert options.json_values({"key": json.dumps(value)}) == {"key": value}


@pytest.mark.parametrize("text", ["1" + "0" * 400, r'"\ud800"'])
def test_a_value_that_cannot_be_sent_is_wrong_usage(text: str) -> None:
    values = options.json_values({"key": text})

    with pytest.raises(typer.BadParameter, match="can't be sent"):
        options.fill_struct(Struct(), values, option="--option")


@pytest.mark.parametrize("text", ["notify_level=2", ".notify_level=2", "oppo.=2", "oppo.notify_level"])
def test_a_vendor_option_names_vendor_and_key(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        options.vendor_options([text], option="--option")
