"""Checks of one message: its target and then its notification (§2.1; §3.3, steps 6 and 7)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from vendors.sandbox.oppo.apps import Terms
from vendors.sandbox.oppo.codes import (
    INVALID_ARGUMENTS,
    INVALID_REGISTRATION_ID,
    MISSING_ARGUMENTS,
    Refused,
)
from vendors.sandbox.oppo.notification import Notification, check_class, check_fields
from vendors.sandbox.words import id_prefix, quoted

REGISTRATION_ID, ALIAS = 2, 5
KEYS = frozenset({"target_type", "target_value", "notification", "verify_registration_id"})
# Mainland ids and those of everywhere else, by §1.1: one part, `CN_…`, or `brand_CN_…` is mainland.
MAINLAND_ID = re.compile(r"(?:(?:[0-9A-Za-z]{2,10}_)?CN_)?[0-9A-Fa-f]{32}|[0-9A-Fa-f]{24}")
OVERSEAS_ID = re.compile(r"(?:[0-9A-Za-z]{2,10}_)?(?!CN_)[0-9A-Za-z-]{2,10}_[0-9A-Fa-f]{32}")
ALIAS_SHOWN = "alias:"


def check_message(message: object, terms: Terms) -> tuple[str, Notification]:
    """Checks one element of a batch, or what a unicast holds.

    Returns:
        The target, as phones are called here, and the notification.

    Raises:
        Refused: with the field at fault.
    """
    if not isinstance(message, dict):
        raise Refused(INVALID_ARGUMENTS, "message", "a JSON object", quoted(message))
    for name in ("target_type", "target_value", "notification"):
        if message.get(name) in (None, ""):
            raise Refused(MISSING_ARGUMENTS, name, "a value", "none")
    target_type, target_value = message["target_type"], message["target_value"]
    target = check_target(target_type, target_value, terms)
    notification = message["notification"]
    if not isinstance(notification, dict):
        raise Refused(INVALID_ARGUMENTS, "notification", "a JSON object", quoted(notification))
    if target_type == ALIAS and "call_back_url" in notification:
        raise Refused(INVALID_ARGUMENTS, "notification.call_back_url", "none for an alias", "one")
    check_fields(notification, is_unicast=True)
    _check_keys(message)
    check_class(notification, terms)
    return target, notification


def check_target(target_type: object, target_value: object, terms: Terms) -> str:
    """Checks type and shape of a single target.

    Raises:
        Refused: 41, or 10000 for a registration id of a wrong shape or region.
    """
    if type(target_type) is not int or target_type not in (REGISTRATION_ID, ALIAS):
        raise Refused(INVALID_ARGUMENTS, "target_type", "2 (registration id) or 5 (alias)", quoted(target_type))
    if not isinstance(target_value, str):
        raise Refused(INVALID_ARGUMENTS, "target_value", "a string", type(target_value).__name__)
    if ";" in target_value or "," in target_value:
        raise Refused(INVALID_ARGUMENTS, "target_value", "exactly one target", "a list of them")
    if target_type == ALIAS:
        return ALIAS_SHOWN + target_value
    check_registration_id(target_value, terms)
    return target_value


def check_registration_id(registration_id: str, terms: Terms) -> None:
    """Checks the shape, and that it is of the app's region.

    Raises:
        Refused: 10000.
    """
    mine, other = (MAINLAND_ID, OVERSEAS_ID) if terms.region == "cn" else (OVERSEAS_ID, MAINLAND_ID)
    if mine.fullmatch(registration_id):
        return
    if other.fullmatch(registration_id):
        expected = "an id of mainland China" if terms.region == "cn" else "an id from overseas"
    else:
        expected = "brand and region if any, then 32 hex digits"
    raise Refused(INVALID_REGISTRATION_ID, "target_value", expected, id_prefix(registration_id))


def target_of(message: object) -> str:
    """What a message names as its target, as far as it can be read."""
    target = message.get("target_value") if isinstance(message, dict) else None
    return target if isinstance(target, str) else ""


def _check_keys(message: Mapping[str, object]) -> None:
    unknown = message.keys() - KEYS
    if unknown:
        raise Refused(INVALID_ARGUMENTS, min(unknown)[:40], "only known keys, in snake_case", "this key")
    verify = message.get("verify_registration_id", False)
    if not isinstance(verify, bool):
        raise Refused(INVALID_ARGUMENTS, "verify_registration_id", "true or false", quoted(verify))
