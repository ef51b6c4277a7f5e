"""Checks of a message, for one phone or for a list.

They run in the order of §3: request id, target, fields, and what they ask of each other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from vendors.sandbox.vivo.apps import Terms
from vendors.sandbox.vivo.codes import (
    BAD_REQUEST,
    CATEGORY_MISMATCH,
    CONTENT_EMPTY,
    CONTENT_LONG,
    CUSTOM_EMPTY,
    CUSTOM_LONG,
    LINK_EMPTY,
    LINK_LONG,
    LOOKS_LIKE_TEST,
    NO_TARGET,
    PAGE_EMPTY,
    PAGE_LONG,
    PUSH_CLOSED,
    REQUEST_ID_EMPTY,
    REQUEST_ID_LONG,
    SYSTEM_SWITCH_OFF,
    TITLE_EMPTY,
    TITLE_LONG,
    UNDER_AUDIT,
    UNKNOWN_CATEGORY,
    WRONG_SKIP_TYPE,
    Refused,
    not_their_fault,
)
from vendors.sandbox.vivo.fields import (
    CLASSIFICATION,
    LIST_TIME_TO_LIVE,
    NETWORK_TYPE,
    NOTIFY_ID,
    NOTIFY_TYPE,
    OTHERS,
    SKIP_TYPE,
    TARGETS,
    TIME_TO_LIVE,
    Field,
    check_custom_map,
    check_extra,
    check_field,
    is_http_url,
)
from vendors.sandbox.words import quoted

Body = Mapping[str, object]

OPERATION, SYSTEM = 0, 1
CATEGORIES: Mapping[str, int] = {
    **dict.fromkeys(("IM", "ACCOUNT", "TODO", "DEVICE_REMINDER", "ORDER", "SUBSCRIPTION"), SYSTEM),
    **dict.fromkeys(("NEWS", "CONTENT", "MARKETING", "SOCIAL"), OPERATION),
}
HOME, LINK, CUSTOM, PAGE = 1, 2, 3, 4
SKIP_CODES = {LINK: (LINK_EMPTY, LINK_LONG), CUSTOM: (CUSTOM_EMPTY, CUSTOM_LONG), PAGE: (PAGE_EMPTY, PAGE_LONG)}
MAX_TITLE, MAX_CONTENT = 40, 100
MAX_SKIP_CONTENT = 1024
MAX_REQUEST_ID = 64
TEST_MODE = 1
KEYS = frozenset(
    {
        *("appId", "requestId", "title", "content", "notifyType", "timeToLive", "skipType", "skipContent"),
        *("networkType", "classification", "category", "clientCustomMap", "extra", "notifyId"),
        *TARGETS,
        *OTHERS,
    }
)
# What is one phone's alone: a list has its phones in a call of their own.
SINGLE_ONLY = frozenset({*TARGETS, "profileId"})
ALIAS_SHOWN = "alias:"
# An intent URI, any other link into an app, or the bare class name some clients send.
PAGE_ADDRESS = re.compile(
    r"intent:\S*#Intent;\S+;end|(?!intent:)[A-Za-z][\w+.-]*:\S+|[A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)+"
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A message without a fault.

    Attributes:
        classification: 0 operation, 1 system.
        is_test: it goes to test phones only, outside of all limits.
        body: all of it.
    """

    classification: int
    is_test: bool
    body: Body


def check_single(body: Body, terms: Terms) -> tuple[str, Checked]:
    """Checks a single push.

    Returns:
        The phone, as phones are called here, and the message.

    Raises:
        Refused: with the field at fault.
    """
    check_request_id(body)
    target = _target(body)
    return target, _check_message(body, terms, TIME_TO_LIVE, KEYS)


def check_saved(body: Body, terms: Terms) -> Checked:
    """Checks a message that is to be saved for lists.

    Raises:
        Refused: with the field at fault.
    """
    check_request_id(body)
    return _check_message(body, terms, LIST_TIME_TO_LIVE, KEYS - SINGLE_ONLY)


def _check_message(body: Body, terms: Terms, time_to_live: Field, keys: frozenset[str]) -> Checked:
    check_field("notifyType", NOTIFY_TYPE, body)
    _check_text("title", body, MAX_TITLE, (TITLE_EMPTY, TITLE_LONG), terms)
    _check_text("content", body, MAX_CONTENT, (CONTENT_EMPTY, CONTENT_LONG), terms)
    check_field("timeToLive", time_to_live, body)
    check_field("skipType", SKIP_TYPE, body)
    _check_skip_content(cast("int", body["skipType"]), body.get("skipContent"))
    check_field("networkType", NETWORK_TYPE, body)
    if "clientCustomMap" in body:
        check_custom_map(body["clientCustomMap"])
    if "extra" in body:
        check_extra(body["extra"])
    check_field("notifyId", NOTIFY_ID, body)
    classification = _classification(body)
    for name, field in OTHERS.items():
        check_field(name, field, body)
    check_keys(body, keys)
    return Checked(classification, body.get("pushMode") == TEST_MODE, body)


