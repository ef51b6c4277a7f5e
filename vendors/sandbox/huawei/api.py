"""Huawei's endpoints, each a function from call to answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from vendors.sandbox.faults import CallKind
from vendors.sandbox.huawei.access import Access
from vendors.sandbox.huawei.apps import Apps, apps
from vendors.sandbox.huawei.codes import (
    ALL_TOKENS_INVALID,
    FLOW_CONTROL,
    INNER_ERROR,
    NOT_FOUND,
    PARTIAL_SUCCESS,
    SUCCESS,
    TEXTS,
    Refused,
)
from vendors.sandbox.huawei.delivery import Deliveries, show
from vendors.sandbox.huawei.message import check_message, check_size, check_tokens, read_body
from vendors.sandbox.json_fields import texts_at
from vendors.sandbox.maker import Maker
from vendors.sandbox.simulator import Answer, Call, Route, Simulator, World

HTTP_OK = 200
HTTP_BAD_REQUEST = 400
HTTP_UNAUTHORIZED = 401
HTTP_SERVER_ERROR = 500
AUTHENTICATION = range(80200000, 80300000)


def create(world: World) -> Simulator:
    """Huawei in its world."""
    return Huawei(world)


class Huawei(Maker[Apps]):
    """Huawei Push Kit v1, as strict as its page and a little stricter."""

    def __init__(self, world: World) -> None:
        hosted = apps()
        self._access = Access(hosted, world.nonce)
        super().__init__(world, hosted, show, self._access.expire)
        self._deliveries = Deliveries(world)
        self.routes: Sequence[Route] = (
            Route(path="/oauth2/v3/token", kind=CallKind.AUTH, handle=self._auth, targets=lambda _: ()),
            # The older, equal path (§1.2).
            Route(path="/oauth2/v2/token", kind=CallKind.AUTH, handle=self._auth, targets=lambda _: ()),
            Route(path="/v1/{app_id}/messages:send", kind=CallKind.SEND, handle=self._send, targets=_targets),
        )

    def _auth(self, call: Call) -> Answer:
        now = self._world.clock()
        try:
            _check_method(call)
            app = self._access.signed_in(call.headers, call.body, now)
            Refused.strike(call.plan.refusal)
        except Refused as refusal:
            self._world.note(call.path, refusal)
            return _refused_sign_in(refusal)
        self._world.counters.logins += 1
        token = self._access.issue(app, now)
        return _answer({"access_token": token, "expires_in": app.terms.token_life, "token_type": "Bearer"})

    def _send(self, call: Call) -> Answer:
        app = self._apps.find(_app_id(call))
        try:
            return self._taken(call)
        except Refused as refusal:
            self._world.note(call.path, refusal)
            status = HTTP_OK if app is not None and app.terms.errors_as_200 else _status_of(refusal.code)
            return _envelope(refusal.code, refusal.message, "", status)

    def _taken(self, call: Call) -> Answer:
        """The checks in the order of §4.3, then the tokens one by one."""
        now = self._world.clock()
        _check_method(call)
        app = self._access.admitted(_app_id(call), call.headers, now)
        Refused.strike(call.plan.refusal)
        app.check_rate(now)
        content = read_body(call.headers.get("Content-Type", ""), call.body)
        tokens = check_tokens(content)
        check_size(call.body, tokens)
        send = check_message(content, tokens, app.terms)
        request_id = self._deliveries.request_id(now)
        if send.is_checked_only:
            return _envelope(SUCCESS, TEXTS[SUCCESS], request_id)
        if send.is_test:
            app.count_test(now)
        app.rate.charge(len(tokens))
        illegal = [token for token in tokens if self._is_illegal(call, token)]
        are_illegal = frozenset(illegal)
        for token in tokens:
            if token not in are_illegal:
                self._deliveries.accept(app, send, token, request_id, now)
        return _settled(len(tokens), illegal, request_id)

    def _is_illegal(self, call: Call, token: str) -> bool:
        is_illegal = self._deliveries.is_illegal(call, token)
        if is_illegal:
            self._world.counters.refuse(PARTIAL_SUCCESS, None)
        return is_illegal


def _settled(sent: int, illegal: Sequence[str], request_id: str) -> Answer:
    if not illegal:
        return _envelope(SUCCESS, TEXTS[SUCCESS], request_id)
    if len(illegal) == sent:
        return _envelope(ALL_TOKENS_INVALID, TEXTS[ALL_TOKENS_INVALID], request_id)
    told = {"success": sent - len(illegal), "failure": len(illegal), "illegal_tokens": illegal}
    return _envelope(PARTIAL_SUCCESS, orjson.dumps(told).decode(), request_id)


def _envelope(code: int | str, message: str, request_id: str, status: int = HTTP_OK) -> Answer:
    return _answer({"code": str(code), "msg": message, "requestId": request_id}, status)


def _answer(content: Mapping[str, object], status: int = HTTP_OK) -> Answer:
    return Answer(orjson.dumps(content), status)


def _status_of(code: int | str) -> int:
    """The status of each class of codes (§4.3)."""
    if code in (NOT_FOUND, FLOW_CONTROL):
        return int(code)
    if code == INNER_ERROR:
        return HTTP_SERVER_ERROR
    is_authentication = isinstance(code, int) and code in AUTHENTICATION
    return HTTP_UNAUTHORIZED if is_authentication else HTTP_BAD_REQUEST


def _refused_sign_in(refusal: Refused) -> Answer:
    if refusal.code in (NOT_FOUND, FLOW_CONTROL):
        return _answer({"error": refusal.code, "error_description": refusal.message}, int(refusal.code))
    error, _, sub_error = str(refusal.code).partition("/")
    content: dict[str, object] = {
        "error": int(error) if error.isdecimal() else error,
        "error_description": refusal.message,
    }
    if sub_error:
        content["sub_error"] = int(sub_error)
    return _answer(content, HTTP_BAD_REQUEST)


def _check_method(call: Call) -> None:
    if call.method != "POST":
        raise Refused(NOT_FOUND, "method", "POST", call.method)


def _app_id(call: Call) -> str:
    return call.path.split("/")[2]


def _targets(call: Call) -> Sequence[str]:
    return texts_at(call.body, "message", "token")
