from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.certs import CertEdit
from pushsvc.convert import requests
from pushsvc.domain import CertDefaults
from pushsvc.errors import InvalidRequest, NotFound
from pushsvc.sending import Order
from pushsvc.store.base import RegistrationSelector
from pushsvc.v1 import cert_pb2, notification_pb2
from pushsvc.v1 import push_service_pb2 as pb
from vendors.contract import Badge, BadgeKind, Category, ClickAction, ClickKind

NOW = 1_767_225_600_000  # 2026-01-01 00:00 UTC
DAY = 24 * 3_600_000


NO_SOUND = "must be a file name of letters, digits, _ and -, such as chime.mp3"


def send(*user_ids: str, notification: dict[str, Any] | None = None, **fields: Any) -> pb.SendOfflineRequest:
    """A faultless request for alice, but for what a test says otherwise."""
    shown = {"title": "Hi", "body": "text", **(notification or {})}
    return pb.SendOfflineRequest(
        **{
            "app_id": "im",
            "user_ids": user_ids or ("alice",),
            "notification": notification_pb2.Notification(**shown),
            **fields,
        }
    )


def order(request: pb.SendOfflineRequest) -> Order:
    return requests.order(request, now_ms=NOW)


def faults(request: pb.SendOfflineRequest) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as refused:
        order(request)
    return {violation.field: violation.text for violation in refused.value.violations}


