"""OPPO's endpoints, each a function from form to answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import orjson

from vendors.sandbox.faults import CallKind
from vendors.sandbox.maker import Maker
from vendors.sandbox.oppo.access import Access
from vendors.sandbox.oppo.apps import App, Apps
from vendors.sandbox.oppo.broadcast import SavedMessages, targets_of
from vendors.sandbox.oppo.codes import INVALID_ARGUMENTS, NOT_ALLOWED, TEXTS, Refused
from vendors.sandbox.oppo.delivery import Deliveries, show
from vendors.sandbox.oppo.form import Form, parse_form, read_json
from vendors.sandbox.oppo.message import REGISTRATION_ID, check_message, check_registration_id, target_of
from vendors.sandbox.oppo.notification import Notification
from vendors.sandbox.simulator import Answer, Call, Route, Simulator, World

MAX_BATCH = 1000
SUCCESS = TEXTS[0]
Endpoint = Callable[[Call, Form], dict[str, object]]


def create(world: World) -> Simulator:
    """OPPO in its world."""
    return Oppo(world)


class Oppo(Maker[Apps]):
    """OPPO PUSH, as strict as its page and a little stricter."""

    def __init__(self, world: World) -> None:
        apps = Apps()
        self._access = Access(apps, world.nonce)
        super().__init__(world, apps, show, self._access.expire)
        self._deliveries = Deliveries(world)
        self._saved = SavedMessages()
        message = "/server/v1/message/notification"
        self.routes: Sequence[Route] = (
            self._route("/server/v1/auth", CallKind.AUTH, self._auth),
            self._route(f"{message}/unicast", CallKind.SEND, self._unicast),
            self._route(f"{message}/unicast_batch", CallKind.SEND, self._unicast_batch),
            self._route(f"{message}/save_message_content", CallKind.SEND, self._save),
            self._route(f"{message}/broadcast", CallKind.SEND, self._broadcast),
        )

    def reset(self) -> None:
        """Back to the demo app and no stored message."""
        super().reset()
        self._saved.clear()

    def _route(self, path: str, kind: CallKind, endpoint: Endpoint) -> Route:
        return Route(path=path, kind=kind, handle=lambda call: self._answer(call, endpoint), targets=_targets)

    def _answer(self, call: Call, endpoint: Endpoint) -> Answer:
        """Every refusal of a whole call ends here."""
        try:
            answer = endpoint(call, _form_of(call))
        except Refused as refusal:
            self._world.note(call.path, refusal)
            answer = {"code": refusal.code, "message": refusal.message}
        return Answer(orjson.dumps(answer))

    def _auth(self, call: Call, form: Form) -> dict[str, object]:
        now = self._world.clock()
        app = self._access.signed_in(form, now)
        Refused.strike(call.plan.refusal)
        self._world.counters.logins += 1
        data = {"auth_token": self._access.issue(app, now), "create_time": int(now * 1000)}
        return {"code": 0, "message": SUCCESS, "data": data}

    def _unicast(self, call: Call, form: Form) -> dict[str, object]:
        now = self._world.clock()
        app = self._admit(call, form, now)
        message = read_json(form, "message", dict)
        app.rate.charge(1)
        _, message_id = self._take(call, app, message, now)
        return {"code": 0, "message": SUCCESS, "data": {"messageId": message_id}}

    def _unicast_batch(self, call: Call, form: Form) -> dict[str, object]:
        now = self._world.clock()
        app = self._admit(call, form, now)
        messages = cast("list[object]", read_json(form, "messages", list))
        if not 1 <= len(messages) <= MAX_BATCH:
            raise Refused(INVALID_ARGUMENTS, "messages", f"1 to {MAX_BATCH} elements", str(len(messages)))
        app.rate.charge(len(messages))
        items = [self._item(call, app, message, now) for message in messages]
        # An item left out of the answer was taken all the same: that is what makes it ambiguous.
        answered = [item for item in items if not call.plan.leaves_out(cast("str", item["registrationId"]))]
        if app.terms.shuffle_answers:
            self._world.random.shuffle(answered)
        return {"code": 0, "message": "", "data": answered}

    def _save(self, call: Call, form: Form) -> dict[str, object]:
        now = self._world.clock()
        app = self._admit(call, form, now)
        message_id = self._saved.save(app, form, self._deliveries.unique(now))
        return {"code": 0, "message": SUCCESS, "data": {"message_id": message_id}}

    def _broadcast(self, call: Call, form: Form) -> dict[str, object]:
        now = self._world.clock()
        app = self._admit(call, form, now)
        notification = self._saved.find(app, form)
        target_type, targets = targets_of(app, form, notification)
        app.rate.charge(len(targets))
        rejected: dict[str, list[str]] = {}
        for target in targets:
            try:
                if target_type == REGISTRATION_ID:
                    check_registration_id(target, app.terms)
                self._deliver(call, app, target, notification, now, is_broadcast=True)
            except Refused as refusal:
                self._world.note(call.path, refusal)
                rejected.setdefault(str(refusal.code), []).append(target)
        data = {"message_id": form["message_id"], "task_id": self._deliveries.unique(now), **rejected}
        return {"code": 0, "message": SUCCESS, "data": data}

    def _admit(self, call: Call, form: Form, now: float) -> App:
        """Steps 3 and 4 of §3.3."""
        app = self._access.admitted(form, call.headers.get("auth_token"), now)
        Refused.strike(call.plan.refusal)
        app.check_rate(now)
        return app

    def _item(self, call: Call, app: App, message: object, now: float) -> dict[str, object]:
        try:
            target, message_id = self._take(call, app, message, now)
        except Refused as refusal:
            self._world.note(call.path, refusal)
            target = target_of(message)
            return {"registrationId": target, "errorCode": refusal.code, "errorMessage": refusal.message}
        return {"messageId": message_id, "registrationId": target}

    def _take(self, call: Call, app: App, message: object, now: float) -> tuple[str, str]:
        """Steps 6 to 10 of §3.3; the target as the answer echoes it, and the message id."""
        target, notification = check_message(message, app.terms)
        return target_of(message), self._deliver(call, app, target, notification, now)

    def _deliver(
        self, call: Call, app: App, target: str, notification: Notification, now: float, *, is_broadcast: bool = False
    ) -> str:
        Refused.strike(call.plan.refusal_of(target))
        phone = self._deliveries.check_phone(target)
        return self._deliveries.accept(app, phone, notification, now, is_broadcast=is_broadcast)


def _form_of(call: Call) -> Form:
    """Step 1 of §3.3."""
    if call.method != "POST":
        raise Refused(NOT_ALLOWED, "method", "POST", call.method)
    return parse_form(call.headers.get("Content-Type", ""), call.body)


def _targets(call: Call) -> Sequence[str]:
    try:
        form = parse_form(call.headers.get("Content-Type", ""), call.body)
    except Refused:
        return ()
    if "target_value" in form:
        return form["target_value"].split(";")
    try:
        parsed = orjson.loads(form.get("messages") or form.get("message") or "[]")
    except orjson.JSONDecodeError:
        return ()
    return [target_of(message) for message in (parsed if isinstance(parsed, list) else [parsed])]
