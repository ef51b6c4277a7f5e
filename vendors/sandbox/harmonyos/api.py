"""Huawei's v3 endpoint, a function from call to answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from vendors.sandbox.faults import CallKind
from vendors.sandbox.harmonyos.access import Access
from vendors.sandbox.harmonyos.apps import Apps
from vendors.sandbox.harmonyos.codes import (
    ALL_TOKENS_INVALID,
    HTTP_OK,
    NOT_FOUND,
    PARTIAL_SUCCESS,
    SUCCESS,
    TEXTS,
    TOO_FAST,
    WRONG_PARAMETER,
    WRONG_TOKEN_COUNT,
    Refused,
    status_of,
)
from vendors.sandbox.harmonyos.delivery import Deliveries, show
from vendors.sandbox.harmonyos.message import check_message, check_size, check_tokens, read_message
from vendors.sandbox.json_fields import texts_at
from vendors.sandbox.maker import Maker
from vendors.sandbox.simulator import Answer, Call, Route, Simulator, World
from vendors.sandbox.words import quoted

MAX_TARGETS = 1000
# Said by the HTTP status, without a code.
STATUSES = frozenset({NOT_FOUND, TOO_FAST})


def create(world: World) -> Simulator:
    """HarmonyOS in its world."""
    return HarmonyOs(world)


class HarmonyOs(Maker[Apps]):
    """Huawei Push Kit v3, as strict as its page and a little stricter."""

    def __init__(self, world: World) -> None:
        apps = Apps()
        self._access = Access(apps)
        super().__init__(world, apps, show, self._access.expire)
        self._deliveries = Deliveries(world)
        self.routes: Sequence[Route] = (
            Route(path="/v3/{project_id}/messages:send", kind=CallKind.SEND, handle=self._send, targets=_targets),
            Route(path="/v1/{client_id}/messages:revoke", kind=CallKind.SEND, handle=self._revoke, targets=_no_targets),
        )

    def _send(self, call: Call) -> Answer:
        request_id = self._deliveries.request_id(self._world.clock())
        try:
            return self._answer(call, *self._taken(call, request_id), request_id)
        except Refused as refusal:
            self._world.note(call.path, refusal)
            return self._answer(call, refusal.code, refusal.message, request_id)

    def _revoke(self, call: Call) -> Answer:
        request_id = self._deliveries.request_id(self._world.clock())
        try:
            code, text = self._revoked(call)
        except Refused as refusal:
            self._world.note(call.path, refusal)
            code, text = refusal.code, refusal.message
        body = {"code": str(code), "msg": text, "requestId": request_id}
        return Answer(orjson.dumps(body), status_of(code))

    def _revoked(self, call: Call) -> tuple[int | str, str]:
        """Takes a notify id off phones; nobody says of which it was still there."""
        if call.method != "POST":
            raise Refused(NOT_FOUND, "method", "POST", call.method)
        app = self._apps.find_by("client_id", _project_id(call))
        if app is None:
            raise Refused(WRONG_PARAMETER, "client_id", "the client id of an app", "another")
        self._access.admitted(app.terms.project_id, call.headers, self._world.clock())
        Refused.strike(call.plan.refusal)
        content = read_message(call.headers, call.body)
        number, tokens = content.get("notifyId"), content.get("token")
        if type(number) is not int or number < 0:
            raise Refused(WRONG_PARAMETER, "notifyId", "a whole number, 0 or more", quoted(number))
        if not isinstance(tokens, list) or not 1 <= len(tokens) <= MAX_TARGETS or not all(map(_is_text, tokens)):
            raise Refused(WRONG_TOKEN_COUNT, "token", f"1 to {MAX_TARGETS} tokens", "none such")
        self._world.recall(tokens, str(number))
        return SUCCESS, TEXTS[SUCCESS]

    def _taken(self, call: Call, request_id: str) -> tuple[int, str]:
        """The checks in the order of §4.3, then the tokens one by one."""
        now = self._world.clock()
        if call.method != "POST":
            raise Refused(NOT_FOUND, "method", "POST", call.method)
        app = self._access.admitted(_project_id(call), call.headers, now)
        Refused.strike(call.plan.refusal)
        app.check_rate(now)
        message = read_message(call.headers, call.body)
        tokens = check_tokens(message)
        check_size(call.body, tokens)
        send = check_message(message, tokens)
        if send.is_test:
            app.count_test(now)
        app.rate.charge(len(tokens))
        illegal: dict[str, list[str]] = {}
        for token in tokens:
            if reason := self._deliveries.reason_against(call, token):
                illegal.setdefault(reason, []).append(token)
            else:
                self._deliveries.accept(app, send, token, request_id, now)
        return self._settled(len(tokens), illegal)

    def _settled(self, sent: int, illegal: Mapping[str, list[str]]) -> tuple[int, str]:
        """Code and msg, which names by reason what failed (§4.1)."""
        failed = sum(map(len, illegal.values()))
        if not failed:
            return SUCCESS, TEXTS[SUCCESS]
        code = ALL_TOKENS_INVALID if failed == sent else PARTIAL_SUCCESS
        for _ in range(failed):
            self._world.counters.refuse(code, None)
        success = {} if failed == sent else {"success": sent - failed}
        return code, orjson.dumps({"illegalTokens": illegal, **success, "failure": failed}).decode()

    def _answer(self, call: Call, code: int | str, msg: str, request_id: str) -> Answer:
        if isinstance(code, int) and code in STATUSES and call.plan.refusal is None:
            return Answer(orjson.dumps({"msg": msg}), code)
        app = self._apps.find(_project_id(call))
        status = HTTP_OK if app is not None and app.terms.errors_as_200 else status_of(code)
        return Answer(orjson.dumps({"code": str(code), "msg": msg, "requestId": request_id}), status)


def _project_id(call: Call) -> str:
    return call.path.split("/")[2]


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _no_targets(_: Call) -> Sequence[str]:
    return ()


def _targets(call: Call) -> Sequence[str]:
    return texts_at(call.body, "target", "token")
