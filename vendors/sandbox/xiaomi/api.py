"""Xiaomi's endpoints, each a function from form to answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import orjson

from vendors.sandbox.counters import Violation
from vendors.sandbox.faults import CallKind, Effect
from vendors.sandbox.inbox import Phone
from vendors.sandbox.simulator import Answer, Call, Route, Simulator, World
from vendors.sandbox.words import masked
from vendors.sandbox.xiaomi.apps import App, Apps
from vendors.sandbox.xiaomi.codes import (
    AUTHENTICATION_FAILED,
    NO_VALID_TARGETS,
    SYSTEM_ERROR,
    WRONG_METHOD,
    Refused,
    not_their_fault,
)
from vendors.sandbox.xiaomi.delivery import Deliveries, show
from vendors.sandbox.xiaomi.form import check_content_type, parse_form
from vendors.sandbox.xiaomi.message import check_message, targets_of

V2, V3, V4 = "/v2/message/regid", "/v3/message/regid", "/v4/message/regid"
MANY_PACKAGES = frozenset({V3, V4})
SCHEME = "key="


def create(world: World) -> Simulator:
    """Xiaomi in its world."""
    return Xiaomi(world)


class Xiaomi:
    """Xiaomi MiPush, as strict as its page and a little stricter."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._apps = Apps()
        self._deliveries = Deliveries(world)
        self.routes: Sequence[Route] = tuple(
            Route(path=path, kind=CallKind.SEND, handle=self._answer, targets=_targets) for path in (V2, V3, V4)
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
        """None: Xiaomi gives out no access tokens."""
        return 0

    def reset(self) -> None:
        """Back to the demo app."""
        self._apps.reset()

    def _answer(self, call: Call) -> Answer:
        """Every refusal of a whole call ends here."""
        trace_id = f"Xdm{self._deliveries.unique(self._world.clock())}"
        try:
            answer = self._send(call, trace_id)
        except Refused as refusal:
            self._note(call, refusal)
            answer = {"result": "error", "reason": refusal.message, "code": refusal.code, "description": "发送消息失败"}
        return Answer(orjson.dumps({**answer, "trace_id": trace_id}))

    def _send(self, call: Call, trace_id: str) -> dict[str, object]:
        if call.method != "POST":
            raise Refused(WRONG_METHOD, "method", "POST", call.method)
        app = self._admitted(call.headers.get("Authorization", ""))
        check_content_type(call.headers.get("Content-Type", ""))
        _strike(call.plan.refusal)
        now = self._world.clock()
        form = parse_form(call.body)
        message = check_message(form, app.terms, now=now, many_packages=call.path in MANY_PACKAGES)
        app.check_rate(now)
        if message.is_public:
            app.check_quota(now)
        targets = targets_of(form)
        phones, bad = self._phones(call, targets)
        if not phones:
            # What is wrong with each was noted already.
            raise not_their_fault(NO_VALID_TARGETS)
        message_id = f"s{trace_id[1:]}"
        for phone in phones:
            self._deliveries.accept(app, phone, message, message_id, now)
        return _taken(app, message_id, len(targets), bad, now)

    def _admitted(self, authorization: str) -> App:
        """The app whose secret the header carries.

        Raises:
            Refused: 21301.
        """
        secret = authorization.removeprefix(SCHEME)
        app = self._apps.of_secret(secret) if authorization.startswith(SCHEME) else None
        if app is None:
            raise Refused(AUTHENTICATION_FAILED, "Authorization", "key=<secret of an app>", masked(authorization))
        return app

    def _phones(self, call: Call, targets: Sequence[str]) -> tuple[list[Phone], list[str]]:
        """The phones that can be reached, and the ids that are refused."""
        phones: list[Phone] = []
        bad: list[str] = []
        for target in targets:
            try:
                _strike(call.plan.refusal_of(target))
                phones.append(self._deliveries.check_phone(target))
            except Refused as refusal:
                if refusal.code == SYSTEM_ERROR:
                    raise
                self._note(call, refusal)
                bad.append(target)
        return phones, bad

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


def _taken(app: App, message_id: str, targets: int, bad: Sequence[str], now: float) -> dict[str, object]:
    app.begin_day(now)
    # Digits in strings, as §5.1 has them.
    data: dict[str, object] = {"id": message_id, "day_acked": str(app.acked)}
    if app.terms.daily_quota is not None:
        data["day_quota"] = str(app.terms.daily_quota)
    if bad:
        data["bad_regids"] = ",".join(bad)
    info = f"Received push messages for {targets} REGID"
    return {"result": "ok", "code": 0, "data": data, "description": "成功", "info": info}


def _strike(effect: Effect | None) -> None:
    """Refuses with the code of a fault, if there is one."""
    if effect is not None:
        raise not_their_fault(cast("int | str", effect.value), effect.message)


def _targets(call: Call) -> Sequence[str]:
    try:
        return targets_of(parse_form(call.body))
    except Refused:
        return ()
