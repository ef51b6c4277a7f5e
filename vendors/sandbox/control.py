"""The control API: what the simulators saw, and what they shall do next. `docs/sandbox.md` has an example of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import cast

import orjson
from aiohttp import web

from vendors.sandbox.fault_script import UnusableFault, parse_rules, rule_json
from vendors.sandbox.faults import TooManyRules
from vendors.sandbox.inbox import InboxFull, Phone
from vendors.sandbox.simulator import Mounted, UnusableApp

PAGE_LIMIT = 1000
DEFAULT_PAGE = 100


def control_routes(mounted: Mapping[str, Mounted]) -> list[web.RouteDef]:
    """The routes under `/_control`."""
    control = _Control(mounted)
    return [
        web.get("/_control", control.overview),
        web.get("/_control/counters", control.counters),
        web.post("/_control/reset", control.reset),
        web.get("/_control/{vendor}/phones", control.phones),
        web.delete("/_control/{vendor}/phones", control.clear_phones),
        web.get("/_control/{vendor}/phones/{registration_id}", control.phone),
        web.post("/_control/{vendor}/phones/{registration_id}", control.edit_phone),
        web.delete("/_control/{vendor}/phones/{registration_id}", control.clear_phone),
        web.post("/_control/{vendor}/phones/{registration_id}/tap", control.tap),
        web.get("/_control/{vendor}/violations", control.violations),
        web.get("/_control/{vendor}/demo", control.demo),
        web.get("/_control/{vendor}/apps", control.apps),
        web.post("/_control/{vendor}/apps", control.put_app),
        web.post("/_control/{vendor}/tokens/expire", control.expire_tokens),
        web.get("/_control/{vendor}/faults", control.faults),
        web.post("/_control/{vendor}/faults", control.add_faults),
        web.delete("/_control/{vendor}/faults", control.clear_faults),
    ]


class _Control:
    def __init__(self, mounted: Mapping[str, Mounted]) -> None:
        self._mounted = mounted

    async def overview(self, _: web.Request) -> web.Response:
        return _json(
            {
                "vendors": {
                    name: {
                        "endpoints": [f"/{name}{route.path}" for route in one.simulator.routes],
                        "apps": len(one.simulator.apps()),
                        "faults": sum(not rule.is_spent for rule in one.world.faults.rules),
                        "counters": _counters(one),
                    }
                    for name, one in self._mounted.items()
                }
            }
        )

    async def counters(self, _: web.Request) -> web.Response:
        return _json({name: _counters(one) for name, one in self._mounted.items()})

    async def reset(self, _: web.Request) -> web.Response:
        for one in self._mounted.values():
            one.simulator.reset()
            one.world.inbox.reset()
            one.world.counters.reset()
            one.world.faults.reset()
        return _json({"reset": list(self._mounted)})

    async def phones(self, request: web.Request) -> web.Response:
        inbox = self._of(request).world.inbox
        offset = _number(request, "offset", 0, most=inbox.max_phones)
        limit = _number(request, "limit", DEFAULT_PAGE, most=PAGE_LIMIT)
        return _json({"total": len(inbox), "phones": [phone.totals() for phone in inbox.page(offset, limit)]})

    async def clear_phones(self, request: web.Request) -> web.Response:
        inbox = self._of(request).world.inbox
        count = len(inbox)
        inbox.clear()
        return _json({"removed": count})

    async def phone(self, request: web.Request) -> web.Response:
        one, registration_id = self._of(request), request.match_info["registration_id"]
        # A phone that got nothing yet is asked for by who waits for its first notification.
        phone = one.world.inbox.find(registration_id) or Phone(registration_id)
        return _json({"vendor": one.world.name, **phone.as_json(one.simulator.show)})

    async def edit_phone(self, request: web.Request) -> web.Response:
        one, edit = self._of(request), await _object_of(request)
        is_dead, answer = edit.get("dead"), edit.get("answer")
        if not isinstance(is_dead, bool) or edit.keys() - {"dead", "answer"}:
            raise _bad('expected {"dead": true | false, "answer": <code, if it is to be said at once>}')
        if answer is not None and type(answer) is not int:
            raise _bad("answer must be a code, a whole number")
        try:
            phone = one.world.inbox.phone(request.match_info["registration_id"])
        except InboxFull as full:
            raise _bad(str(full)) from full
        phone.is_dead, phone.dead_answer = is_dead, answer
        return _json(phone.totals())

    async def clear_phone(self, request: web.Request) -> web.Response:
        removed = self._of(request).world.inbox.remove(request.match_info["registration_id"])
        return _json({"removed": int(removed)})

    async def tap(self, request: web.Request) -> web.Response:
        one = self._of(request)
        phone = one.world.inbox.find(request.match_info["registration_id"])
        tapped = one.world.tap(phone) if phone is not None else None
        if tapped is None:
            raise _bad("nothing stands on this phone's bar")
        return _json({"tapped": {"message_id": tapped.message_id, **one.simulator.show(tapped.content)}})

    async def violations(self, request: web.Request) -> web.Response:
        counters = self._of(request).world.counters
        newest_first = [violation.as_json() for violation in reversed(counters.recent)]
        return _json({"total": counters.violations, "violations": newest_first})

    async def demo(self, request: web.Request) -> web.Response:
        return _json(asdict(self._of(request).demo()))

    async def apps(self, request: web.Request) -> web.Response:
        return _json({"apps": self._of(request).simulator.apps()})

    async def put_app(self, request: web.Request) -> web.Response:
        one, fields = self._of(request), await _object_of(request)
        try:
            return _json({"app": one.simulator.put_app(fields)})
        except UnusableApp as error:
            raise _bad(str(error)) from error

    async def expire_tokens(self, request: web.Request) -> web.Response:
        return _json({"expired": self._of(request).simulator.expire_tokens()})

    async def faults(self, request: web.Request) -> web.Response:
        faults = self._of(request).world.faults
        return _json({"struck": faults.struck, "rules": [rule_json(rule) for rule in faults.rules]})

    async def add_faults(self, request: web.Request) -> web.Response:
        one, raw = self._of(request), await _json_of(request)
        try:
            rules = parse_rules(raw, where="faults")
            one.world.faults.add(rules)
        except (UnusableFault, TooManyRules) as error:
            raise _bad(str(error)) from error
        return _json({"added": len(rules)})

    async def clear_faults(self, request: web.Request) -> web.Response:
        faults = self._of(request).world.faults
        count = len(faults.rules)
        faults.clear()
        return _json({"removed": count})

    def _of(self, request: web.Request) -> Mounted:
        vendor = request.match_info["vendor"]
        if vendor not in self._mounted:
            text = _dump({"error": f"no simulator is called so; there is {', '.join(self._mounted)}"}).decode()
            raise web.HTTPNotFound(text=text, content_type="application/json")
        return self._mounted[vendor]


def _counters(one: Mounted) -> dict[str, object]:
    world = one.world
    return world.counters.as_json() | {"faults": world.faults.struck, "phones": len(world.inbox)}


def _number(request: web.Request, name: str, default: int, *, most: int) -> int:
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and int(text) <= most):
        raise _bad(f"{name} must be a whole number, 0 to {most}")
    return int(text)


async def _json_of(request: web.Request) -> object:
    try:
        return cast("object", orjson.loads(await request.read()))
    except orjson.JSONDecodeError as error:
        raise _bad(f"the body is not JSON: {error}") from error


async def _object_of(request: web.Request) -> dict[str, object]:
    raw = await _json_of(request)
    if not isinstance(raw, dict):
        raise _bad("the body must be a JSON object")
    return raw


def _bad(words: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=_dump({"error": words}).decode(), content_type="application/json")


def _json(content: object) -> web.Response:
    return web.Response(body=_dump(content), content_type="application/json")


def _dump(content: object) -> bytes:
    # For people with curl as much as for programs.
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
