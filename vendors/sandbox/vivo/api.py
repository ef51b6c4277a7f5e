"""vivo's endpoints, each a function from JSON body to answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from email.message import Message
from typing import cast

import orjson

from vendors.sandbox.counters import Violation
from vendors.sandbox.faults import CallKind
from vendors.sandbox.simulator import Answer, Call, Route, Simulator, World
from vendors.sandbox.vivo.access import Access, Body
from vendors.sandbox.vivo.apps import Apps
from vendors.sandbox.vivo.codes import (
    BAD_REQUEST,
    HTTP_STATUSES,
    METHOD_NOT_ALLOWED,
    SUCCESS,
    TEXTS,
    UNSUPPORTED_TYPE,
    Refused,
    not_their_fault,
)
from vendors.sandbox.vivo.delivery import Deliveries, refused_phone, show
from vendors.sandbox.vivo.message import check_app_state, check_message, target_of
from vendors.sandbox.words import quoted

HTTP_OK = 200
Endpoint = Callable[[Call, Body], dict[str, object]]


def create(world: World) -> Simulator:
    """The simulator of vivo in its world."""
    return Vivo(world)


class Vivo:
    """vivo Push, as strict as its page and a little stricter."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._apps = Apps()
        self._access = Access(self._apps, world.nonce)
        self._deliveries = Deliveries(world)
        self.routes: Sequence[Route] = (
            self._route("/message/auth", CallKind.AUTH, self._auth),
            self._route("/message/send", CallKind.SEND, self._send),
        )

    def show(self, content: bytes) -> Mapping[str, object]:
        """A kept notification in neutral words."""
        return show(content)

    def apps(self) -> Sequence[Mapping[str, object]]:
        """The apps, without their secrets."""
        return self._apps.as_json()

    def put_app(self, fields: Mapping[str, object]) -> Mapping[str, object]:
        """Adds or edits an app."""
        return self._apps.put(fields)

    def expire_tokens(self) -> int:
        """Ends every access token issued so far."""
        return self._access.expire()

    def reset(self) -> None:
        """Back to the demo app."""
        self._apps.reset()

    def _route(self, path: str, kind: CallKind, endpoint: Endpoint) -> Route:
        return Route(path=path, kind=kind, handle=lambda call: self._answer(call, endpoint), targets=_targets)

    def _answer(self, call: Call, endpoint: Endpoint) -> Answer:
        """Every refusal ends here."""
        body: Body = {}
        try:
            body = _body_of(call)
            return Answer(orjson.dumps({"result": SUCCESS, "desc": TEXTS[SUCCESS], **endpoint(call, body)}))
        except Refused as refusal:
            self._note(call, refusal)
            answer: dict[str, object] = {"result": refusal.code, "desc": refusal.message}
            if refusal.user_status:
                answer["invalidUser"] = {"status": refusal.user_status, "userid": target_of(body)}
            status = refusal.code if refusal.code in HTTP_STATUSES else HTTP_OK
            return Answer(orjson.dumps(answer), status)

    def _auth(self, call: Call, body: Body) -> dict[str, object]:
        now = self._world.clock()
        app = self._access.signed_in(body, now)
        _strike(call)
        self._world.counters.logins += 1
        return {"authToken": self._access.issue(app, now)}

    def _send(self, call: Call, body: Body) -> dict[str, object]:
        now = self._world.clock()
        app = self._access.admitted(call.headers.get("authToken"), body, now)
        _strike(call)
        message = check_message(body, app.terms)
        check_app_state(message, app.terms)
        if not message.is_test:
            app.check_hours(message.classification, now)
            app.check_rate(now)
            app.check_quota(message.classification, now)
        if fault := call.plan.refusal_of(message.target):
            raise refused_phone(cast("int | str", fault.value), fault.message)
        phone = self._deliveries.check_phone(message, app)
        return {"taskId": self._deliveries.accept(app, phone, message, now)}

    def _note(self, call: Call, refusal: Refused) -> None:
        violation = None
        if refusal.is_violation:
            violation = Violation(
                at=self._world.clock(),
                path=call.path,
                code=refusal.code,
                field=refusal.field,
                expected=refusal.expected,
                got=refusal.got,
            )
        self._world.counters.refuse(refusal.code, violation)


def _body_of(call: Call) -> Body:
    if call.method != "POST":
        raise Refused(METHOD_NOT_ALLOWED, "method", "POST", call.method)
    content_type = call.headers.get("Content-Type", "")
    header = Message()
    header["Content-Type"] = content_type
    charset = header.get_content_charset("utf-8")
    if header.get_content_type() != "application/json" or charset not in ("utf-8", "utf8"):
        raise Refused(UNSUPPORTED_TYPE, "Content-Type", "application/json in UTF-8", quoted(content_type))
    try:
        body = orjson.loads(call.body)
    except orjson.JSONDecodeError as error:
        raise Refused(BAD_REQUEST, "", "a JSON object", f"no JSON ({error})") from error
    if not isinstance(body, dict):
        raise Refused(BAD_REQUEST, "", "a JSON object", type(body).__name__)
    return body


def _strike(call: Call) -> None:
    """Refuses with the code of a fault, if there is one."""
    if (effect := call.plan.refusal) is not None:
        raise not_their_fault(cast("int | str", effect.value), effect.message)


def _targets(call: Call) -> Sequence[str]:
    try:
        target = target_of(orjson.loads(call.body))
    except orjson.JSONDecodeError:
        return ()
    return [target] if target else ()
