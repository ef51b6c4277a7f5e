"""Huawei's codes of v3, their HTTP statuses, and the refusal that carries one (§4)."""

from __future__ import annotations

from collections.abc import Mapping

from vendors.sandbox.refusal import Refusal

SUCCESS = 80000000
PARTIAL_SUCCESS = 80100000
WRONG_PARAMETER = 80100001
ILLEGAL_PAYLOAD = 80100003
ILLEGAL_TTL = 80100004
AUTHENTICATION_ERROR = 80200001
JWT_EXPIRED = 80200005
ALL_TOKENS_INVALID = 80300007
TOO_LARGE = 80300008
WRONG_TOKEN_COUNT = 80300010
TEST_QUOTA = 80300029
TOO_MANY_FOR_TEST = 80300030
JWT_LIFE_TOO_LONG = 80300036
INNER_ERROR = 81000001
NOT_FOUND = 404
TOO_FAST = 503

TEXTS: Mapping[int, str] = {
    SUCCESS: "Success",
    PARTIAL_SUCCESS: "Check Parameter Partial Success",
    WRONG_PARAMETER: "Check Parameter Error",
    ILLEGAL_PAYLOAD: "Illegal payload",
    ILLEGAL_TTL: "Illegal expire time",
    AUTHENTICATION_ERROR: "Authentication Error",
    JWT_EXPIRED: "Jwt token expired",
    ALL_TOKENS_INVALID: "All the tokens are invalid",
    TOO_LARGE: "Push message size is too long",
    WRONG_TOKEN_COUNT: "token count should within 1 and 1000",
    TEST_QUOTA: "test message request limit",
    TOO_MANY_FOR_TEST: "too many tokens in a test message",
    JWT_LIFE_TOO_LONG: "JWT expire period over threshold",
    INNER_ERROR: "Inner Error",
    NOT_FOUND: "Not Found",
    TOO_FAST: "flow control",
}

HTTP_OK = 200
HTTP_BAD_REQUEST = 400
HTTP_UNAUTHORIZED = 401
HTTP_ERROR = 500
_AUTHENTICATION = range(80_200_000, 80_300_000)
_WITH_200 = frozenset({SUCCESS, PARTIAL_SUCCESS, ALL_TOKENS_INVALID})


class Refused(Refusal):
    """A call that Huawei refuses."""

    texts = TEXTS


# A refusal that is no violation.
not_their_fault = Refused.not_their_fault


def status_of(code: int | str) -> int:
    """The HTTP status beside a code; sources differ, and these are the page's advice (§4.3)."""
    if code in _WITH_200:
        return HTTP_OK
    if code in _AUTHENTICATION:
        return HTTP_UNAUTHORIZED
    return HTTP_ERROR if code == INNER_ERROR else HTTP_BAD_REQUEST
