"""Checks of one message, in the order of §10: package, target, texts, numbers, click, extra pairs, callback, class."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import orjson

from vendors.sandbox.words import quoted
from vendors.sandbox.xiaomi.apps import PRIVATE, PUBLIC, Terms
from vendors.sandbox.xiaomi.codes import (
    CALLBACK_ILLEGAL,
    CALLBACK_PARAMETER_TOO_LONG,
    CALLBACK_TOO_LONG,
    FORBIDDEN,
    ILLEGAL_VALUE,
    MISSING_PARAMETER,
    PAIRS_TOO_LONG,
    PAYLOAD_TOO_LONG,
    TEXT_MISSING,
    TOO_MANY_PAIRS,
    WRONG_CHANNEL,
    WRONG_PACKAGE,
    Refused,
)
from vendors.sandbox.xiaomi.fields import BROWSER, INTENT, PREFIX, RESERVED, TOP, is_http_url
from vendors.sandbox.xiaomi.form import REGISTRATION_ID, Form

MAX_TARGETS = 1000
LIMITS = {"title": 49, "description": 127}
MAX_PAYLOAD_BYTES = 4096
MAX_CUSTOM_PAIRS = 10
MAX_EXTRA, MAX_EXTRA_IN_ALL = 1024, 2047
APART = frozenset({"callback", "callback.param", "callback.type", "template_id", "template_param"})
MAX_CALLBACK_BYTES, MAX_CALLBACK_PARAMETER_BYTES = 128, 64
CALLBACK_BITS = 1 + 2 + 16 + 32 + 64 + 128 + 1024
PUBLIC_TTL_MS = 86_400_000
AHEAD_MS = 7 * 86_400_000
MAX_TEMPLATE_VALUE = 128
Extra = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Message:
    """A message that breaks no rule.

    Attributes:
        form: as sent, without the targets.
        extra: its extra pairs, without their prefix.
        is_public: whether it goes by a public channel, or by none.
    """

    form: Form
    extra: Extra
    is_public: bool


def targets_of(form: Form) -> Sequence[str]:
    """The registration ids a form names, in order and without repeats; empty parts are skipped (§2.1)."""
    return list(dict.fromkeys(part for part in form.get(REGISTRATION_ID, "").split(",") if part))


def check_message(form: Form, terms: Terms, *, now: float, many_packages: bool) -> Message:
    """Checks a whole call but for its rate, its quota and which targets there are.

    Raises:
        Refused: with the field at fault.
    """
    _check_package(form, terms, many_packages=many_packages)
    _check_targets(form)
    _check_texts(form)
    _check_fields(form, now)
    extra = {name.removeprefix(PREFIX): value for name, value in form.items() if name.startswith(PREFIX)}
    _check_extra_fields(extra)
    _check_click(extra, terms)
    _check_extra_size(extra)
    _check_callback(extra)
    kind = _channel_kind(extra, terms)
    _check_ttl(form, kind)
    _check_template(extra, terms, kind)
    shown = {name: value for name, value in form.items() if name != REGISTRATION_ID}
    return Message(shown, extra, kind == PUBLIC)


def _check_package(form: Form, terms: Terms, *, many_packages: bool) -> None:
    packages = [part for part in form.get("restricted_package_name", "").split(",") if part]
    if terms.package_name not in packages or (len(packages) > 1 and not many_packages):
        got = quoted(form.get("restricted_package_name", ""))
        raise Refused(WRONG_PACKAGE, "restricted_package_name", "the package of the secret's app", got)


def _check_targets(form: Form) -> None:
    count = len([part for part in form.get(REGISTRATION_ID, "").split(",") if part])
    if not count:
        raise Refused(MISSING_PARAMETER, REGISTRATION_ID, "1 to 1000 ids", "none")
    if count > MAX_TARGETS:
        raise Refused(ILLEGAL_VALUE, REGISTRATION_ID, "1 to 1000 ids", str(count))


def _check_texts(form: Form) -> None:
    for name in LIMITS:
        if not form.get(name, "").strip():
            raise Refused(TEXT_MISSING, name, "a text that is not blank", quoted(form.get(name, "")))
    for name, limit in LIMITS.items():
        if len(form[name]) > limit:
            raise Refused(ILLEGAL_VALUE, name, f"at most {limit} characters", str(len(form[name])))
    size = len(form.get("payload", "").encode())
    if size > MAX_PAYLOAD_BYTES:
        raise Refused(PAYLOAD_TOO_LONG, "payload", f"at most {MAX_PAYLOAD_BYTES} bytes", str(size))


def _check_fields(form: Form, now: float) -> None:
    for name, value in form.items():
        if name.startswith(PREFIX):
            continue
        field = TOP.get(name)
        if field is None:
            raise Refused(ILLEGAL_VALUE, name[:40], "only fields of the page", "this field")
        if not field.accepts(value):
            raise Refused(ILLEGAL_VALUE, name, field.expected, quoted(value))
    if form.get("pass_through") == "1":
        raise Refused(FORBIDDEN, "pass_through", "0: Xiaomi is ending the delivery of pass-through messages", "1")
    if int(form.get("time_to_send", 0)) > now * 1000 + AHEAD_MS:
        raise Refused(ILLEGAL_VALUE, "time_to_send", "at most 7 days ahead", form["time_to_send"])


def _check_extra_fields(extra: Extra) -> None:
    for name, value in extra.items():
        field = RESERVED.get(name)
        if not name:
            raise Refused(ILLEGAL_VALUE, PREFIX, "a name behind the dot", "none")
        if field is not None and not field.accepts(value):
            raise Refused(ILLEGAL_VALUE, PREFIX + name, field.expected, quoted(value))


def _check_click(extra: Extra, terms: Terms) -> None:
    effect = extra.get("notify_effect", "")
    if not effect:
        raise Refused(ILLEGAL_VALUE, "extra.notify_effect", "1, 2 or 3 (since 2024-09-30)", "none")
    if effect == BROWSER and "web_uri" not in extra:
        raise Refused(MISSING_PARAMETER, "extra.web_uri", "one, as notify_effect is 3", "none")
    if effect == INTENT and not extra.keys() & {"intent_uri", "class_name"}:
        raise Refused(MISSING_PARAMETER, "extra.intent_uri", "one, as notify_effect is 2", "none")
    component = intent_parts(extra.get("intent_uri", "")).get("component", "")
    package, _, _ = component.partition("/")
    if component and package != terms.package_name:
        raise Refused(ILLEGAL_VALUE, "extra.intent_uri", "a component of the app itself", quoted(component))


def intent_parts(uri: str) -> dict[str, str]:
    """What an intent URI says behind `#Intent;`: name to decoded value."""
    _, _, tail = uri.rpartition("#Intent;")
    pairs = (part.partition("=") for part in tail.split(";") if "=" in part)
    return {name: unquote(value) for name, _, value in pairs}


def _check_extra_size(extra: Extra) -> None:
    own = [name for name in extra if name not in RESERVED]
    if len(own) > MAX_CUSTOM_PAIRS:
        raise Refused(TOO_MANY_PAIRS, "extra", f"at most {MAX_CUSTOM_PAIRS} pairs of one's own", str(len(own)))
    sizes = {name: len(name) + len(value) for name, value in extra.items()}
    in_all = sum(sizes.values())
    plain = in_all - sum(sizes.get(name, 0) for name in APART)
    if plain > MAX_EXTRA:
        raise Refused(PAIRS_TOO_LONG, "extra", f"at most {MAX_EXTRA} characters", str(plain))
    if in_all > MAX_EXTRA_IN_ALL:
        expected = f"at most {MAX_EXTRA_IN_ALL} characters with callback and template"
        raise Refused(PAIRS_TOO_LONG, "extra", expected, str(in_all))


def _check_callback(extra: Extra) -> None:
    if len(extra.get("callback.param", "").encode()) > MAX_CALLBACK_PARAMETER_BYTES:
        raise Refused(CALLBACK_PARAMETER_TOO_LONG, "extra.callback.param", "at most 64 bytes", "more")
    if len(extra.get("callback", "").encode()) > MAX_CALLBACK_BYTES:
        raise Refused(CALLBACK_TOO_LONG, "extra.callback", "at most 128 bytes", "more")
    if "callback" in extra and not is_http_url(extra["callback"]):
        raise Refused(CALLBACK_ILLEGAL, "extra.callback", "an http or https address", quoted(extra["callback"]))
    kind = extra.get("callback.type", "3")
    if not kind.isascii() or not kind.isdigit() or len(kind) > len("1267") or int(kind) & ~CALLBACK_BITS:
        raise Refused(ILLEGAL_VALUE, "extra.callback.type", "a sum of 1, 2, 16, 32, 64, 128, 1024", quoted(kind))


def _channel_kind(extra: Extra, terms: Terms) -> str:
    channel = extra.get("channel_id", "")
    if not channel and not terms.require_channel:
        return PUBLIC
    kind = terms.channels.get(channel)
    if kind is None:
        raise Refused(WRONG_CHANNEL, "extra.channel_id", "a channel of the app", quoted(channel))
    return kind


def _check_ttl(form: Form, kind: str) -> None:
    if kind == PUBLIC and int(form.get("time_to_live", PUBLIC_TTL_MS)) > PUBLIC_TTL_MS:
        expected = f"at most {PUBLIC_TTL_MS} ms on a public channel"
        raise Refused(ILLEGAL_VALUE, "time_to_live", expected, form["time_to_live"])


def _check_template(extra: Extra, terms: Terms, kind: str) -> None:
    template = extra.get("template_id", "")
    if not template:
        if "template_param" in extra or (kind == PRIVATE and terms.require_template):
            raise Refused(ILLEGAL_VALUE, "extra.template_id", "an approved template of the app", "none")
        return
    names = terms.templates.get(template)
    if names is None:
        raise Refused(ILLEGAL_VALUE, "extra.template_id", "an approved template of the app", quoted(template))
    values = _template_values(extra.get("template_param", "{}"))
    if set(values) != set(names):
        expected = f"exactly the variables {', '.join(names)}"
        raise Refused(ILLEGAL_VALUE, "extra.template_param", expected, ", ".join(values)[:40] or "none")
    for name, text in values.items():
        if not _fits_a_template(text):
            expected = f"1 to {MAX_TEMPLATE_VALUE} characters, not blank, no symbols"
            raise Refused(ILLEGAL_VALUE, f"extra.template_param {name}", expected, quoted(text))


def _template_values(text: str) -> Mapping[str, str]:
    try:
        values = orjson.loads(text)
    except orjson.JSONDecodeError:
        values = None
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise Refused(ILLEGAL_VALUE, "extra.template_param", "a JSON object of texts", quoted(text))
    return values


def _fits_a_template(text: str) -> bool:
    if not text.strip() or len(text) > MAX_TEMPLATE_VALUE:
        return False
    return all(unicodedata.category(character) not in ("So", "Cn") for character in text)
