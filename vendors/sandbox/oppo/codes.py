"""OPPO's return codes and the refusal that carries one (§3.2)."""

from __future__ import annotations

from collections.abc import Mapping

from vendors.sandbox.refusal import Refusal

UNAVAILABLE = -1
NOT_ALLOWED = 12
INVALID_AUTH_TOKEN = 11
INVALID_APP_KEY = 14
MISSING_APP_KEY = 15
INVALID_SIGNATURE = 16
MISSING_SIGNATURE = 17
MISSING_TIMESTAMP = 18
INVALID_TIMESTAMP = 19
INVALID_ENCODING = 25
ACCESS_DENIED = 27
APP_DISABLED = 28
MISSING_AUTH_TOKEN = 29
PERMISSION_DENIED = 30
DATA_NOT_EXIST = 31
DAILY_LIMIT = 33
MISSING_ARGUMENTS = 40
INVALID_ARGUMENTS = 41
TEMPLATE_MISSING = 54
CATEGORY_ERROR = 67
INVALID_REGISTRATION_ID = 10000

TEXTS: Mapping[int, str] = {
    -2: "Service in Flow Control",
    UNAVAILABLE: "Service Currently Unavailable",
    0: "Success",
    INVALID_AUTH_TOKEN: "Invalid AuthToken",
    NOT_ALLOWED: "Http Action Not Allowed",
    13: "App Call Limited",
    INVALID_APP_KEY: "Invalid App Key",
    MISSING_APP_KEY: "Missing App Key",
    INVALID_SIGNATURE: "Invalid Signature",
    MISSING_SIGNATURE: "Missing Signature",
    MISSING_TIMESTAMP: "Missing Timestamp",
    INVALID_TIMESTAMP: "Invalid Timestamp",
    INVALID_ENCODING: "Invalid Encoding",
    26: "IP Black List",
    ACCESS_DENIED: "Access Denied",
    APP_DISABLED: "App Disabled",
    MISSING_AUTH_TOKEN: "Missing Auth Token",
    PERMISSION_DENIED: "Api Permission Denied",
    DATA_NOT_EXIST: "Data Not Exist",
    32: "Data Duplicate",
    DAILY_LIMIT: "The number of messages exceeds the daily limit",
    MISSING_ARGUMENTS: "Missing Required Arguments",
    INVALID_ARGUMENTS: "Invalid Arguments",
    51: "Invalid Picture",
    TEMPLATE_MISSING: "private_msg_template_id is null",
    55: "App Call Frequency Limit",
    59: "UseSecondaryAction permission denied",
    CATEGORY_ERROR: "Category error",
    INVALID_REGISTRATION_ID: "Invalid Registration_id",
    10001: "registration id not subscribed",
}


class Refused(Refusal):
    """A call or an item that OPPO refuses."""

    texts = TEXTS


# A refusal that is no violation.
not_their_fault = Refused.not_their_fault
