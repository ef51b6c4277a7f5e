"""Meizu's return codes and the refusal that carries one (§5.2, §5.3)."""

from __future__ import annotations

from collections.abc import Mapping

from vendors.sandbox.refusal import Refusal

SUCCESS = 200
SYSTEM_ERROR = 1001
WRONG_ARGUMENT = 1005
WRONG_SIGN = 1006
UNKNOWN_APP = 110000
WRONG_PUSH_ID = 110003
MISSING_ARGUMENT = 110004
BLACK_LISTED = 110009
TOO_FAST = 110010
APP_DAY_SPENT = 110019
NO_PASS_THROUGH = 110053
FOLDED = 520
PHONE_DAY_SPENT = 110011

TEXTS: Mapping[int, str] = {
    SYSTEM_ERROR: "系统错误",
    1003: "服务器忙",
    WRONG_ARGUMENT: "参数错误",
    WRONG_SIGN: "签名认证失败",
    UNKNOWN_APP: "appId不合法",
    MISSING_ARGUMENT: "必填参数为空",
    BLACK_LISTED: "应用在黑名单中",
    TOO_FAST: "应用请求频率超过限制",
    APP_DAY_SPENT: "应用推送数量超过当天限制",
    NO_PASS_THROUGH: "透传消息超过限制",
}


class Refused(Refusal):
    """A call or a phone that Meizu refuses.

    Attributes:
        status: of HTTP.
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
        status: int = 200,
    ) -> None:
        super().__init__(code, field, expected, got, is_violation=is_violation, text=text)
        self.status = status


def wrong(field: str, expected: str, got: str) -> Refused:
    """An argument of a wrong kind: 1005."""
    return Refused(WRONG_ARGUMENT, field, expected, got)


def missing(field: str, expected: str) -> Refused:
    """A required argument that is empty: 110004."""
    return Refused(MISSING_ARGUMENT, field, expected, "nothing")


# A refusal that is no violation.
not_their_fault = Refused.not_their_fault
