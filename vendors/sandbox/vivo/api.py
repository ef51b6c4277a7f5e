"""vivo's endpoints, each a function from JSON body to answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from email.message import Message
from typing import cast

import orjson

from vendors.sandbox.faults import CallKind
from vendors.sandbox.inbox import InboxFull, Phone
from vendors.sandbox.maker import Maker
from vendors.sandbox.simulator import Answer, Call, Route, Simulator, World
from vendors.sandbox.vivo.access import Access, Body
from vendors.sandbox.vivo.apps import App, Apps
from vendors.sandbox.vivo.codes import (
    BAD_REQUEST,
    HTTP_STATUSES,
    METHOD_NOT_ALLOWED,
    SUCCESS,
    TEXTS,
    UNAVAILABLE,
    UNSUPPORTED_TYPE,
    Refused,
    not_their_fault,
)
from vendors.sandbox.vivo.delivery import Deliveries, refused_phone, show
from vendors.sandbox.vivo.lists import SavedMessages, check_push, targets_of
from vendors.sandbox.vivo.message import Checked, check_app_state, check_saved, check_single, target_of
from vendors.sandbox.words import quoted

HTTP_OK = 200
UNDOCUMENTED_REASON = 3
Endpoint = Callable[[Call, Body], dict[str, object]]


def create(world: World) -> Simulator:
    """The simulator of vivo in its world."""
    return Vivo(world)


class Vivo(Maker[Apps]):
    """vivo Push, as strict as its page and a little stricter."""

    def __init__(self, world: World) -> None:
        apps = Apps()
        self._access = Access(apps, world.nonce)
        super().__init__(world, apps, show, self._access.expire)
        self._deliveries = Deliveries(world)
        self._saved = SavedMessages()
        self.routes: Sequence[Route] = (
            self._route("/message/auth", CallKind.AUTH, self._auth),
            self._route("/message/send", CallKind.SEND, self._send),
            self._route("/message/saveListPayload", CallKind.SEND, self._save),
            self._route("/message/pushToList", CallKind.SEND, self._push_to_list),
        )

    def reset(self) -> None:
        """Back to the demo app and no saved message."""
        super().reset()
        self._saved.clear()

    def _route(self, path: str, kind: CallKind, endpoint: Endpoint) -> Route:
        return Route(path=path, kind=kind, handle=lambda call: self._answer(call, endpoint), targets=_targets)

    def _answer(self, call: Call, endpoint: Endpoint) -> Answer:
        """Every refusal ends here."""
        body: Body = {}
        try:
            body = _body_of(call)
            reply = self._reply(call, body, endpoint)
            return Answer(orjson.dumps({"result": SUCCESS, "desc": TEXTS[SUCCESS], **reply}))
        except Refused as refusal:
            self._world.note(call.path, refusal)
            answer: dict[str, object] = {"result": refusal.code, "desc": refusal.message}
            if refusal.user_status:
                answer["invalidUser"] = {"status": refusal.user_status, "userid": target_of(body)}
            status = refusal.code if refusal.code in HTTP_STATUSES else HTTP_OK
            return Answer(orjson.dumps(answer), status)

    def _reply(self, call: Call, body: Body, endpoint: Endpoint) -> dict[str, object]:
        try:
            return endpoint(call, body)
        except InboxFull as full:
            raise not_their_fault(UNAVAILABLE, str(full)) from full

    def _auth(self, call: Call, body: Body) -> dict[str, object]:
        now = self._world.clock()
        app = self._access.signed_in(body, now)
        Refused.strike(call.plan.refusal)
        self._world.counters.logins += 1
        return {"authToken": self._access.issue(app, now)}

    def _send(self, call: Call, body: Body) -> dict[str, object]:
        app = self._admit(call, body)
        target, message = check_single(body, app.terms)
        self._check_app(app, message, 1)
        phone = self._check_phone(call, app, target, message)
        task_id = self._deliveries.task_id()
        self._deliveries.accept(app, phone, message, task_id, request_id=cast("str", body["requestId"]))
        return {"taskId": task_id}

    def _save(self, call: Call, body: Body) -> dict[str, object]:
        now = self._world.clock()
        app = self._admit(call, body)
        message = check_saved(body, app.terms)
        check_app_state(message, app.terms)
        app.count_saved(now)
        task_id = self._deliveries.task_id()
        self._saved.save(app, message, task_id, now)
        return {"taskId": task_id}

    def _push_to_list(self, call: Call, body: Body) -> dict[str, object]:
        app = self._admit(call, body)
        targets = check_push(body)
        task_id, message = self._saved.find(app, body, self._world.clock())
        self._check_app(app, message, len(targets))
        phones: list[Phone] = []
        invalid: list[dict[str, object]] = []
        for target, sent in targets.items():
            try:
                phones.append(self._check_phone(call, app, target, message))
            except Refused as refusal:
                self._world.note(call.path, refusal)
                invalid.append({"status": refusal.user_status or UNDOCUMENTED_REASON, "userid": sent})
        for phone in phones:
            self._deliveries.accept(app, phone, message, task_id, request_id=cast("str", body["requestId"]))
        return {"requestId": body["requestId"], **({"invalidUsers": invalid} if invalid else {})}

    def _admit(self, call: Call, body: Body) -> App:
        app = self._access.admitted(call.headers.get("authToken"), body, self._world.clock())
        Refused.strike(call.plan.refusal)
        return app

    def _check_app(self, app: App, message: Checked, phones: int) -> None:
        now = self._world.clock()
        check_app_state(message, app.terms)
        if not message.is_test:
            app.check_hours(message.classification, now)
            app.check_rate(now)
            app.check_quota(message.classification, phones, now)

    def _check_phone(self, call: Call, app: App, target: str, message: Checked) -> Phone:
        if fault := call.plan.refusal_of(target):
            raise refused_phone(cast("int | str", fault.value), fault.message)
        return self._deliveries.check_phone(app, target, message)


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


def _targets(call: Call) -> Sequence[str]:
    try:
        body = orjson.loads(call.body)
    except orjson.JSONDecodeError:
        return ()
    if target := target_of(body):
        return [target]
    return targets_of(body)