def check_keys(body: Body, keys: frozenset[str]) -> None:
    """Checks that a body has no other fields.

    Raises:
        Refused: 400.
    """
    if unknown := body.keys() - keys:
        raise Refused(BAD_REQUEST, min(unknown)[:40], "only the fields of the page", "this one")


def check_app_state(message: Checked, terms: Terms) -> None:
    """Checks what the console allows the app, and then the text.

    Raises:
        Refused: 10045, 10043, 10082 or 10085.
    """
    if terms.under_audit and not message.is_test:
        raise not_their_fault(UNDER_AUDIT)
    if not terms.push_open:
        raise not_their_fault(PUSH_CLOSED)
    if message.classification == SYSTEM and not terms.system_messages:
        raise not_their_fault(SYSTEM_SWITCH_OFF)
    if terms.content_rules and not message.is_test:
        for name in ("title", "content"):
            if looks_like_test(cast("str", message.body[name])):
                expected = "a text that does not look like a test: not all digits, letters or symbols, no brackets"
                raise Refused(LOOKS_LIKE_TEST, name, expected, quoted(message.body[name]))


def looks_like_test(text: str) -> bool:
    """Says whether a text is all digits, all ASCII letters or all symbols, or holds what tests hold (§2.1)."""
    if "测试" in text or any(bracket in text for bracket in "{}[]"):
        return True
    return text.isdigit() or (text.isascii() and text.isalpha()) or not any(map(str.isalnum, text))


def target_of(body: object) -> str:
    """What a message names as its phone, as far as it can be read."""
    target = body.get("regId") if isinstance(body, dict) else None
    return target if isinstance(target, str) else ""


def check_request_id(body: Body) -> None:
    """Checks the caller's id of a call.

    Raises:
        Refused: 10352 or 10353.
    """
    request_id = body.get("requestId")
    if request_id is None or request_id == "":
        raise Refused(REQUEST_ID_EMPTY, "requestId", "an id of the caller's", "nothing")
    if not isinstance(request_id, str) or len(request_id) > MAX_REQUEST_ID:
        expected = f"a string of at most {MAX_REQUEST_ID} characters"
        raise Refused(REQUEST_ID_LONG, "requestId", expected, quoted(request_id))


def _target(body: Body) -> str:
    """The registration id wins over an alias."""
    for name, field in TARGETS.items():
        if body.get(name) not in (None, ""):
            check_field(name, field, body)
            target = cast("str", body[name])
            return target if name == "regId" else ALIAS_SHOWN + target
    raise Refused(NO_TARGET, "regId", "a registration id or an alias", "neither")


def _check_text(name: str, body: Body, limit: int, codes: tuple[int, int], terms: Terms) -> None:
    empty, long = codes
    text = body.get(name)
    if text is None or (isinstance(text, str) and not text.strip()):
        raise Refused(empty, name, "a text that is not blank", "none")
    if not isinstance(text, str):
        raise Refused(long, name, "a string", quoted(text))
    length = sum(1 if character.isascii() else 2 for character in text) if terms.count_chinese_double else len(text)
    if length > limit:
        raise Refused(long, name, f"at most {limit} characters", str(length))


def _check_skip_content(skip_type: int, content: object) -> None:
    if skip_type == HOME:
        if content is not None:
            raise Refused(WRONG_SKIP_TYPE, "skipContent", "none with skipType 1", quoted(content))
        return
    empty, wrong = SKIP_CODES[skip_type]
    if content is None or content == "":
        raise Refused(empty, "skipContent", f"one, as skipType is {skip_type}", "none")
    if not isinstance(content, str) or len(content) > MAX_SKIP_CONTENT:
        raise Refused(wrong, "skipContent", f"a string of at most {MAX_SKIP_CONTENT} characters", quoted(content))
    if skip_type == LINK and not is_http_url(content):
        raise Refused(wrong, "skipContent", "http or https with a host", quoted(content))
    if skip_type == PAGE and not PAGE_ADDRESS.fullmatch(content):
        raise Refused(wrong, "skipContent", "an intent URI, a deep link or a class name", quoted(content))


def _classification(body: Body) -> int:
    """Whichever is given decides; neither means operation."""
    check_field("classification", CLASSIFICATION, body)
    category = body.get("category")
    if category is None:
        return cast("int", body.get("classification", OPERATION))
    of_category = CATEGORIES.get(category) if isinstance(category, str) else None
    if of_category is None:
        raise Refused(UNKNOWN_CATEGORY, "category", "a category of the page, in upper case", quoted(category))
    if body.get("classification", of_category) != of_category:
        expected = f"{of_category} with {category}"
        raise Refused(CATEGORY_MISMATCH, "classification", expected, quoted(body["classification"]))
    return of_category
