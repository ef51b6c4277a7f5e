"""Acme Push, simulated from the same page as the plug-in, and never from the plug-in itself.

What is checked, in this order: method, session, JSON, each field's type and range, unknown keys, then each device.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import cast

import orjson

from vendors.sandbox.faults import CallKind
from vendors.sandbox.json_fields import texts_at
from vendors.sandbox.refusal import Refusal
from vendors.sandbox.simulator import Answer, Call, Demo, Route, Simulator, UnusableApp, World
from vendors.sandbox.words import masked, quoted

APP = "acmedemo"
SECRET = "sandbox-secret"  # noqa: S105 - printed for all to use
SKEW_S = 300
LIFE_S = 3600
MAX_DEVICES = 100
DEVICE_DIGITS = 16
MAX_KEEP_S = 7 * 24 * 3600

Object = Mapping[str, object]
# What is accepted, in words, and whether a value is.
Field = tuple[str, Callable[[object], bool]]


def _text_up_to(most: int) -> Field:
    return f"a text of 1 to {most} characters", lambda value: isinstance(value, str) and 1 <= len(value) <= most


def _between(least: int, most: int) -> Field:
    return f"{least} to {most}", lambda value: type(value) is int and least <= value <= most


FIELDS: Mapping[str, Field] = {
    "title": _text_up_to(30),
    "text": _text_up_to(120),
    "class": ("loud or quiet", lambda value: value in ("loud", "quiet")),
    "key": ("a text", lambda value: isinstance(value, str) and bool(value)),
    "keep": _between(1, MAX_KEEP_S),
    "data": ("an object", lambda value: isinstance(value, dict)),
    "link": ("a URI", lambda value: isinstance(value, str) and ":" in value),
    "badge": _between(0, 99),
    "silent": ("true or false", lambda value: isinstance(value, bool)),
    "to": (
        f"an array of 1 to {MAX_DEVICES}",
        lambda value: isinstance(value, list) and 1 <= len(value) <= MAX_DEVICES,
    ),
}
REQUIRED = ("title", "text", "class", "key", "keep", "to")


class Refused(Refusal):
    """A call that Acme refuses; its codes are words."""


def create(world: World) -> Simulator:
    """Acme in its world."""
    return Acme(world)


def demo() -> Demo:
    """See `Demo`."""
    return Demo(credential={"app": APP, "secret": SECRET}, registration_id="1000000000000001")


class Acme:
    """One app, its sessions, and the phones."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sessions: dict[str, float] = {}
        self.routes: Sequence[Route] = (
            Route(path="/v1/session", kind=CallKind.AUTH, handle=self._sign_in, targets=lambda _: ()),
            Route(path="/v1/messages", kind=CallKind.SEND, handle=self._send, targets=_targets),
        )

    def show(self, content: bytes) -> Mapping[str, object]:
        """A kept notification in neutral words."""
        raw = orjson.loads(content)
        link = raw.get("link", "")
        opens = "url" if link.startswith(("http:", "https:")) else "intent_uri" if link else "app"
        return {
            "title": raw["title"],
            "text": raw["text"],
            "channel": "",
            "category": raw["class"],
            "click": {"opens": opens, "value": link},
            "extras": raw.get("data", {}),
            "raw": raw,
        }

    def apps(self) -> Sequence[Mapping[str, object]]:
        """The one app."""
        return [{"app": APP}]

    def put_app(self, fields: Mapping[str, object]) -> Mapping[str, object]:
        """Acme's has nothing to set."""
        raise UnusableApp(f"{', '.join(fields) or 'an app'}: acme's simulator has one app, and nothing to set")

    def expire_tokens(self) -> int:
        """Ends every session."""
        ended = len(self._sessions)
        self._sessions.clear()
        return ended

    def reset(self) -> None:
        """Nothing to go back to; sessions stay good."""

    def _sign_in(self, call: Call) -> Answer:
        return self._answered(call, self._session)

    def _send(self, call: Call) -> Answer:
        return self._answered(call, self._taken)

    def _answered(self, call: Call, work: Callable[[Call], Object]) -> Answer:
        try:
            _check_method(call)
            return Answer(orjson.dumps(work(call)))
        except Refused as refusal:
            self._world.note(call.path, refusal)
            status = 401 if refusal.code == "bad_session" else 200
            return Answer(orjson.dumps({"error": str(refusal.code), "text": refusal.message}), status)

    def _session(self, call: Call) -> Object:
        fields, now = _object(call.body), self._world.clock()
        if fields.get("app") != APP:
            raise Refused("app_closed", "app", APP, quoted(fields.get("app")))
        time_s = fields.get("time")
        if type(time_s) is not int or abs(time_s - now) > SKEW_S:
            raise Refused("bad_time", "time", f"at most {SKEW_S} s off", quoted(time_s))
        right = hmac.new(SECRET.encode(), f"{APP}.{time_s}".encode(), hashlib.sha256).hexdigest()
        if fields.get("proof") != right:
            raise Refused("bad_proof", "proof", "the HMAC of app and time", masked(str(fields.get("proof", ""))))
        Refused.strike(call.plan.refusal)
        self._world.counters.logins += 1
        session = self._world.nonce()
        self._sessions[session] = now + LIFE_S
        return {"session": session, "lives": LIFE_S}

    def _taken(self, call: Call) -> Object:
        now = self._world.clock()
        session = call.headers.get("Authorization", "").removeprefix("Bearer ")
        if self._sessions.get(session, 0) <= now:
            # A session that the control API ended is nobody's fault.
            raise Refused("bad_session", "Authorization", "a session that lives", masked(session), is_violation=False)
        Refused.strike(call.plan.refusal)
        message = _object(call.body)
        _check(message)
        devices = cast("list[str]", message["to"])
        unknown = [device for device in devices if not self._deliver(call, device, message)]
        return {"id": self._world.nonce(), "unknown": unknown}

    def _deliver(self, call: Call, device: str, message: Object) -> bool:
        """Whether a device is known; it has the message then, unless it had this one before."""
        world = self._world
        is_device = device.isascii() and device.isdigit() and len(device) == DEVICE_DIGITS
        if not is_device or call.plan.refusal_of(device) is not None:
            world.counters.refuse("unknown", None)
            return False
        phone = world.inbox.phone(device)
        if phone.is_dead and phone.dead_answer is not None:
            world.counters.refuse("unknown", None)
            return False
        world.counters.targets += 1
        key = cast("str", message["key"])
        if not world.is_repeat(phone, (key, cast("str", message["text"]))):
            kept = {name: value for name, value in message.items() if name != "to"}
            world.hand_to(phone, kept, message_id=world.nonce(), replaces=key)
        return True


def _check_method(call: Call) -> None:
    if call.method != "POST":
        raise Refused("bad_message", "method", "POST", call.method)


def _object(body: bytes) -> Object:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refused("bad_message", "", "JSON", f"none ({error})") from error
    if not isinstance(content, dict):
        raise Refused("bad_message", "", "a JSON object", quoted(content))
    return content


def _check(message: Object) -> None:
    for name in REQUIRED:
        if name not in message:
            raise Refused("bad_message", name, "one", "none")
    for name, value in message.items():
        expected, accepts = FIELDS.get(name, ("only known keys", lambda _: False))
        if not accepts(value):
            raise Refused("bad_message", name[:40], expected, quoted(value))
    devices = cast("list[object]", message["to"])
    if not all(isinstance(device, str) for device in devices) or len(set(devices)) < len(devices):
        raise Refused("bad_message", "to", "device numbers, each once", quoted(devices))


def _targets(call: Call) -> Sequence[str]:
    return texts_at(call.body, "to")
