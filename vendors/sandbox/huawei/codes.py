"""Huawei's codes and the refusal that carries one (§4)."""

from __future__ import annotations

from collections.abc import Mapping

from vendors.sandbox.refusal import Refusal

SUCCESS = 80000000
PARTIAL_SUCCESS = 80100000
PARAMETER_ERROR = 80100001
ILLEGAL_PAYLOAD = 80100003
ILLEGAL_TTL = 80100004
ILLEGAL_COLLAPSE_KEY = 80100013
AUTHENTICATION_ERROR = 80200001
TOKEN_EXPIRED = 80200003
NO_PERMISSION = 80300002
ALL_TOKENS_INVALID = 80300007
TOO_LARGE = 80300008
TOKEN_COUNT = 80300010
WRONG_RECEIPT = 80300013
TEST_QUOTA = 80300029
INNER_ERROR = 81000001
NOT_FOUND = 404
FLOW_CONTROL = 503

TEXTS: Mapping[int, str] = {
    SUCCESS: "Success",
    PARAMETER_ERROR: "Check Parameter Error",
    ILLEGAL_PAYLOAD: "Illegal payload",
    ILLEGAL_TTL: "Illegal expire time",
    ILLEGAL_COLLAPSE_KEY: "Illegal collapse_key",
    AUTHENTICATION_ERROR: "Authentication Error",
    TOKEN_EXPIRED: "Access token expired",
    NO_PERMISSION: "No permission to send message to these tmIDs",
    ALL_TOKENS_INVALID: "All the tokens are invalid",
    TOO_LARGE: "Push message size is too long",
    TOKEN_COUNT: "The number of tokens should within 1 and 1000",
    WRONG_RECEIPT: "Receipt address is wrong",
    TEST_QUOTA: "Test message request limit",
    INNER_ERROR: "Inner Error",
    NOT_FOUND: "not found",
    FLOW_CONTROL: "flow control",
}


class Refused(Refusal):
    """A call that Huawei refuses."""

    texts = TEXTS


# A refusal that is no violation.
not_their_fault = Refused.not_their_fault
