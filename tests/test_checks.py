from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc import checks

Check = Callable[[str], str]


@pytest.mark.parametrize(
    "value",
    [
        "http://example.com",
        "https://example.com/chat?id=1#top",
        "HTTPS://EXAMPLE.COM",
        "https://example.com:8443/x",
        "https://[2001:db8::1]/",
        "https://例子.测试/聊天",
        "https://example.com/" + "a" * 1_980,
    ],
)
def test_a_web_page_is_a_url(value: str) -> None:
    assert checks.url(value) == ""


@pytest.mark.parametrize(
    "value",
    [
        "",
        "example.com",
        "//example.com",
        "http://",
        "http:///path",
        "http://:80/",
        "http:example.com",
        "ftp://example.com",
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "javascript://example.com/%0aalert(1)",
        "data:text/html,hi",
        "file:///etc/passwd",
        " http://example.com",
        "http://example.com ",
        "http://exa mple.com",
        "http://example.com/a b",
        "http://example.com\n",
        "java\nscript:alert(1)",
        "http://example.com/\x00",
        "http://example.com/\u200b",
        "http://example.com/\u2028",
        "http://[",
        "http://[::1",
        "http://[zz]/",
        "http://example.com:port/",
        "http://example.com:99999/",
        "http://example.com／@evil.example",
    ],
)
def test_anything_else_is_no_web_page(value: str) -> None:
    assert checks.url(value) == "must be an http or https URL with a host"


@pytest.mark.parametrize(
    "value",
    ["example://chat?id=1", "intent:#Intent;action=a.b;end", "tel:123", "a+b-c.d:x", "https://example.com", "app:聊天"],
)
def test_a_deep_link_may_have_any_scheme_of_an_app(value: str) -> None:
    assert checks.intent_uri(value) == ""


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("", "must be a URI with a scheme, such as example://chat?id=1"),
        ("chat", "must be a URI with a scheme, such as example://chat?id=1"),
        ("example:", "must be a URI with a scheme, such as example://chat?id=1"),
        (":chat", "must be a URI with a scheme, such as example://chat?id=1"),
        ("1a:chat", "must be a URI with a scheme, such as example://chat?id=1"),
        (" javascript:alert(1)", "must be a URI with a scheme, such as example://chat?id=1"),
        ("java\tscript:alert(1)", "must be a URI with a scheme, such as example://chat?id=1"),
        ("方案:x", "must be a URI with a scheme, such as example://chat?id=1"),
        ("javascript:alert(1)", "must not have the scheme javascript"),
        ("JavaScript:alert(1)", "must not have the scheme javascript"),
        ("FILE:///sdcard/x", "must not have the scheme file"),
        ("content://contacts", "must not have the scheme content"),
        ("data:text/html,hi", "must not have the scheme data"),
        ("example://a b", "must not hold spaces or control characters"),
        ("example://a\n", "must not hold spaces or control characters"),
        ("example://a\x7f", "must not hold spaces or control characters"),
    ],
)
def test_a_deep_link_that_is_none_or_could_do_harm_is_refused(value: str, fault: str) -> None:
    assert checks.intent_uri(value) == fault


@pytest.mark.parametrize("value", ["com.example.ChatActivity", "a.B", "com.example.v2._Chat"])
def test_a_class_name_with_its_package_is_an_activity(value: str) -> None:
    assert checks.activity(value) == ""


@pytest.mark.parametrize(
    "value",
    [
        "",
        "ChatActivity",
        ".ChatActivity",
        "com.example.",
        "com..ChatActivity",
        "com.2example.Chat",
        "com.example.Chat Activity",
        "com.example.聊天",
        "com.example/.Chat",
        "com.example.Chat\n",
    ],
)
def test_anything_else_is_no_activity(value: str) -> None:
    assert checks.activity(value) == "must be a full class name, such as com.example.ChatActivity"


@pytest.mark.parametrize("value", ["", "{}", '{"room":"42"}', '{"深":{"er":[1,null]}}', ' {"a":1}\n'])
def test_ext_is_nothing_or_one_json_object(value: str) -> None:
    assert checks.ext(value) == ""


