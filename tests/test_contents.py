from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from pushsvc.contents import Contents
from vendors.contract import Badge, BadgeKind, Category, ClickAction, ClickKind, Notification

HI = Notification(title="t", body="b", vendor_options={"oppo": {"notify_level": 2, "style": 1}})


def test_equal_contents_to_different_users_are_one() -> None:
    contents = Contents()
    twin = structs.replace(HI, vendor_options={"oppo": {"style": 1, "notify_level": 2}})

    assert contents.share(1, "im", ["alice"], HI, 10, 20) == (1, HI)
    content_id, notification = contents.share(2, "im", ["bob"], twin, 10, 20)

    assert content_id == 1
    assert notification is HI


def test_the_same_words_twice_to_one_user_stay_two() -> None:
    contents = Contents()

    ids = [
        contents.share(number, "im", users, HI, 10, 20)[0]
        for number, users in enumerate((["alice"], ["bob", "alice"], ["carol"], ["alice"]), start=1)
    ]

    assert ids == [1, 2, 2, 4]


@pytest.mark.parametrize(
    "change",
    [
        {"title": "T"},
        {"body": "B"},
        {"ext": "{}"},
        {"click_action": ClickAction(ClickKind.URL, "https://example.com")},
        {"channel_id": "chat"},
        {"category": Category.TODO},
        {"collapse_id": "c"},
        {"badge": Badge(BadgeKind.COUNT, 1)},
        {"sound": "chime"},
        {"vendor_options": {}},
    ],
)
def test_any_other_word_makes_another_content(change: dict[str, Any]) -> None:
    contents = Contents()
    contents.share(1, "im", ["alice"], HI, 10, 20)

    assert contents.share(2, "im", ["bob"], structs.replace(HI, **change), 10, 20)[0] == 2


@pytest.mark.parametrize(("app_id", "times_ms"), [("other", (10, 20)), ("im", (11, 20)), ("im", (10, 21))])
def test_another_app_or_another_time_makes_another_content(app_id: str, times_ms: tuple[int, int]) -> None:
    contents = Contents()
    contents.share(1, "im", ["alice"], HI, 10, 20)

    assert contents.share(2, app_id, ["bob"], HI, *times_ms)[0] == 2


@given(
    st.lists(
        st.tuples(st.sampled_from("xy"), st.lists(st.sampled_from("abcde"), min_size=1, max_size=3, unique=True)),
        max_size=20,
    )
)
def test_nobody_gets_one_content_twice(sends: list[tuple[str, list[str]]]) -> None:
    contents = Contents()
    reached: set[tuple[int, str]] = set()
    titles: dict[int, str] = {}

    for message_id, (title, users) in enumerate(sends, start=1):
        content_id, notification = contents.share(message_id, "im", users, structs.replace(HI, title=title), 10, 20)
        assert notification.title == title == titles.setdefault(content_id, title)
        pairs = {(content_id, user) for user in users}
        assert reached.isdisjoint(pairs)
        reached |= pairs
