"""Xiaomi's return codes and the refusal that carries one (§5.3)."""

from __future__ import annotations

from collections.abc import Mapping

from vendors.sandbox.refusal import Refusal

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


class Refused(Refusal):
    """A call or a target that Xiaomi refuses."""

    texts = REASONS


# A refusal that is no violation.
not_their_fault = Refused.not_their_fault
