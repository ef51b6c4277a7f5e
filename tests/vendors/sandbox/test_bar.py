from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vendors.sandbox.bar import render, render_beside, text_width


def shown(**changes: object) -> dict[str, object]:
    return {
        "at": "2026-01-01T09:05:07.000+00:00",
        "message_id": "m",
        "title": "Alice",
        "text": "Lunch?",
        "channel": "tuikit",
        "category": "IM",
        "click": {"opens": "app", "value": ""},
        "extras": {},
        **changes,
    }


def phone(*notifications: dict[str, object], dead: bool = False) -> dict[str, object]:
    return {
        "vendor": "oppo",
        "registration_id": "CN_0",
        "dead": dead,
        "received": 3,
        "distinct": 3,
        "duplicates": 1,
        "notifications": list(notifications),
    }


def test_a_bar_looks_like_this() -> None:
    newest = shown(
        title="小明",
        text="晚上一起吃火锅吗？😀 I know a very good place near the river",
        click={"opens": "url", "value": "https://example.com/chat?id=1"},
        extras={"room": "42", "n": {"a": [1]}},
    )

    assert (
        render(phone(newest, shown(channel="", category="")), width=44)
        == """\
╭──────────────────────────────────────────╮
│ 09:05 UTC                     OPPO ▂▄▆ ▮ │
├──────────────────────────────────────────┤
│ ● tuikit · IM                      09:05 │
│ 小明                                     │
│ 晚上一起吃火锅吗？😀 I know a very good  │
│ place near the river                     │
│ ↳ tap opens                              │
│ https://example.com/chat?id=1            │
│ + room = 42                              │
│ + n = {"a":[1]}                          │
├──────────────────────────────────────────┤
│ ● no channel                       09:05 │
│ Alice                                    │
│ Lunch?                                   │
│ ↳ tap opens the app                      │
╰──────────────────────────────────────────╯
  3 received, 2 shown, 1 repeats swallowed"""
    )


def test_an_empty_bar_and_a_dead_phone_say_so() -> None:
    picture = render(phone(dead=True), width=30)

    assert "│ No notifications           │" in picture
    assert picture.endswith("  dead, 3 received, 0 shown, 1 repeats swallowed")


def test_text_cannot_steer_the_terminal() -> None:
    picture = render(phone(shown(title="a\x1b[31mb\nc\u202ed\x00")))

    assert "│ a[31mb cd " in picture
    assert "\x1b" not in picture


def test_long_text_ends_in_an_ellipsis() -> None:
    picture = render(phone(shown(text="好" * 500, channel="c" * 99)), width=40)

    assert "好…" in picture
    assert "c…" in picture
    assert len(picture.splitlines()) < 15


def test_bars_stand_side_by_side_however_high_each_is() -> None:
    high, low = phone(shown()), phone()

    assert (
        render_beside([high, low, low], width=24)
        == """\
╭──────────────────────╮  ╭──────────────────────╮
│ 09:05 UTC OPPO ▂▄▆ ▮ │  │ --:--     OPPO ▂▄▆ ▮ │
├──────────────────────┤  ├──────────────────────┤
│ ● tuikit · IM  09:05 │  │ No notifications     │
│ Alice                │  ╰──────────────────────╯
│ Lunch?               │    3 received, 0 shown, 1 repeats swallowed
│ ↳ tap opens the app  │
╰──────────────────────╯
  3 received, 1 shown, 1 repeats swallowed

╭──────────────────────╮
│ --:--     OPPO ▂▄▆ ▮ │
├──────────────────────┤
│ No notifications     │
╰──────────────────────╯
  3 received, 0 shown, 1 repeats swallowed"""
    )


@given(title=st.text(), text=st.text(), channel=st.text(), width=st.integers(0, 100))
def test_every_line_is_as_wide_as_asked(title: str, text: str, channel: str, width: int) -> None:
    picture = render(phone(shown(title=title, text=text, channel=channel, extras={title: text})), width=width)

    assert {text_width(line) for line in picture.splitlines()[:-1]} == {max(width, 24)}
