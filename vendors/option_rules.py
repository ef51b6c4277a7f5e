"""Rules for a vendor's own options: what each takes, what is wrong with a value, and how it reads in ListVendors.

Values come from a JSON-like structure whose numbers are all floating point, so a whole one counts as an integer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from vendors.contract import VendorOption, Violation

# What is wrong with a value, in words; empty if nothing is.
Check = Callable[[object], str]

HTTP_URL = re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE)
HTTPS_URL = re.compile(r"https://[^\s/?#]\S*", re.IGNORECASE)
CLASS_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rule:
    """One option.

    Attributes:
        type: "string", "integer", "boolean", "object" or "array".
        help: what it does and its limits.
        check: what is wrong with a value.
    """

    type: str
    help: str
    check: Check


def described(rules: Mapping[str, Rule]) -> tuple[VendorOption, ...]:
    """The options as ListVendors shows them."""
    return tuple(VendorOption(name=name, type=rule.type, help=rule.help) for name, rule in rules.items())


def violations(options: Mapping[str, object], rules: Mapping[str, Rule], vendor: str) -> Iterator[Violation]:
    """What is wrong with options; field names relative to the options."""
    for name, value in options.items():
        rule = rules.get(name)
        if rule is None:
            yield Violation(name, f"is not an option of {vendor}; the options are {', '.join(rules)}")
        elif problem := rule.check(whole(value)):
            yield Violation(name, problem)


def whole(value: object) -> object:
    """The value with each whole number in it as an integer."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: whole(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [whole(part) for part in value]
    return value


def between(least: int, most: int) -> Check:
    """A whole number within bounds."""
    words = f"must be a whole number from {least} to {most}"
    return lambda value: "" if type(value) is int and least <= value <= most else words


def one_of(*allowed: int) -> Check:
    """One of these numbers."""
    words = f"must be one of {', '.join(map(str, allowed))}"
    return lambda value: "" if type(value) is int and value in allowed else words


def truth(value: object) -> str:
    """True or false."""
    return "" if isinstance(value, bool) else "must be true or false"


def text(value: object) -> str:
    """A text that says something."""
    return "" if isinstance(value, str) and value.strip() else "must be a text, not blank"


def text_up_to(most: int, vendor: str) -> Check:
    """A text that says something in so many characters."""

    def check(value: object) -> str:
        if isinstance(value, str) and len(value) > most:
            return f"has {len(value)} characters; {vendor} allows {most}"
        return text(value)

    return check


def like(pattern: re.Pattern[str], words: str) -> Check:
    """A text of a shape, which the words describe: "must be …"."""
    return lambda value: "" if isinstance(value, str) and pattern.fullmatch(value) else words


http_url = like(HTTP_URL, "must be an http or https URL")
https_url = like(HTTPS_URL, "must be an https URL")
class_name = like(CLASS_NAME, "must be a full class name")


def object_of(checks: Mapping[str, Check], required: Sequence[str] = ()) -> Check:
    """An object with these keys and no others."""

    def problems(value: Mapping[object, object]) -> Iterator[str]:
        yield from (f"{name} is required" for name in required if name not in value)
        for name, part in value.items():
            check = checks.get(name) if isinstance(name, str) else None
            if check is None:
                yield f"has no key {name}; the keys are {', '.join(checks)}"
            elif problem := check(part):
                yield f"{name} {problem}"

    return lambda value: "; ".join(problems(value)) if isinstance(value, Mapping) else "must be an object"


def texts_by_name(value: object) -> str:
    """An object of texts."""
    fits = isinstance(value, Mapping) and all(isinstance(part, str) for part in value.values())
    return "" if fits else "must be an object whose values are all texts"


def list_of(check: Check, most: int, what: str) -> Check:
    """A list of 1 to so many, each as a check wants it."""

    def problems(value: object) -> str:
        if not isinstance(value, list) or not 1 <= len(value) <= most:
            return f"must be a list of 1 to {most} {what}"
        return "; ".join(f"[{at}] {problem}" for at, one in enumerate(value) if (problem := check(one)))

    return problems
