"""Honor's codes and the refusal that carries one (§3)."""

from __future__ import annotations

from collections.abc import Mapping

from vendors.sandbox.refusal import Refusal

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


class Refused(Refusal):
    """A call that Honor refuses."""

    texts = TEXTS


# A refusal that is no violation.
not_their_fault = Refused.not_their_fault
