"""HarmonyOS's own options: what `vendor_options.harmonyos` takes, under the maker's names.

Source: Huawei developers, HarmonyOS reference push-scenariozed-api-request-param, `pushOptions` and `notification`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vendors.contract import Violation
from vendors.option_rules import (
    Rule,
    between,
    described,
    https_url,
    list_of,
    text,
    text_up_to,
    truth,
    violations,
)

TEST_MESSAGE = "testMessage"
STYLE = "style"
INBOX_CONTENT = "inboxContent"
SOUND_DURATION = "soundDuration"
MAX_LINES = 3
MAX_LINE = 1024
MAX_PROFILE_ID = 64
MAX_BI_TAG_BYTES = 64


def check_options(options: Mapping[str, object]) -> Sequence[Violation]:
    """What is wrong with options; field names relative to the options."""
    return list(violations(options, _RULES, "harmonyos"))


def _bi_tag(value: object) -> str:
    size = len(value.encode(errors="surrogatepass")) if isinstance(value, str) else 0
    return f"has {size} bytes; harmonyos allows {MAX_BI_TAG_BYTES}" if size > MAX_BI_TAG_BYTES else text(value)


_RULES: Mapping[str, Rule] = {
    "image": Rule("string", "https URL of a PNG, JPEG or BMP of at most 49152 pixels, else it is not shown", https_url),
    STYLE: Rule(
        "integer",
        "0 standard, 1 big text, which shows the whole body unfolded and which Huawei is dropping. Default: 0",
        between(0, 1),
    ),
    INBOX_CONTENT: Rule(
        "array",
        "1 to 3 lines of up to 1024 characters, shown unfolded instead of the body; makes style 3",
        list_of(text_up_to(MAX_LINE, "harmonyos"), MAX_LINES, "texts"),
    ),
    "profileId": Rule(
        "string", "user of the app's it is for, up to 64 characters", text_up_to(MAX_PROFILE_ID, "harmonyos")
    ),
    SOUND_DURATION: Rule(
        "integer", "seconds the sound plays, 1 to 60; left out of a notification without a sound", between(1, 60)
    ),
    "foregroundShow": Rule(
        "boolean",
        "false: while the app is in front it gets the notification and nothing is shown. Default: true",
        truth,
    ),
    TEST_MESSAGE: Rule(
        "boolean",
        "true: a test message, of which a project has 1000 a day, 10 phones to a call. Default: false",
        truth,
    ),
    "biTag": Rule("string", "comes back in receipts, up to 64 bytes", _bi_tag),
    "receiptId": Rule("string", "which receipt configuration of the console is told", text),
    "collapseKey": Rule(
        "integer",
        "group of which a phone that is offline is kept the newest only: 0 to 100; -1 keeps all. Default: -1",
        between(-1, 100),
    ),
}

OPTIONS = described(_RULES)
