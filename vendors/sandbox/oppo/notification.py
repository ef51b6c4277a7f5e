"""Checks of one notification: fields, what they ask of each other, and its class (§3.3, steps 6 and 7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast
from urllib.parse import urlsplit

from vendors.sandbox.oppo.apps import Terms
from vendors.sandbox.oppo.codes import (
    ACCESS_DENIED,
    CATEGORY_ERROR,
    INVALID_ARGUMENTS,
    MISSING_ARGUMENTS,
    TEMPLATE_MISSING,
    Refused,
)
from vendors.sandbox.oppo.fields import BROADCAST_ACCEPTS, FIELDS, UNICAST_ACCEPTS, is_http_url
from vendors.sandbox.words import quoted

Notification = Mapping[str, object]

PRIVATE_CATEGORIES = frozenset({"IM", "ACCOUNT", "TODO", "DEVICE_REMINDER", "ORDER", "SUBSCRIPTION"})
MARKETING_CATEGORIES = frozenset({"NEWS", "CONTENT", "MARKETING", "SOCIAL"})
DRAWER_ONLY, STRONG = 1, 16
NOTIFY_LEVELS = (DRAWER_ONLY, 2, STRONG)
STYLE_BIG_PICTURE, STYLE_PAID = 3, 4
CONTENT_LIMITS = {1: 50, 2: 128, 3: 50, 4: 50}
MARKETING_SHOW_TTL = 12 * 3600
CLASS_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+")
CLICK_NAMES = {0: "app", 1: "intent_action", 2: "url", 4: "activity", 5: "intent_uri"}
TAKES_ACTIVITY, TAKES_URL = (1, 4), (2, 5)
CLICK_URL, CLICK_CLASS, CLICK_SCHEME = 2, 4, 5
REFUSED_SCHEMES = ("", "javascript", "file", "content", "data")


def is_marketing(notification: Notification) -> bool:
    """Says whether it counts against the daily limits: all that is not classed as communication and service (§5.1)."""
    return notification.get("category") not in PRIVATE_CATEGORIES


def check_fields(notification: Notification, *, is_unicast: bool) -> None:
    """Checks the fields and what they ask of each other.

    Raises:
        Refused: 40, 41 or 27, with the field at fault.
    """
    _check_texts_present(notification)
    accepts = UNICAST_ACCEPTS if is_unicast else BROADCAST_ACCEPTS
    for name, value in notification.items():
        accepts_value = accepts.get(name)
        if accepts_value is None or not accepts_value(value):
            raise _field_refused(name, value, is_unicast=is_unicast)
    _check_style(notification, is_unicast=is_unicast)
    _check_click(notification)
    _check_companions(notification)


def check_class(notification: Notification, terms: Terms) -> None:
    """Checks category, level and template against each other and the app's rights.

    Raises:
        Refused: 67 or 54.
    """
    category, level = notification.get("category"), notification.get("notify_level")
    if category is not None and category not in PRIVATE_CATEGORIES and category not in MARKETING_CATEGORIES:
        raise Refused(CATEGORY_ERROR, "notification.category", "a category of the page", quoted(category))
    if level is not None:
        _check_level(cast("int", level), category, terms)
    if category in PRIVATE_CATEGORIES and terms.require_template and "private_msg_template_id" not in notification:
        raise Refused(TEMPLATE_MISSING, "notification.private_msg_template_id", f"one with {category}", "none")


def _check_texts_present(notification: Notification) -> None:
    for name in ("title", "content"):
        value = notification.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            raise Refused(MISSING_ARGUMENTS, f"notification.{name}", "a text that is not blank", "none")


def _field_refused(name: str, value: object, *, is_unicast: bool) -> Refused:
    field = FIELDS.get(name)
    if field is None:
        return Refused(INVALID_ARGUMENTS, f"notification.{name[:40]}", "only known keys, in snake_case", "this key")
    if field.accepts is None:
        return Refused(ACCESS_DENIED, f"notification.{name}", field.expected, quoted(value))
    if is_unicast and field.unicast_code:
        return Refused(field.unicast_code, f"notification.{name}", "it in a broadcast only", quoted(value))
    return Refused(INVALID_ARGUMENTS, f"notification.{name}", field.expected, quoted(value))


def _check_style(notification: Notification, *, is_unicast: bool) -> None:
    style = cast("int", notification.get("style", 1))
    if style == STYLE_PAID or (style == STYLE_BIG_PICTURE and is_unicast):
        raise Refused(ACCESS_DENIED, "notification.style", "a style the app has the right to", str(style))
    limit, length = CONTENT_LIMITS[style], len(cast("str", notification["content"]))
    if length > limit:
        raise Refused(
            INVALID_ARGUMENTS, "notification.content", f"at most {limit} characters in style {style}", f"{length}"
        )
    if style == STYLE_BIG_PICTURE:
        _require(notification, "big_picture_id", because="style is 3")


def _check_click(notification: Notification) -> None:
    kind = cast("int", notification.get("click_action_type", 0))
    for name, kinds in (("click_action_activity", TAKES_ACTIVITY), ("click_action_url", TAKES_URL)):
        if kind in kinds:
            _require(notification, name, because=f"click_action_type is {kind}")
        elif name in notification:
            value = quoted(notification[name])
            raise Refused(INVALID_ARGUMENTS, f"notification.{name}", f"none with click_action_type {kind}", value)
    if kind in TAKES_URL:
        _check_click_url(kind, cast("str", notification["click_action_url"]))
    elif kind == CLICK_CLASS and not CLASS_NAME.fullmatch(cast("str", notification["click_action_activity"])):
        got = quoted(notification["click_action_activity"])
        raise Refused(INVALID_ARGUMENTS, "notification.click_action_activity", "a full class name", got)


def _check_click_url(kind: int, url: str) -> None:
    if kind == CLICK_URL and not is_http_url(url):
        raise Refused(INVALID_ARGUMENTS, "notification.click_action_url", "http or https with a host", quoted(url))
    if kind == CLICK_SCHEME and _scheme(url) in REFUSED_SCHEMES:
        expected = "a scheme other than javascript, file, content and data"
        raise Refused(INVALID_ARGUMENTS, "notification.click_action_url", expected, quoted(url))


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme
    except ValueError:
        return ""


def _check_companions(notification: Notification) -> None:
    """Fields that ask for, or limit, another."""
    if notification.get("show_time_type") == 1:
        for name in ("show_start_time", "show_end_time"):
            _require(notification, name, because="show_time_type is 1")
        if cast("int", notification["show_start_time"]) >= cast("int", notification["show_end_time"]):
            raise Refused(INVALID_ARGUMENTS, "notification.show_end_time", "a time after show_start_time", "none such")
    if notification.get("push_time_type") == 1:
        _require(notification, "push_start_time", because="push_time_type is 1")
    if notification.get("fix_speed"):
        _require(notification, "fix_speed_rate", because="fix_speed is true")
    if notification.get("badge_operation_type") == 0:
        _require(notification, "badge_message_count", because="badge_operation_type is 0")
    if is_marketing(notification) and cast("int", notification.get("show_ttl", 0)) > MARKETING_SHOW_TTL:
        got = quoted(notification["show_ttl"])
        raise Refused(INVALID_ARGUMENTS, "notification.show_ttl", f"at most {MARKETING_SHOW_TTL} for marketing", got)
    for name in ("private_title_parameters", "private_content_parameters"):
        if name in notification and "private_msg_template_id" not in notification:
            expected = "none without private_msg_template_id"
            raise Refused(INVALID_ARGUMENTS, f"notification.{name}", expected, "some")


def _check_level(level: int, category: object, terms: Terms) -> None:
    if category is None:
        expected = "none without a category"
    elif level not in NOTIFY_LEVELS:
        expected = "1, 2 or 16"
    elif category in MARKETING_CATEGORIES and level != DRAWER_ONLY:
        expected = f"1 with {category}"
    elif level == STRONG and not terms.strong_reminder:
        expected = "1 or 2: the app has no strong reminder"
    else:
        return
    raise Refused(CATEGORY_ERROR, "notification.notify_level", expected, str(level))


def _require(notification: Notification, name: str, *, because: str) -> None:
    if name not in notification:
        raise Refused(INVALID_ARGUMENTS, f"notification.{name}", f"one, as {because}", "none")
