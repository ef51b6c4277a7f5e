"""OPPO's own options: what `vendor_options.oppo` takes.

Source: OPPO open platform, pages 11236 (notification fields), 13189 (message classes), 12391 (private templates).
Values come from a JSON-like structure whose numbers are all floating point, so a whole one counts as an integer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from vendors.contract import VendorOption, Violation
from vendors.custom_data import whole

PRIVATE_TEMPLATE = "private_template"
OFF_LINE = "off_line"
TEMPLATE_KEYS = ("id", "title_parameter", "content_parameter")
MAX_SUB_TITLE = 10
MAX_SHOW_TTL_S = 24 * 3600

Check = Callable[[object], str]


def check_options(options: Mapping[str, object]) -> Sequence[Violation]:
    """What is wrong with options; field names relative to the options."""
    return list(_violations(options))


def _violations(options: Mapping[str, object]) -> Iterator[Violation]:
    for name, value in options.items():
        rule = _RULES.get(name)
        if rule is None:
            yield Violation(name, f"is not an option of oppo; the options are {', '.join(_RULES)}")
        elif problem := rule.check(value):
            yield Violation(name, problem)


def _integer(value: object) -> int | None:
    """A whole number; None for anything else."""
    number = whole(value)
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _one_of(*allowed: int) -> Check:
    words = f"must be one of {', '.join(map(str, allowed))}"
    return lambda value: "" if _integer(value) in allowed else words


def _up_to(highest: int) -> Check:
    def check(value: object) -> str:
        number = _integer(value)
        return "" if number is not None and 0 <= number <= highest else f"must be a whole number from 0 to {highest}"

    return check


def _text(value: object) -> str:
    return "" if isinstance(value, str) and value else "must be a text, not empty"


def _sub_title(value: object) -> str:
    if isinstance(value, str) and len(value) > MAX_SUB_TITLE:
        return f"has {len(value)} characters; oppo allows {MAX_SUB_TITLE}"
    return _text(value)


def _truth(value: object) -> str:
    return "" if isinstance(value, bool) else "must be true or false"


def _texts_by_name(value: object) -> str:
    fits = isinstance(value, Mapping) and all(isinstance(text, str) for text in value.values())
    return "" if fits else "must be an object whose values are all texts"


def _template(value: object) -> str:
    if not isinstance(value, Mapping):
        return "must be an object"
    problems = [f"has no key {name}" for name in value if name not in TEMPLATE_KEYS]
    problems += [
        f"{name} {problem}" for name, text in value.items() if name in TEMPLATE_KEYS and (problem := _text(text))
    ]
    if "id" not in value:
        problems.append("id is required")
    return "; ".join(problems)


def _review(value: object) -> str:
    return "" if isinstance(value, str | Mapping) and value else "must be a text or an object, not empty"


@dataclass(frozen=True, slots=True)
class _Rule:
    """One option: how it reads in ListVendors, and what is wrong with a value."""

    type: str
    help: str
    check: Check


_RULES: Mapping[str, _Rule] = {
    "notify_level": _Rule(
        "integer",
        "1 drawer, 2 also lock screen, 16 also banner, sound and vibration (needs the strong-reminder right); "
        "content and marketing categories allow only 1. Default: by category",
        _one_of(1, 2, 16),
    ),
    "style": _Rule("integer", "1 standard (body up to 50), 2 long text (body up to 128). Default: 1", _one_of(1, 2)),
    "sub_title": _Rule("string", "subtitle, at most 10 characters", _sub_title),
    "small_picture_id": _Rule(
        "string", "id of an uploaded small picture; OPPO may refuse pictures in single messages (27)", _text
    ),
    "network_type": _Rule("integer", "0 any network, 1 only Wi-Fi. Default: 0", _one_of(0, 1)),
    "show_ttl": _Rule(
        "integer",
        "seconds on display, 0 to 86400; content and marketing categories allow up to 43200",
        _up_to(MAX_SHOW_TTL_S),
    ),
    "private_msg_template_id": _Rule(
        "string", "id of an approved template; left out for content and marketing categories", _text
    ),
    "private_title_parameters": _Rule("object", "template title's holes: name to text", _texts_by_name),
    "private_content_parameters": _Rule("object", "template body's holes: name to text", _texts_by_name),
    PRIVATE_TEMPLATE: _Rule(
        "object",
        "a cert's default template, used where private_msg_template_id is not given: its id, and the names of the "
        "holes that title (title_parameter) and body (content_parameter) fill; left out for content and marketing",
        _template,
    ),
    "auditResponse": _Rule("string", "the third-party review's answer, text or object, passed unchanged", _review),
    OFF_LINE: _Rule("boolean", "false: dropped if the phone is offline. Default: true", _truth),
}

OPTIONS = tuple(VendorOption(name=name, type=rule.type, help=rule.help) for name, rule in _RULES.items())
