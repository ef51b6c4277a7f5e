"""Xiaomi's return codes and the refusal that carries one (§5.3)."""

from __future__ import annotations

from collections.abc import Mapping

SYSTEM_ERROR = 10001
WRONG_CONTENT_TYPE = 10007
MISSING_PARAMETER = 10016
ILLEGAL_VALUE = 10017
WRONG_METHOD = 10021
FORBIDDEN = 10036
NO_VALID_TARGETS = 20301
AUTHENTICATION_FAILED = 21301
WRONG_PACKAGE = 22022
WRONG_CHANNEL = 27001
PAYLOAD_TOO_LONG = 65009
TEXT_MISSING = 65011
TOO_MANY_PAIRS = 65014
PAIRS_TOO_LONG = 65015
CALLBACK_PARAMETER_TOO_LONG = 65036
CALLBACK_TOO_LONG = 65037
CALLBACK_ILLEGAL = 65038
QUOTA_SPENT = 200001
TOO_FAST = 200002

# `reason`, in the words clients report where there are any.
REASONS: Mapping[int, str] = {
    SYSTEM_ERROR: "System error",
    WRONG_CONTENT_TYPE: "Unsupported MIME type",
    MISSING_PARAMETER: "Missing required parameter",
    ILLEGAL_VALUE: "Illegal parameter value",
    WRONG_METHOD: "HTTP method not supported",
    FORBIDDEN: "Operation forbidden for the app",
    NO_VALID_TARGETS: "No valid targets!",
    AUTHENTICATION_FAILED: "Invalid application secret.",
    WRONG_PACKAGE: "Invalid package name",
    WRONG_CHANNEL: "invalid channel info!",
    PAYLOAD_TOO_LONG: "Payload too long",
    TEXT_MISSING: "Title or Description is empty!",
    TOO_MANY_PAIRS: "Too many extra pairs",
    PAIRS_TOO_LONG: "Extra too long",
    CALLBACK_PARAMETER_TOO_LONG: "Callback parameter too long",
    CALLBACK_TOO_LONG: "Callback address too long",
    CALLBACK_ILLEGAL: "Callback address illegal",
    TOO_FAST: "QPS of the app exceeded",
}


class Refused(Exception):  # noqa: N818 - it says what happened
    """A call or a target that is refused with a code.

    Attributes:
        code: Xiaomi's; a fault's may be anything.
        field: the field at fault; empty if none is.
        expected: what the page asks for.
        got: what came; never a secret in full.
        is_violation: the caller broke a rule; False for what a fault, a dead phone or a configured limit refuses.
        text: Xiaomi's words for the code, or the fault's.
    """

    def __init__(
        self, code: int | str, field: str, expected: str, got: str, *, is_violation: bool = True, text: str = ""
    ) -> None:
        self.code = code
        self.field = field
        self.expected = expected
        self.got = got
        self.is_violation = is_violation
        self.text = text or (REASONS.get(code, "") if isinstance(code, int) else "")
        super().__init__(self.reason)

    @property
    def reason(self) -> str:
        """The answer's text: Xiaomi's words, and for a violation what would have been right."""
        if not self.is_violation or not self.expected:
            return self.text
        return f"{self.text}: {self.field + ': ' if self.field else ''}expected {self.expected}, got {self.got}"


def not_their_fault(code: int | str, text: str = "") -> Refused:
    """A refusal that is no violation."""
    return Refused(code, "", "", "", is_violation=False, text=text)
