"""vivo's return codes and the refusal that carries one (§3)."""

from __future__ import annotations

from collections.abc import Mapping

from vendors.sandbox.refusal import Refusal

# Ours: the page has no code for what is no call of its API at all; these go with the HTTP status of the same number.
BAD_REQUEST = 400
METHOD_NOT_ALLOWED = 405
UNSUPPORTED_TYPE = 415
HTTP_STATUSES = frozenset({BAD_REQUEST, METHOD_NOT_ALLOWED, UNSUPPORTED_TYPE})

SUCCESS = 0
INVALID_AUTH_TOKEN = 10000
UNAVAILABLE = 10040
PUSH_CLOSED = 10043
UNDER_AUDIT = 10045
NO_TARGET = 10050
WRONG_CLASSIFICATION = 10051
WRONG_NOTIFY_TYPE = 10054
TITLE_EMPTY, TITLE_LONG = 10055, 10056
CONTENT_EMPTY, CONTENT_LONG = 10057, 10058
WRONG_TTL = 10059
WRONG_SKIP_TYPE = 10060
LINK_EMPTY, LINK_LONG = 10061, 10062
CUSTOM_EMPTY, CUSTOM_LONG = 10063, 10064
WRONG_NETWORK_TYPE = 10065
TOO_MANY_PAIRS, WRONG_CUSTOM_MAP = 10066, 10067
PAGE_EMPTY, PAGE_LONG = 10068, 10069
OPERATION_QUOTA = 10070
OUTSIDE_HOURS = 10071
TOO_FAST = 10072
SYSTEM_QUOTA = 10073
SYSTEM_SWITCH_OFF = 10082
LOOKS_LIKE_TEST = 10085
SIGN_IN_TOO_OFTEN = 10093
TOKEN_OF_ANOTHER_APP = 10094
WRONG_NOTIFY_ID = 10095
UNKNOWN_CATEGORY = 10096
CATEGORY_MISMATCH = 10097
NO_TARGETS = 10150
TASK_ID_EMPTY, WRONG_TASK_ID = 10151, 10152
WRONG_COUNT_OF_REG_IDS, WRONG_COUNT_OF_ALIASES = 10153, 10154
UNKNOWN_TASK_ID = 10155
APP_ID_EMPTY, APP_KEY_EMPTY, WRONG_APP_KEY = 10200, 10201, 10202
TIMESTAMP_EMPTY, SIGN_EMPTY = 10203, 10204
UNKNOWN_APP_ID = 10205
WRONG_SIGN = 10206
WRONG_TIMESTAMP = 10207
SAVED_LISTS_QUOTA = 10252
WRONG_ALIAS = 10301
WRONG_REG_ID = 10302
UNKNOWN_EXTRA_KEY = 10304
CALLBACK_LONG, CALLBACK_PARAM_LONG = 10305, 10306
REQUEST_ID_EMPTY, REQUEST_ID_LONG = 10352, 10353

TEXTS: Mapping[int, str] = {
    SUCCESS: "请求成功",
    INVALID_AUTH_TOKEN: "权限认证失败",
    PUSH_CLOSED: "推送已关闭",
    UNDER_AUDIT: "应用审核中",
    NO_TARGET: "alias和regId不能都为空",
    OPERATION_QUOTA: "运营消息发送量总量超出限制",
    OUTSIDE_HOURS: "不在允许发送的时间内",
    TOO_FAST: "推送速度过快",
    SYSTEM_QUOTA: "系统消息发送量总量超出限制",
    SYSTEM_SWITCH_OFF: "系统消息开关未开启",
    LOOKS_LIKE_TEST: "消息内容疑似测试",
    SIGN_IN_TOO_OFTEN: "鉴权接口调用频率过高",
    NO_TARGETS: "regIds和aliases不能都为空",
    UNKNOWN_TASK_ID: "消息体不存在或已过期",
    WRONG_SIGN: "sign不正确",
    SAVED_LISTS_QUOTA: "群推消息体数量超出限制",
    WRONG_REG_ID: "regId不合法",
}


class Refused(Refusal):
    """A call that vivo refuses.

    Attributes:
        user_status: what `invalidUser` says of the target; 0: there is none in the answer.
    """

    texts = TEXTS

    def __init__(
        self,
        code: int | str,
        field: str,
        expected: str,
        got: str,
        *,
        is_violation: bool = True,
        text: str = "",
        user_status: int = 0,
    ) -> None:
        super().__init__(code, field, expected, got, is_violation=is_violation, text=text)
        self.user_status = user_status


def not_their_fault(code: int | str, text: str = "", *, user_status: int = 0) -> Refused:
    """A refusal that is no violation."""
    return Refused(code, "", "", "", is_violation=False, text=text, user_status=user_status)