@pytest.mark.parametrize("value", ["[]", '[{"a":1}]', "1", '"text"', "null", "true"])
def test_ext_of_another_json_type_is_refused(value: str) -> None:
    assert checks.ext(value) == "must be a JSON object"


@pytest.mark.parametrize(
    "value", [" ", "{", '{"a":1', "{'a':1}", '{"a":1}{"b":2}', '{"a":NaN}', '{"a":' * 600, "\ud800"]
)
def test_ext_that_is_not_json_says_so(value: str) -> None:
    assert checks.ext(value).startswith("is not JSON: ")


def test_a_deeply_nested_ext_is_judged_and_not_fatal() -> None:
    nested = '{"a":' * 500 + "1" + "}" * 500

    assert checks.ext(nested) == ""


@pytest.mark.parametrize(
    ("check", "longest"),
    [
        (checks.ext, '{"a":"' + "字" * 3_992 + '"}'),
        (checks.url, "https://a/" + "b" * 1_990),
        (checks.intent_uri, "example:" + "b" * 1_992),
        (checks.activity, "a." + "b" * 498),
        (checks.intent_action, "b" * 500),
    ],
)
def test_the_limit_counts_characters_and_one_more_is_refused(check: Check, longest: str) -> None:
    limit = len(longest)

    assert check(longest) == ""
    assert check(longest + "x") == f"has {limit + 1} characters; at most {limit} are allowed"


@pytest.mark.parametrize("value", ["", " ", "\t\n", "\u3000"])
def test_blank_text_says_nothing_and_is_required_to(value: str) -> None:
    assert checks.required_text(value, 5) == "is required"
    assert checks.intent_action(value) == "is required"


@pytest.mark.parametrize("value", ["", "http://127.0.0.1:9090/oppo", "https://proxy.example", "https://[::1]:1/"])
def test_a_base_url_is_nothing_or_a_root(value: str) -> None:
    assert checks.base_url(value) == ""


@pytest.mark.parametrize(
    "value",
    [
        "proxy.example",
        "ftp://proxy.example",
        "http://",
        "http://[",
        " http://proxy.example",
        "http://proxy.example\n/x",
        "http://proxy.example/\x00",
        "http://proxy.example:port",
    ],
)
def test_a_base_url_without_a_host_or_with_hidden_characters_is_refused(value: str) -> None:
    assert checks.base_url(value) == "must be an http or https URL with a host"


@pytest.mark.parametrize(
    "value",
    [
        "http://user@proxy.example",
        "http://:password@proxy.example",
        "http://@proxy.example",
        "http://proxy.example/?a=1",
        "http://proxy.example?",
        "http://proxy.example#x",
        "http://proxy.example#",
    ],
)
def test_a_base_url_with_a_user_a_query_or_a_fragment_is_refused(value: str) -> None:
    assert checks.base_url(value) == "must not hold a user, a query or a fragment"


ALL_CHECKS: list[Check] = [
    checks.ext,
    checks.url,
    checks.intent_uri,
    checks.activity,
    checks.intent_action,
    checks.base_url,
    lambda value: checks.required_text(value, 5),
    lambda value: checks.text(value, 5),
]
near_urls = st.lists(
    st.sampled_from(["http", "https", ":", "//", "[", "]", "::1", "@", "%", "a.b", "?", "#", "\n", " ", "／", "99999"])
).map("".join)
near_json = st.lists(st.sampled_from(['{"a":', "[", "}", "]", "1", ",", '"', "NaN", "\\u", "\ud800"]), max_size=40).map(
    "".join
)


@given(value=st.text(alphabet=st.characters(codec=None)) | near_urls | near_json)
def test_no_text_makes_a_check_raise(value: str) -> None:
    for check in ALL_CHECKS:
        assert isinstance(check(value), str)


@given(value=near_urls)
def test_whatever_passes_as_a_web_page_starts_with_its_scheme_and_is_visible(value: str) -> None:
    if not checks.url(value):
        assert value.lower().startswith(("http://", "https://"))
        assert value.isprintable()
