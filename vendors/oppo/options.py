"""OPPO's own options: what `vendor_options.oppo` takes.

Source: OPPO open platform, pages 11236 (notification fields), 13189 (message classes), 12391 (private templates).
Values come from a JSON-like structure whose numbers are all floating point, so a whole one counts as an integer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vendors.contract import Violation
from vendors.option_rules import (
    Rule,
    between,
    described,
    object_of,
    one_of,
    text,
    text_up_to,
    texts_by_name,
    truth,
    violations,
)

PRIVATE_TEMPLATE = "private_template"
OFF_LINE = "off_line"
TEMPLATE_KEYS = ("id", "title_parameter", "content_parameter")
MAX_SUB_TITLE = 10
MAX_SHOW_TTL_S = 24 * 3600


def check_options(options: Mapping[str, object]) -> Sequence[Violation]:
    """What is wrong with options; field names relative to the options."""
    return list(violations(options, _RULES, "oppo"))


def _review(value: object) -> str:
    return "" if isinstance(value, str | Mapping) and value else "must be a text or an object, not empty"


_RULES: Mapping[str, Rule] = {
    "notify_level": Rule(
        "integer",
        "1 drawer, 2 also lock screen, 16 also banner, sound and vibration (needs the strong-reminder right); "
        "content and marketing categories allow only 1. Default: by category",
        one_of(1, 2, 16),
    ),
    "style": Rule("integer", "1 standard (body up to 50), 2 long text (body up to 128). Default: 1", one_of(1, 2)),
    "sub_title": Rule("string", "subtitle, at most 10 characters", text_up_to(MAX_SUB_TITLE, "oppo")),
    "small_picture_id": Rule(
        "string", "id of an uploaded small picture; OPPO may refuse pictures in single messages (27)", text
    ),
    "network_type": Rule("integer", "0 any network, 1 only Wi-Fi. Default: 0", one_of(0, 1)),
    "show_ttl": Rule(
        "integer",
        "seconds on display, 0 to 86400; content and marketing categories allow up to 43200",
        between(0, MAX_SHOW_TTL_S),
    ),
    "private_msg_template_id": Rule(
        "string", "id of an approved template; left out for content and marketing categories", text
    ),
    "private_title_parameters": Rule("object", "template title's holes: name to text", texts_by_name),
    "private_content_parameters": Rule("object", "template body's holes: name to text", texts_by_name),
    PRIVATE_TEMPLATE: Rule(
        "object",
        "a cert's default template, used where private_msg_template_id is not given: its id, and the names of the "
        "holes that title (title_parameter) and body (content_parameter) fill; left out for content and marketing",
        object_of(dict.fromkeys(TEMPLATE_KEYS, text), ("id",)),
    ),
    "auditResponse": Rule("string", "the third-party review's answer, text or object, passed unchanged", _review),
    OFF_LINE: Rule("boolean", "false: dropped if the phone is offline. Default: true", truth),
}

OPTIONS = described(_RULES)
