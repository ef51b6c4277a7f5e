"""Honor's endpoints, each a function from call to answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from vendors.sandbox.faults import CallKind
from vendors.sandbox.honor.access import Access
from vendors.sandbox.honor.apps import App, Apps, apps
from vendors.sandbox.honor.codes import (
    ALL_TOKENS_INVALID,
    NOT_FOUND,
    SUCCESS,
    TEXTS,
    TOO_FAST,
    Refused,
)
from vendors.sandbox.honor.delivery import Deliveries, show
from vendors.sandbox.honor.message import check_message, check_size, check_tokens, read_message
from vendors.sandbox.json_fields import texts_at
from vendors.sandbox.maker import Maker
from vendors.sandbox.simulator import Answer, Call, Route, Simulator, World

HTTP_OK = 200
HTTP_BAD_REQUEST = 400
HTTP_UNAUTHORIZED = 401
# Codes that are HTTP statuses too, and come as such.
STATUS_CODES = frozenset({401, 403, NOT_FOUND, TOO_FAST})


def create(world: World) -> Simulator:
    """Honor in its world."""
    return Honor(world)


class Honor(Maker[Apps]):
    """Honor Push, as strict as its page and a little stricter."""

    def __init__(self, world: World) -> None:
        hosted = apps()
        self._access = Access(hosted, world.nonce)
        super().__init__(world, hosted, show, self._access.expire)
        self._deliveries = Deliveries(world)
        self.routes: Sequence[Route] = (
            Route(path="/auth/token", kind=CallKind.AUTH, handle=self._auth, targets=lambda _: ()),
            Route(path="/api/v1/{app_id}/sendMessage", kind=CallKind.SEND, handle=self._send, targets=_targets),
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
            if refusal.code in STATUS_CODES and call.plan.refusal is None:
                status = refusal.code
            else:
                status = HTTP_BAD_REQUEST if app is not None and app.terms.errors_as_400 else HTTP_OK
            return _answer({"code": refusal.code, "message": refusal.message, "data": None}, status)

    def _taken(self, call: Call) -> Answer:
        """The checks in the order of §3, then the tokens one by one."""
        now = self._world.clock()
        _check_method(call)
        app = self._access.admitted(_app_id(call), call.headers, now)
        Refused.strike(call.plan.refusal)
        app.check_rate(now)
        message = read_message(call.headers.get("Content-Type", ""), call.body)
        tokens = check_tokens(message)
        check_size(call.body, tokens)
        send = check_message(message, tokens, app.terms)
        if send.is_test:
            app.count_test(now)
        app.rate.charge(len(tokens))
        request_id = self._deliveries.request_id(now)
        lists: dict[str, list[str]] = {"failTokens": [], "expireTokens": []}
        for token in tokens:
            if failed := self._deliveries.failure_of(call, token):
                lists[failed].append(token)
            else:
                self._deliveries.accept(app, send, token, request_id, now)
        return self._settled(app, len(tokens), lists, request_id)

    def _settled(self, app: App, sent: int, lists: Mapping[str, list[str]], request_id: str) -> Answer:
        failed = sum(map(len, lists.values()))
        code = SUCCESS
        if failed:
            are_all_dead = len(lists["expireTokens"]) == sent
            code = ALL_TOKENS_INVALID if are_all_dead else app.terms.partial_code
            for _ in range(failed):
                self._world.counters.refuse(code, None)
        # What expired has failed as well (ours).
        fail = lists["failTokens"] + lists["expireTokens"]
        data = {"sendResult": failed < sent, "requestId": request_id, **lists, "failTokens": fail}
        status = HTTP_BAD_REQUEST if code == ALL_TOKENS_INVALID and app.terms.errors_as_400 else HTTP_OK
        return _answer({"code": code, "message": TEXTS[code], "data": data}, status)


def _answer(content: Mapping[str, object], status: int = HTTP_OK) -> Answer:
    return Answer(orjson.dumps(content), status)


def _refused_sign_in(refusal: Refused) -> Answer:
    """The page documents the body of a refused sign-in, not its status; 401 is ours."""
    status = refusal.code if refusal.code in STATUS_CODES else HTTP_UNAUTHORIZED
    return _answer({"error": str(refusal.code), "error_description": refusal.message}, status)


def _check_method(call: Call) -> None:
    if call.method != "POST":
        raise Refused(NOT_FOUND, "method", "POST", call.method)


def _app_id(call: Call) -> str:
    return call.path.split("/")[3]


def _targets(call: Call) -> Sequence[str]:
    return texts_at(call.body, "token")
