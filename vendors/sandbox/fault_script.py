"""Reads fault rules from JSON and writes them back; every complaint names the field at fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from vendors.sandbox.faults import CallKind, Effect, EffectKind, Garbage, Match, Rule

MAX_SECONDS = 3600
LAST_STATUS = 599
WHEN = ("before", "after")


class UnusableFault(Exception):  # noqa: N818 - reads as what it is
    """A rule or script that can't be taken, in words naming the field."""


@dataclass(frozen=True, slots=True)
class Script:
    """What `pushsvc sandbox --script` reads.

    Attributes:
        seed: of every rule with a probability.
        rules: JSON of the rules by vendor, checked.
    """

    seed: int = 0
    rules: Mapping[str, Sequence[object]] = field(default_factory=dict)

    def rules_of(self, vendor: str) -> list[Rule]:
        """Fresh rules of one vendor, none of them struck yet."""
        return parse_rules(list(self.rules.get(vendor, ())), where=f"faults.{vendor}")


def parse_script(text: bytes | str, vendors: Sequence[str]) -> Script:
    """Reads a script: `{"seed": 7, "faults": {"oppo": [rule, …]}}`.

    Args:
        text: JSON.
        vendors: the simulators there are.

    Raises:
        UnusableFault: it is no JSON, or a field can't be taken.
    """
    try:
        raw = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UnusableFault(f"the script is not JSON: {error}") from error
    script = _object(raw, "the script", ("seed", "faults"))
    seed = _integer(script.get("seed", 0), "seed", least=0)
    faults = _object(script.get("faults", {}), "faults", vendors)
    for vendor, rules in faults.items():
        parse_rules(rules, where=f"faults.{vendor}")
    return Script(seed, {vendor: list(_list(rules, f"faults.{vendor}")) for vendor, rules in faults.items()})


def parse_rules(raw: object, *, where: str) -> list[Rule]:
    """Reads a list of rules, or a single one.

    Args:
        raw: parsed JSON.
        where: what complaints call it.

    Raises:
        UnusableFault: naming the field.
    """
    if isinstance(raw, dict):
        return [_rule(raw, where)]
    return [_rule(rule, f"{where}[{index}]") for index, rule in enumerate(_list(raw, where))]


def rule_json(rule: Rule) -> dict[str, object]:
    """A rule as it was written, with its counts."""
    match = {
        "path": rule.match.path,
        "kind": rule.match.kind,
        "registration_id": rule.match.registration_id,
    }
    return {
        "match": {key: value for key, value in match.items() if value},
        "effect": _effect_json(rule.effect),
        "times": rule.times,
        "after": rule.after,
        "probability": rule.probability,
        "matched": rule.matched,
        "struck": rule.struck,
        "remaining": rule.remaining,
    }


def _rule(raw: object, where: str) -> Rule:
    rule = _object(raw, where, ("match", "effect", "times", "after", "probability"))
    if "effect" not in rule:
        raise UnusableFault(f"{where}.effect is missing")
    return Rule(
        match=_match(rule.get("match", {}), f"{where}.match"),
        effect=_effect(rule["effect"], f"{where}.effect"),
        times=_integer(rule.get("times", 1), f"{where}.times", least=0),
        after=_integer(rule.get("after", 0), f"{where}.after", least=0),
        probability=_number(rule.get("probability", 1), f"{where}.probability", most=1),
    )


def _match(raw: object, where: str) -> Match:
    match = _object(raw, where, ("path", "kind", "registration_id"))
    kind = match.get("kind")
    return Match(
        path=_text(match.get("path", ""), f"{where}.path"),
        kind=None if kind is None else CallKind(_one_of(kind, f"{where}.kind", tuple(CallKind))),
        registration_id=_text(match.get("registration_id", ""), f"{where}.registration_id"),
    )


