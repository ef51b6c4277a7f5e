"""Honor's codes and the refusal that carries one (§3)."""

from __future__ import annotations

from collections.abc import Mapping

SUCCESS = 200
BAD_REQUEST = 400
NO_RIGHT = 403
NOT_FOUND = 404
TOO_FAST = 503
PARTIAL_SUCCESS = 80100000
MESSAGE_STRUCTURE = 80100003
WRONG_RECEIPT_ID = 80200020
NO_RIGHT_FOR_TYPE = 80200022
TEST_QUOTA = 80200047
MARKETING_IMAGE = 80200050
REPEATED_TOKENS = 80300006
ALL_TOKENS_INVALID = 80300007
TOO_LARGE = 80300008
TOO_MANY_TOKENS = 80300010
TIMESTAMP_EMPTY = 10001
UNKNOWN_APP = 10205
TIMESTAMP_ILLEGAL = 10207
NO_TOKENS = 10300

TEXTS: Mapping[int, str] = {
    SUCCESS: "success",
    BAD_REQUEST: "parameter error",
    NO_RIGHT: "authentication failed",
    NOT_FOUND: "not found",
    TOO_FAST: "flow control",
    PARTIAL_SUCCESS: "partial success",
    MESSAGE_STRUCTURE: "message structure error",
    WRONG_RECEIPT_ID: "receiptId does not match",
    NO_RIGHT_FOR_TYPE: "no right for this type of message",
    TEST_QUOTA: "test messages of the day are used up",
    MARKETING_IMAGE: "a marketing message may not have an image",
    REPEATED_TOKENS: "repeated tokens",
    ALL_TOKENS_INVALID: "all the tokens are invalid",
    TOO_LARGE: "the message is too large",
    TOO_MANY_TOKENS: "too many tokens",
    TIMESTAMP_EMPTY: "timestamp is empty",
    UNKNOWN_APP: "app id does not exist",
    TIMESTAMP_ILLEGAL: "timestamp is illegal",
    NO_TOKENS: "token list is empty",
}


class Refused(Exception):  # noqa: N818 - it says what happened
    """A call that is answered with a code.

    Attributes:
        code: Honor's; a fault's may be anything.
        field: the field at fault; empty if none is.
        expected: what the page asks for.
        got: what came; never a secret in full.
        is_violation: the caller broke a rule; False for what a fault or a configured limit refuses.
        text: Honor's words for the code, or the fault's.
    """

    def __init__(
        self, code: int | str, field: str, expected: str, got: str, *, is_violation: bool = True, text: str = ""
    ) -> None:
        self.code = code
        self.field = field
        self.expected = expected
        self.got = got
        self.is_violation = is_violation
        self.text = text or (TEXTS.get(code, "") if isinstance(code, int) else "")
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The answer's text: Honor's words, and for a violation what would have been right."""
        if not self.is_violation:
            return self.text
        return f"{self.text}: {self.field + ': ' if self.field else ''}expected {self.expected}, got {self.got}"


def not_their_fault(code: int | str, text: str = "") -> Refused:
    """A refusal that is no violation."""
    return Refused(code, "", "", "", is_violation=False, text=text)