def test_a_send_becomes_an_order() -> None:
    options = Struct()
    options.update({"notify_level": 2})
    request = send(
        "bob",
        "alice",
        notification={
            "ext": '{"room":"42"}',
            "channel_id": "calls",
            "category": notification_pb2.CATEGORY_ORDER,
            "collapse_id": "room-42",
            "badge": notification_pb2.Badge(count=0),
            "sound": "chime-2_x.mp3",
            "click_action": notification_pb2.ClickAction(url="https://example.com/42"),
            "vendor_options": {"oppo": options},
        },
        ttl=Duration(seconds=600),
        deliver_after=Timestamp(seconds=NOW // 1000 + 60),
    )

    ordered = order(request)

    assert (ordered.app_id, ordered.user_ids) == ("im", ("bob", "alice"))
    assert (ordered.ttl_ms, ordered.deliver_after_ms) == (600_000, NOW + 60_000)
    assert (ordered.idempotency_key, ordered.fingerprint) == ("", "")
    shown = ordered.notification
    assert (shown.title, shown.body, shown.ext) == ("Hi", "text", '{"room":"42"}')
    assert (shown.channel_id, shown.category, shown.collapse_id) == ("calls", Category.ORDER, "room-42")
    assert shown.click_action == ClickAction(ClickKind.URL, "https://example.com/42")
    assert (shown.badge, shown.sound) == (Badge(BadgeKind.COUNT, 0), "chime-2_x.mp3")
    assert shown.vendor_options == {"oppo": {"notify_level": 2}}


def test_what_a_send_leaves_out_is_left_to_the_cert() -> None:
    ordered = order(send())

    assert (ordered.ttl_ms, ordered.deliver_after_ms) == (DAY, 0)
    assert ordered.notification.click_action is None
    assert ordered.notification.category is None
    assert ordered.notification.channel_id == ""
    assert (ordered.notification.badge, ordered.notification.sound) == (None, "")


@pytest.mark.parametrize(
    ("given", "badge"),
    [({"increment": True}, Badge(BadgeKind.INCREMENT)), ({"count": 99}, Badge(BadgeKind.COUNT, 99)), ({}, None)],
)
def test_a_badge_is_a_count_or_one_more(given: dict[str, Any], badge: Badge | None) -> None:
    assert order(send(notification={"badge": given})).notification.badge == badge


@pytest.mark.parametrize(
    ("notification", "expected"),
    [
        ({"badge": {"count": 100}}, {"notification.badge.count": "is 100; 0 to 99 are allowed"}),
        ({"badge": {"count": -1}}, {"notification.badge.count": "is -1; 0 to 99 are allowed"}),
        ({"badge": {"increment": False}}, {"notification.badge.increment": "can only be true"}),
        ({"sound": "s" * 65}, {"notification.sound": "has 65 characters; at most 64 are allowed"}),
        ({"sound": "../chime"}, {"notification.sound": NO_SOUND}),
        ({"sound": "a.b.mp3"}, {"notification.sound": NO_SOUND}),
        ({"sound": "铃.mp3"}, {"notification.sound": NO_SOUND}),
    ],
)
def test_a_badge_and_a_sound_have_their_limits(notification: dict[str, Any], expected: dict[str, str]) -> None:
    assert faults(send(notification=notification)) == expected


def test_every_fault_of_a_send_is_named_at_once() -> None:
    request = send(
        "alice",
        " ",
        "b" * 129,
        app_id="a" * 65,
        notification={
            "title": "t" * 201,
            "body": " ",
            "ext": "[]",
            "channel_id": "c" * 65,
            "category": 99,
            "collapse_id": "c" * 65,
            "click_action": notification_pb2.ClickAction(activity="Chat"),
        },
        ttl=Duration(seconds=0),
        deliver_after=Timestamp(seconds=NOW // 1000 + 8 * 86_400),
        idempotency_key="k" * 129,
    )

    assert faults(request) == {
        "app_id": "has 65 characters; at most 64 are allowed",
        "user_ids[1]": "is required",
        "user_ids[2]": "has 129 characters; at most 128 are allowed",
        "notification.title": "has 201 characters; at most 200 are allowed",
        "notification.body": "is required",
        "notification.ext": "must be a JSON object",
        "notification.channel_id": "has 65 characters; at most 64 are allowed",
        "notification.category": "99 is not a category",
        "notification.collapse_id": "has 65 characters; at most 64 are allowed",
        "notification.click_action.activity": "must be a full class name, such as com.example.ChatActivity",
        "ttl": "is 0 s; 1 s to 14 days are allowed",
        "deliver_after": "is more than 7 days ahead",
        "idempotency_key": "has 129 characters; at most 128 are allowed",
    }


def test_an_empty_send_lacks_its_app_its_users_and_its_text() -> None:
    assert faults(pb.SendOfflineRequest()) == {
        "app_id": "is required",
        "user_ids": "is required",
        "notification.title": "is required",
        "notification.body": "is required",
    }


def test_a_thousand_users_are_taken_and_one_more_is_not() -> None:
    thousand = [f"user-{n}" for n in range(1_000)]

    assert len(order(send(*thousand)).user_ids) == 1_000
    assert faults(send(*thousand, "one more")) == {"user_ids": "has 1001 entries; at most 1000 are allowed"}


def test_a_repeated_user_counts_once_where_it_came_first() -> None:
    assert order(send("carol", "alice", "carol", "bob", "alice")).user_ids == ("carol", "alice", "bob")


def test_many_faulty_users_are_counted_and_only_the_first_named() -> None:
    found = faults(send("alice", *[" "] * 900))

    assert found.pop("user_ids") == "has 900 faulty entries, of which the first 10 are named"
    assert found == {f"user_ids[{at}]": "is required" for at in range(1, 11)}


def test_the_worst_send_is_refused_in_less_than_the_trailers_hold() -> None:
    request = send(
        *["u" * 200] * 1_000,
        app_id="",
        notification={"title": "", "body": "", "ext": "x" * 5_000, "channel_id": "c" * 5_000, "category": 2**31 - 1},
        ttl=Duration(seconds=10**12),
        idempotency_key="k" * 5_000,
    )

    with pytest.raises(InvalidRequest) as refused:
        order(request)

    # Twice in the status and once beside it, under gRPC's 8 KiB with base64 and room for the rest.
    assert len(str(refused.value).encode()) < 2_000


@pytest.mark.parametrize(
    ("ttl", "ttl_ms"),
    [
        (Duration(seconds=1), 1_000),
        (Duration(seconds=1, nanos=500_000_000), 1_500),
        (Duration(seconds=14 * 86_400), 14 * DAY),
    ],
)
def test_a_ttl_from_a_second_to_a_fortnight_is_taken(ttl: Duration, ttl_ms: int) -> None:
    assert order(send(ttl=ttl)).ttl_ms == ttl_ms


@pytest.mark.parametrize(
    ("ttl", "fault"),
    [
        (Duration(), "is 0 s; 1 s to 14 days are allowed"),
        (Duration(nanos=999_000_000), "is 0.999 s; 1 s to 14 days are allowed"),
        (Duration(seconds=-1), "is -1 s; 1 s to 14 days are allowed"),
        (Duration(seconds=14 * 86_400 + 1), "is 1.2096e+06 s; 1 s to 14 days are allowed"),
        (Duration(seconds=2**63 - 1), "is 9.22337e+18 s; 1 s to 14 days are allowed"),
        (Duration(seconds=-(2**63)), "is -9.22337e+18 s; 1 s to 14 days are allowed"),
        (Duration(seconds=5, nanos=-1), "is not a duration: -1 nanos beside 5 seconds"),
        (Duration(seconds=-5, nanos=1), "is not a duration: 1 nanos beside -5 seconds"),
        (Duration(seconds=5, nanos=2_000_000_000), "is not a duration: 2000000000 nanos beside 5 seconds"),
    ],
)
def test_any_other_ttl_is_refused_in_words(ttl: Duration, fault: str) -> None:
    assert faults(send(ttl=ttl)) == {"ttl": fault}


@pytest.mark.parametrize(
    ("deliver_after", "deliver_after_ms"),
    [
        (Timestamp(), 0),
        (Timestamp(seconds=-86_400), -DAY),
        (Timestamp(seconds=NOW // 1000 + 7 * 86_400), NOW + 7 * DAY),
        (Timestamp(seconds=NOW // 1000, nanos=250_000_000), NOW + 250),
    ],
)
def test_a_time_in_the_past_or_within_a_week_is_taken(deliver_after: Timestamp, deliver_after_ms: int) -> None:
    assert order(send(deliver_after=deliver_after)).deliver_after_ms == deliver_after_ms


@pytest.mark.parametrize(
    ("deliver_after", "fault"),
    [
        (Timestamp(seconds=NOW // 1000 + 7 * 86_400, nanos=1_000_000), "is more than 7 days ahead"),
        (Timestamp(seconds=253_402_300_799), "is more than 7 days ahead"),
        (Timestamp(seconds=253_402_300_800), "is not a time between the years 1 and 9999"),
        (Timestamp(seconds=2**63 - 1), "is not a time between the years 1 and 9999"),
        (Timestamp(seconds=-(2**63)), "is not a time between the years 1 and 9999"),
        (Timestamp(seconds=1, nanos=-1), "is not a time between the years 1 and 9999"),
        (Timestamp(seconds=1, nanos=1_000_000_000), "is not a time between the years 1 and 9999"),
    ],
)
def test_any_other_time_is_refused_in_words(deliver_after: Timestamp, fault: str) -> None:
    assert faults(send(deliver_after=deliver_after)) == {"deliver_after": fault}


def test_a_repeat_has_the_same_fingerprint_whether_it_waits_or_not() -> None:
    first = order(send(idempotency_key="k"))
    again = order(send(idempotency_key="k", wait=True))

    assert len(first.fingerprint) == 64
    assert again.fingerprint == first.fingerprint


@pytest.mark.parametrize(
    "other",
    [
        send("bob", idempotency_key="k"),
        send("alice", "bob", idempotency_key="k"),
        send(notification={"title": "Ho"}, idempotency_key="k"),
        send(notification={"ext": "{}"}, idempotency_key="k"),
        send(ttl=Duration(seconds=5), idempotency_key="k"),
        send(deliver_after=Timestamp(seconds=5), idempotency_key="k"),
        send(app_id="mail", idempotency_key="k"),
    ],
)
def test_other_content_has_another_fingerprint(other: pb.SendOfflineRequest) -> None:
    assert order(other).fingerprint != order(send(idempotency_key="k")).fingerprint


def test_options_for_two_vendors_in_another_order_are_the_same_content() -> None:
    one, two = Struct(), Struct()
    one.update({"a": 1, "b": 2})
    two.update({"b": 2, "a": 1})
    first = send(notification={"vendor_options": {"oppo": one, "vivo": two}}, idempotency_key="k")
    again = send(notification={"vendor_options": {"vivo": one, "oppo": two}}, idempotency_key="k")

    assert order(first).fingerprint == order(again).fingerprint


@pytest.mark.parametrize(
    ("given_action", "action"),
    [
        ({"open_app": True}, ClickAction()),
        ({"url": "https://example.com"}, ClickAction(ClickKind.URL, "https://example.com")),
        ({"activity": "com.example.Chat"}, ClickAction(ClickKind.ACTIVITY, "com.example.Chat")),
        ({"intent_action": "chat.open"}, ClickAction(ClickKind.INTENT_ACTION, "chat.open")),
        ({"intent_uri": "example://chat"}, ClickAction(ClickKind.INTENT_URI, "example://chat")),
    ],
)
def test_each_click_action_is_understood(given_action: dict[str, Any], action: ClickAction) -> None:
    request = send(notification={"click_action": notification_pb2.ClickAction(**given_action)})

    assert order(request).notification.click_action == action


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("open_app", False, "can only be true"),
        ("url", "javascript:alert(1)", "must be an http or https URL with a host"),
        ("activity", "", "must be a full class name, such as com.example.ChatActivity"),
        ("intent_action", " ", "is required"),
        ("intent_uri", "file:///sdcard", "must not have the scheme file"),
    ],
)
def test_a_faulty_click_action_is_named_by_its_kind(name: str, value: object, fault: str) -> None:
    action = notification_pb2.ClickAction(**{name: value})  # type: ignore[arg-type]  # one field at a time

    assert faults(send(notification={"click_action": action})) == {f"notification.click_action.{name}": fault}


def test_a_click_action_without_content_is_as_good_as_none() -> None:
    request = send(notification={"click_action": notification_pb2.ClickAction()})

    assert order(request).notification.click_action is None


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_an_option_that_json_cannot_say_is_refused(number: float) -> None:
    options = Struct()
    options.fields["notify_level"].number_value = number

    assert faults(send(notification={"vendor_options": {"oppo": options}})) == {
        "notification.vendor_options.oppo": "must not hold a number that JSON has not, such as NaN"
    }


def test_a_login_is_checked_as_a_whole() -> None:
    with pytest.raises(InvalidRequest) as refused:
        requests.registration(
            pb.RegisterTokenRequest(user_id="u" * 129, cert_id=-1, registration_id=" ", device_id="d" * 129)
        )

    assert {violation.field: violation.text for violation in refused.value.violations} == {
        "app_id": "is required",
        "user_id": "has 129 characters; at most 128 are allowed",
        "cert_id": "is required",
        "registration_id": "is required",
        "device_id": "has 129 characters; at most 128 are allowed",
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"user_id": "alice"},
        {"user_id": "alice", "device_id": "tablet"},
        {"registration_id": "CN_1"},
        {"user_id": "alice", "registration_id": "CN_1"},
        {"user_id": "alice", "device_id": "tablet", "registration_id": "CN_1"},
    ],
)
def test_a_logout_by_user_device_or_registration_id_is_taken(fields: dict[str, Any]) -> None:
    selector = requests.logout_selector(pb.UnregisterTokenRequest(app_id="im", **fields))

    assert selector == RegistrationSelector(app_id="im", **fields)


@pytest.mark.parametrize(
    ("fields", "faulty"),
    [
        ({}, ["app_id", "user_id"]),
        ({"app_id": "im"}, ["user_id"]),
        ({"app_id": "im", "user_id": " "}, ["user_id"]),
        ({"app_id": "im", "device_id": "tablet"}, ["user_id", "device_id"]),
        ({"app_id": "im", "device_id": "tablet", "registration_id": "CN_1"}, ["device_id"]),
        ({"app_id": "im", "registration_id": "r" * 513}, ["registration_id"]),
    ],
)
def test_a_logout_that_would_end_too_much_is_refused(fields: dict[str, Any], faulty: list[str]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        requests.logout_selector(pb.UnregisterTokenRequest(**fields))

    assert [violation.field for violation in refused.value.violations] == faulty


def test_a_message_id_is_a_number() -> None:
    request = pb.GetMessageRequest(app_id="im", message_id="9223372036854775807")

    assert requests.message_key(request) == ("im", 9_223_372_036_854_775_807)


@pytest.mark.parametrize(
    "message_id",
    ["", "x", "-1", "+1", "1.0", " 1", "1_000", "١", "²", "9223372036854775808", "0" * 20 + "9" * 30, "9" * 5_000],
)
def test_anything_else_is_a_message_nobody_has(message_id: str) -> None:
    with pytest.raises(NotFound, match="app im has no message"):
        requests.message_key(pb.GetMessageRequest(app_id="im", message_id=message_id))


def test_a_new_cert_needs_its_app_and_its_vendor() -> None:
    request = pb.UpsertCertRequest(
        cert=cert_pb2.Cert(
            display_name="n" * 101,
            base_url="ftp://proxy",
            defaults=cert_pb2.CertDefaults(
                channel_id="c" * 65,
                category=notification_pb2.Category.ValueType(77),
                click_action=notification_pb2.ClickAction(url="x"),
            ),
        )
    )

    with pytest.raises(InvalidRequest) as refused:
        requests.cert_edit(request)

    assert [violation.field for violation in refused.value.violations] == [
        "cert.app_id",
        "cert.vendor",
        "cert.display_name",
        "cert.base_url",
        "cert.defaults.channel_id",
        "cert.defaults.click_action.url",
        "cert.defaults.category",
    ]


def test_what_an_edit_leaves_out_is_told_from_what_it_empties() -> None:
    untouched = requests.cert_edit(pb.UpsertCertRequest(cert=cert_pb2.Cert(app_id="im", cert_id=7)))
    emptied = requests.cert_edit(
        pb.UpsertCertRequest(cert=cert_pb2.Cert(app_id="im", cert_id=7, base_url="", defaults=cert_pb2.CertDefaults()))
    )

    assert (untouched.base_url, untouched.defaults) == (None, None)
    assert (emptied.base_url, emptied.defaults) == ("", CertDefaults())


def test_a_cert_id_below_zero_is_refused() -> None:
    with pytest.raises(InvalidRequest, match=r"cert\.cert_id must not be negative"):
        requests.cert_edit(pb.UpsertCertRequest(cert=cert_pb2.Cert(app_id="im", cert_id=-1)))


T = TypeVar("T")


def converted(convert: Callable[[], T]) -> T | InvalidRequest | NotFound:
    """What comes of a request: a value or a refusal; anything else is raised."""
    try:
        return convert()
    except (InvalidRequest, NotFound) as refused:
        return refused


# Anything a caller can put on the wire; surrogates can't be.
texts = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(
    ["", " ", "x" * 5_000, "{}", "[", "9" * 25]
)
int32s = st.integers(min_value=-(2**31), max_value=2**31 - 1)
int64s = st.integers(min_value=-(2**63), max_value=2**63 - 1)
durations = st.builds(Duration, seconds=int64s | st.integers(0, 10**7), nanos=int32s | st.just(0))
timestamps = st.builds(Timestamp, seconds=int64s | st.integers(0, 2 * 10**9), nanos=int32s | st.just(0))


def struct(values: dict[str, float | str]) -> Struct:
    built = Struct()
    for name, value in values.items():
        if isinstance(value, str):
            built.fields[name].string_value = value
        else:
            built.fields[name].number_value = value
    return built


structs = st.dictionaries(texts, st.floats() | texts, max_size=3).map(struct)
click_actions = st.one_of(
    st.builds(notification_pb2.ClickAction),
    st.builds(notification_pb2.ClickAction, open_app=st.booleans()),
    st.builds(notification_pb2.ClickAction, url=texts),
    st.builds(notification_pb2.ClickAction, activity=texts),
    st.builds(notification_pb2.ClickAction, intent_action=texts),
    st.builds(notification_pb2.ClickAction, intent_uri=texts),
)
categories = st.integers(0, 12) | int32s
notifications = st.builds(
    notification_pb2.Notification,
    title=texts,
    body=texts,
    ext=texts,
    click_action=st.none() | click_actions,
    channel_id=texts,
    category=categories,
    collapse_id=texts,
    vendor_options=st.dictionaries(texts, structs, max_size=2),
)
sends = st.builds(
    pb.SendOfflineRequest,
    app_id=texts,
    user_ids=st.lists(texts, max_size=20),
    notification=st.none() | notifications,
    ttl=st.none() | durations,
    deliver_after=st.none() | timestamps,
    idempotency_key=texts,
    wait=st.booleans(),
)
certs = st.builds(
    cert_pb2.Cert,
    app_id=texts,
    cert_id=int64s | st.just(0),
    vendor=texts,
    display_name=texts,
    credential=st.dictionaries(texts, texts, max_size=3),
    base_url=st.none() | texts,
    defaults=st.none()
    | st.builds(
        cert_pb2.CertDefaults,
        channel_id=texts,
        click_action=st.none() | click_actions,
        category=categories,
        vendor_options=structs,
    ),
)


@given(request=sends)
def test_any_send_is_an_order_or_is_refused_in_words(request: pb.SendOfflineRequest) -> None:
    arrived = pb.SendOfflineRequest.FromString(request.SerializeToString())

    ordered = converted(lambda: order(arrived))

    if isinstance(ordered, Order):
        assert 1_000 <= ordered.ttl_ms <= 14 * DAY
        assert 1 <= len(ordered.user_ids) == len(set(ordered.user_ids)) <= 1_000
        assert ordered.deliver_after_ms <= NOW + 7 * DAY
    else:
        assert isinstance(ordered, InvalidRequest)
        assert all(violation.field and violation.text for violation in ordered.violations)


@given(cert=certs)
def test_any_cert_is_an_edit_or_is_refused_in_words(cert: cert_pb2.Cert) -> None:
    edit = converted(lambda: requests.cert_edit(pb.UpsertCertRequest(cert=cert)))

    if isinstance(edit, CertEdit):
        assert edit.cert_id or edit.vendor
    else:
        assert isinstance(edit, InvalidRequest)
        assert edit.violations


@given(
    login=st.builds(
        pb.RegisterTokenRequest, app_id=texts, user_id=texts, cert_id=int64s, registration_id=texts, device_id=texts
    ),
    logout=st.builds(pb.UnregisterTokenRequest, app_id=texts, user_id=texts, registration_id=texts, device_id=texts),
    message=st.builds(pb.GetMessageRequest, app_id=texts, message_id=texts | int64s.map(str)),
)
def test_any_other_request_is_understood_or_refused_in_words(
    login: pb.RegisterTokenRequest, logout: pb.UnregisterTokenRequest, message: pb.GetMessageRequest
) -> None:
    user = pb.ListTokensRequest(app_id=logout.app_id, user_id=logout.user_id)

    for answer in (
        converted(lambda: requests.registration(login)),
        converted(lambda: requests.logout_selector(logout)),
        converted(lambda: requests.user(user)),
        converted(lambda: requests.cert_key(login.app_id, login.cert_id)),
        converted(lambda: requests.message_key(message)),
    ):
        assert str(answer)
