"""Meizu's endpoints, each a function from form to answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import orjson

from vendors.sandbox.faults import CallKind
from vendors.sandbox.maker import Maker
from vendors.sandbox.meizu.apps import App, Apps
from vendors.sandbox.meizu.codes import (
    NO_PASS_THROUGH,
    SUCCESS,
    WRONG_ARGUMENT,
    Refused,
    missing,
    wrong,
)
from vendors.sandbox.meizu.delivery import ALIAS_SHOWN, Deliveries, show
from vendors.sandbox.meizu.form import Form, admitted, parse_form
from vendors.sandbox.meizu.message import Message, check_message
from vendors.sandbox.simulator import Answer, Call, Route, Simulator, World

MAX_TARGETS = 100
MAX_PACKAGES = 50
PUSH_IDS, ALIAS = "pushIds", "alias"
Endpoint = Callable[[Call, Form], dict[str, object]]


def create(world: World) -> Simulator:
    """Meizu in its world."""
    return Meizu(world)


class Meizu(Maker[Apps]):
    """Meizu push, as strict as its page and a little stricter."""

    def __init__(self, world: World) -> None:
        super().__init__(world, Apps(), show)
        self._deliveries = Deliveries(world)
        push = "/garcia/api/server/push"
        self.routes: Sequence[Route] = (
            self._route(f"{push}/varnished/pushByPushId", PUSH_IDS, partial(self._push, PUSH_IDS)),
            self._route(f"{push}/varnished/pushByAlias", ALIAS, partial(self._push, ALIAS)),
            self._route(f"{push}/unvarnished/pushByPushId", PUSH_IDS, self._pass_through),
            self._route(f"{push}/unvarnished/pushByAlias", ALIAS, self._pass_through),
        )

    def reset(self) -> None:
        """Back to the demo app, and no phone has had anything."""
        super().reset()
        self._deliveries = Deliveries(self._world)

    def _route(self, path: str, target_field: str, endpoint: Endpoint) -> Route:
        return Route(
            path=path,
            kind=CallKind.SEND,
            handle=lambda call: self._answer(call, endpoint),
            targets=lambda call: _targets(call, target_field),
        )

    def _answer(self, call: Call, endpoint: Endpoint) -> Answer:
        """Every refusal of a whole call ends here."""
        try:
            return Answer(orjson.dumps(endpoint(call, _form_of(call))))
        except Refused as refusal:
            self._world.note(call.path, refusal)
            refused = {"code": str(refusal.code), "message": refusal.message, "value": "", "redirect": ""}
            return Answer(orjson.dumps(refused), status=refusal.status)

    def _push(self, target_field: str, call: Call, form: Form) -> dict[str, object]:
        now = self._world.clock()
        app = self._admit(call, form)
        _check_fields(form, target_field)
        targets = _targets_of(form, target_field)
        message = check_message(form.get("messageJson", ""), app.terms)
        app.charge_call(now)
        app.charge_pushes(len(targets), now)
        message_id = self._deliveries.message_id(now)
        refused: dict[str, list[str]] = {}
        for target in targets:
            code = self._deliver(call, app, target, message, message_id, alias=target_field == ALIAS)
            if code is not None:
                refused.setdefault(code, []).append(target)
        return {"code": str(SUCCESS), "message": "", "value": refused, "redirect": "", "msgId": message_id}

    def _pass_through(self, call: Call, form: Form) -> dict[str, object]:
        self._admit(call, form)
        raise Refused(NO_PASS_THROUGH, "", "a notification: pass-through is discontinued", "a pass-through message")

    def _admit(self, call: Call, form: Form) -> App:
        app = admitted(form, self._apps)
        Refused.strike(call.plan.refusal)
        return app

    def _deliver(
        self, call: Call, app: App, target: str, message: Message, message_id: str, *, alias: bool
    ) -> str | None:
        """The code that a target is refused with; None if it was taken."""
        try:
            phone = self._deliveries.phone(ALIAS_SHOWN + target if alias else target)
            Refused.strike(call.plan.refusal_of(target))
            self._deliveries.deliver(app, phone, message, message_id, self._world.clock())
        except Refused as refusal:
            self._world.note(call.path, refusal)
            return str(refusal.code)
        return None


def _form_of(call: Call) -> Form:
    if call.method != "POST":
        raise Refused(WRONG_ARGUMENT, "method", "POST", call.method, status=405)
    return parse_form(call.headers.get("Content-Type", ""), call.body)


def _check_fields(form: Form, target_field: str) -> None:
    known = ("appId", target_field, "messageJson", "restrictedPackageNames", "sign")
    for name in form:
        if name not in known:
            raise wrong(name[:40], f"only the fields {', '.join(known)}", "this field")
    packages = _parts(form.get("restrictedPackageNames", ""))
    if len(packages) > MAX_PACKAGES:
        raise wrong("restrictedPackageNames", f"at most {MAX_PACKAGES}", str(len(packages)))


def _targets_of(form: Form, target_field: str) -> Sequence[str]:
    targets = _parts(form.get(target_field, ""))
    if not targets:
        raise missing(target_field, f"1 to {MAX_TARGETS} of them, with commas between")
    if len(targets) > MAX_TARGETS:
        raise wrong(target_field, f"at most {MAX_TARGETS} of them", str(len(targets)))
    return list(dict.fromkeys(targets))


def _parts(text: str) -> Sequence[str]:
    return [part for part in text.split(",") if part]


def _targets(call: Call, target_field: str) -> Sequence[str]:
    try:
        form = parse_form(call.headers.get("Content-Type", ""), call.body)
    except Refused:
        return ()
    return _parts(form.get(target_field, ""))
