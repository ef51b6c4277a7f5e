"""Xiaomi's endpoints, each a function from form to answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import cast

import orjson

from vendors.sandbox.faults import CallKind
from vendors.sandbox.inbox import Phone
from vendors.sandbox.maker import Maker
from vendors.sandbox.simulator import Answer, Call, Route, Simulator, World
from vendors.sandbox.words import masked, quoted
from vendors.sandbox.xiaomi.apps import App, Apps
from vendors.sandbox.xiaomi.codes import (
    AUTHENTICATION_FAILED,
    ILLEGAL_VALUE,
    MISSING_PARAMETER,
    NO_VALID_TARGETS,
    SYSTEM_ERROR,
    WRONG_METHOD,
    WRONG_PACKAGE,
    Refused,
    not_their_fault,
)
from vendors.sandbox.xiaomi.delivery import Deliveries, show
from vendors.sandbox.xiaomi.form import REGISTRATION_ID, Form, check_content_type, parse_form
from vendors.sandbox.xiaomi.message import check_message, targets_of
from vendors.sandbox.xiaomi.multi import forms_of

V2, V3, V4 = "/v2/message/regid", "/v3/message/regid", "/v4/message/regid"
MULTI = "/v2/multi_messages/regids"
REVOKE = "/v3/message/regid/revoke"
REVOKE_FIELDS = ("registration_ids", "restricted_package_name", "notify_id")
MAX_TARGETS = 1000
NO_CHANNEL = "no_channel"
MANY_PACKAGES = frozenset({V3, V4})
SCHEME = "key="

Send = Callable[[Call, App, Form, str], dict[str, object]]


def create(world: World) -> Simulator:
    """Xiaomi in its world."""
    return Xiaomi(world)


class Xiaomi(Maker[Apps]):
    """Xiaomi MiPush, as strict as its page and a little stricter."""

    def __init__(self, world: World) -> None:
        super().__init__(world, Apps(), show)
        self._deliveries = Deliveries(world)
        self.routes: Sequence[Route] = (
            *(self._route(path, self._send_one, targets_of) for path in (V2, V3, V4)),
            self._route(MULTI, self._send_many, _targets_of_many),
            self._route(REVOKE, self._revoke, lambda _: ()),
        )

    def _route(self, path: str, send: Send, targets: Callable[[Form], Sequence[str]]) -> Route:
        return Route(
            path=path,
            kind=CallKind.SEND,
            handle=lambda call: self._answer(call, send),
            targets=lambda call: _targets(call, targets),
        )

    def _answer(self, call: Call, send: Send) -> Answer:
        """Every refusal of a whole call ends here."""
        trace_id = f"Xdm{self._deliveries.unique(self._world.clock())}"
        try:
            if call.method != "POST":
                raise Refused(WRONG_METHOD, "method", "POST", call.method)  # noqa: TRY301 - as every other refusal
            app = self._admitted(call.headers.get("Authorization", ""))
            check_content_type(call.headers.get("Content-Type", ""))
            Refused.strike(call.plan.refusal)
            answer = send(call, app, parse_form(call.body), f"s{trace_id[1:]}")
        except Refused as refusal:
            self._world.note(call.path, refusal)
            answer = {"result": "error", "reason": refusal.message, "code": refusal.code, "description": "发送消息失败"}
        return Answer(orjson.dumps({**answer, "trace_id": trace_id}))

    def _send_one(self, call: Call, app: App, form: Form, message_id: str) -> dict[str, object]:
        now = self._world.clock()
        message = check_message(form, app.terms, now=now, many_packages=call.path in MANY_PACKAGES)
        app.check_rate(now)
        if message.is_public:
            app.check_quota(now)
        targets = targets_of(form)
        phones, bad = self._phones(call, targets)
        if not phones:
            # What is wrong with each was noted already.
            raise not_their_fault(NO_VALID_TARGETS)
        for phone in phones:
            self._deliveries.accept(app, phone, message, message_id, now)
        return _taken(app, message_id, len(targets), bad, now)

    def _send_many(self, call: Call, app: App, form: Form, message_id: str) -> dict[str, object]:
        """One message for each element; what one has wrong refuses them all, as there are no answers by element."""
        now = self._world.clock()
        forms = forms_of(form)
        messages = [check_message(each, app.terms, now=now, many_packages=False) for each in forms]
        app.check_rate(now)
        phones, bad = self._phones(call, list(dict.fromkeys(each[REGISTRATION_ID] for each in forms)))
        if not phones:
            raise not_their_fault(NO_VALID_TARGETS)
        by_id = {phone.registration_id: phone for phone in phones}
        over_quota: Counter[str] = Counter()
        for each, message in zip(forms, messages, strict=True):
            phone = by_id.get(each[REGISTRATION_ID])
            if phone is None:
                continue
            if message.is_public and not app.has_quota(now):
                over_quota[message.extra.get("channel_id", NO_CHANNEL)] += 1
            else:
                self._deliveries.accept(app, phone, message, message_id, now)
        answer = _taken(app, message_id, len(forms), bad, now)
        if over_quota:
            told = " ".join(f"{channel}:{count}" for channel, count in over_quota.items())
            cast("dict[str, object]", answer["data"])["channel_exceed_quota"] = told
        return answer

    def _revoke(self, call: Call, app: App, form: Form, message_id: str) -> dict[str, object]:  # noqa: ARG002 - as a send
        """Takes a notify id off phones; nobody says of which it was still there."""
        for name in form:
            if name not in REVOKE_FIELDS:
                raise Refused(ILLEGAL_VALUE, name[:40], f"only {', '.join(REVOKE_FIELDS)}", "this field")
        if form.get("restricted_package_name") != app.terms.package_name:
            raise Refused(WRONG_PACKAGE, "restricted_package_name", "the package of the secret's app", "another")
        phones = [part for part in form.get("registration_ids", "").split(",") if part]
        if not 1 <= len(phones) <= MAX_TARGETS:
            raise Refused(MISSING_PARAMETER, "registration_ids", f"1 to {MAX_TARGETS} of them", str(len(phones)))
        number = form.get("notify_id", "")
        if not (number.isascii() and number.isdecimal()):
            raise Refused(ILLEGAL_VALUE, "notify_id", "a whole number", quoted(number))
        app.check_rate(self._world.clock())
        self._world.recall(phones, str(int(number)))
        return {"result": "ok", "code": 0, "data": {}, "description": "成功"}

    def _admitted(self, authorization: str) -> App:
        """The app whose secret the header carries.

        Raises:
            Refused: 21301.
        """
        secret = authorization.removeprefix(SCHEME)
        app = self._apps.find_by("app_secret", secret) if authorization.startswith(SCHEME) else None
        if app is None:
            raise Refused(AUTHENTICATION_FAILED, "Authorization", "key=<secret of an app>", masked(authorization))
        return app

    def _phones(self, call: Call, targets: Sequence[str]) -> tuple[list[Phone], list[str]]:
        """The phones that can be reached, and the ids that are refused."""
        phones: list[Phone] = []
        bad: list[str] = []
        for target in targets:
            try:
                Refused.strike(call.plan.refusal_of(target))
                phones.append(self._deliveries.check_phone(target))
            except Refused as refusal:
                if refusal.code == SYSTEM_ERROR:
                    raise
                self._world.note(call.path, refusal)
                bad.append(target)
        return phones, bad


def _taken(app: App, message_id: str, targets: int, bad: Sequence[str], now: float) -> dict[str, object]:
    app.acked.has_room(None, now)
    # Digits in strings, as §5.1 has them.
    data: dict[str, object] = {"id": message_id, "day_acked": str(app.acked.count)}
    if app.terms.daily_quota is not None:
        data["day_quota"] = str(app.terms.daily_quota)
    if bad:
        data["bad_regids"] = ",".join(bad)
    info = f"Received push messages for {targets} REGID"
    return {"result": "ok", "code": 0, "data": data, "description": "成功", "info": info}


def _targets(call: Call, read: Callable[[Form], Sequence[str]]) -> Sequence[str]:
    try:
        return read(parse_form(call.body))
    except Refused:
        return ()


def _targets_of_many(form: Form) -> Sequence[str]:
    return [each[REGISTRATION_ID] for each in forms_of(form)]