def _effect(raw: object, where: str) -> Effect:
    effect = _object(raw, where, (*EffectKind, "when", "message", "retry_after"))
    kinds = [kind for kind in EffectKind if kind in effect]
    if len(kinds) != 1:
        raise UnusableFault(f"{where} must have exactly one of {', '.join(EffectKind)}; it has {len(kinds)}")
    kind = kinds[0]
    for extra, allowed in _EXTRAS.items():
        if extra in effect and kind not in allowed:
            raise UnusableFault(f"{where}.{extra} goes only with {', '.join(allowed)}")
    when = effect[kind] if kind is EffectKind.DROP else effect.get("when", "before")
    when_field = EffectKind.DROP.value if kind is EffectKind.DROP else "when"
    retry_after = effect.get("retry_after")
    return Effect(
        kind=kind,
        value=_VALUES[kind](effect[kind], f"{where}.{kind}"),
        processed=_one_of(when, f"{where}.{when_field}", WHEN) == "after",
        message=_text(effect.get("message", ""), f"{where}.message"),
        retry_after=None if retry_after is None else _integer(retry_after, f"{where}.retry_after", least=0),
    )


def _effect_json(effect: Effect) -> dict[str, object]:
    shown: dict[str, object] = {effect.kind.value: effect.value}
    when = "after" if effect.processed else "before"
    if effect.kind is EffectKind.DROP:
        shown[effect.kind.value] = when
    elif effect.kind in _EXTRAS["when"]:
        shown["when"] = when
    if effect.message:
        shown["message"] = effect.message
    if effect.retry_after is not None:
        shown["retry_after"] = effect.retry_after
    return shown


def _object(raw: object, where: str, known: Sequence[str]) -> dict[str, object]:
    if not isinstance(raw, dict):
        raise UnusableFault(f"{where} must be a JSON object")
    unknown = sorted(set(raw) - set(known))
    if unknown:
        raise UnusableFault(f"{where}: unknown {', '.join(unknown)}; there is {', '.join(known)}")
    return raw


def _list(raw: object, where: str) -> list[object]:
    if not isinstance(raw, list):
        raise UnusableFault(f"{where} must be a JSON array")
    return raw


def _text(raw: object, where: str) -> str:
    if not isinstance(raw, str):
        raise UnusableFault(f"{where} must be a string")
    return raw


def _integer(raw: object, where: str, *, least: int, most: int | None = None) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or raw < least or (most is not None and raw > most):
        limits = f"{least} or more" if most is None else f"{least} to {most}"
        raise UnusableFault(f"{where} must be a whole number, {limits}")
    return raw


def _number(raw: object, where: str, *, most: float) -> float:
    if not isinstance(raw, int | float) or isinstance(raw, bool) or not 0 <= raw <= most:
        raise UnusableFault(f"{where} must be a number, 0 to {most:g}")
    return float(raw)


def _one_of(raw: object, where: str, allowed: Sequence[str]) -> str:
    if not isinstance(raw, str) or raw not in allowed:
        raise UnusableFault(f"{where} must be one of {', '.join(allowed)}")
    return raw


def _code(raw: object, where: str) -> int | str:
    if not isinstance(raw, int | str) or isinstance(raw, bool):
        raise UnusableFault(f"{where} must be a whole number or a string")
    return raw


def _true(raw: object, where: str) -> bool:
    if raw is not True:
        raise UnusableFault(f"{where} must be true")
    return True


_VALUES: Mapping[EffectKind, Callable[[object, str], float | str]] = {
    EffectKind.LATENCY: lambda raw, where: _number(raw, where, most=MAX_SECONDS * 1000),
    EffectKind.STATUS: lambda raw, where: _integer(raw, where, least=300, most=LAST_STATUS),
    EffectKind.DROP: lambda raw, where: _one_of(raw, where, WHEN),
    EffectKind.HANG: lambda raw, where: _number(raw, where, most=MAX_SECONDS),
    EffectKind.GARBAGE: lambda raw, where: _one_of(raw, where, tuple(Garbage)),
    EffectKind.CODE: _code,
    EffectKind.MISSING_ITEM: _true,
    EffectKind.EXPIRE_TOKEN: _true,
}
_EXTRAS: Mapping[str, Sequence[EffectKind]] = {
    "when": (EffectKind.STATUS, EffectKind.HANG, EffectKind.GARBAGE),
    "message": (EffectKind.CODE,),
    "retry_after": (EffectKind.STATUS,),
}
