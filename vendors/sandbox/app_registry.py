"""The apps that a maker's console would hold: the one from the start, and what the control API makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from vendors.sandbox.simulator import UnusableApp

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

MAX_APPS = 1000
_JSON_NAMES = {str: "string", bool: "boolean", int: "number"}

Terms = TypeVar("Terms", bound="DataclassInstance")


class HasTerms(Protocol[Terms]):
    """An app and what it has used up; its terms are replaced when it is edited."""

    terms: Terms


App = TypeVar("App", bound=HasTerms[Any])


class AppRegistry(Generic[App, Terms]):
    """The apps by their key.

    Args:
        demo: the terms of the app that is there from the start; a new app has their settings where it says nothing.
        make: an app of some terms, nothing used up.
        key: the field that names an app.
        required: fields that a new app must give besides.
        secrets: fields that are never shown.
        limits: fields that are a whole number, or null for no limit.
        choices: fields that take some values only.
        unchecked: fields that whoever calls `put` has checked already.
    """

    def __init__(
        self,
        demo: Terms,
        make: Callable[[Terms], App],
        *,
        key: str,
        required: Sequence[str],
        secrets: Sequence[str],
        limits: Sequence[str] = (),
        choices: Mapping[str, Sequence[object]] | None = None,
        unchecked: Sequence[str] = (),
    ) -> None:
        self._demo = demo
        self._make = make
        self._key = key
        self._required = required
        self._secrets = secrets
        self._limits = limits
        self._choices = choices or {}
        self._unchecked = unchecked
        self._apps: dict[str, App] = {}
        self.reset()

    def reset(self) -> None:
        """Only the demo app, nothing used up."""
        self._apps = {getattr(self._demo, self._key): self._make(self._demo)}

    def find(self, key: str) -> App | None:
        """The app of a key."""
        return self._apps.get(key)

    def find_by(self, field: str, value: str) -> App | None:
        """The app whose terms have a value in another field."""
        return next((app for app in self._apps.values() if getattr(app.terms, field) == value), None)

    def as_json(self) -> list[dict[str, object]]:
        """All apps as the control API shows them."""
        return [self.shown(app) for app in self._apps.values()]

    def put(self, edit: Mapping[str, object]) -> dict[str, object]:
        """Adds an app or edits the one of that key; what is left out stays.

        Raises:
            UnusableApp: naming the field at fault.
        """
        key = edit.get(self._key)
        if not isinstance(key, str) or not key:
            raise UnusableApp(f"{self._key} is missing: it says which app is meant")
        app = self._apps.get(key)
        if app is None:
            if len(self._apps) >= MAX_APPS:
                raise UnusableApp(f"{self._key}: there can be at most {MAX_APPS} apps")
            for name in self._required:
                if not edit.get(name):
                    raise UnusableApp(f"{name} is missing: a new app needs one")
            app = self._make(self._demo)
        self._check(edit)
        app.terms = replace(app.terms, **cast("dict[str, Any]", edit))
        self._apps[key] = app
        return self.shown(app)

    def shown(self, app: App) -> dict[str, object]:
        """An app as the control API shows it."""
        return {name: value for name, value in asdict(app.terms).items() if name not in self._secrets}

    def _check(self, edit: Mapping[str, object]) -> None:
        known = {spec.name: type(getattr(self._demo, spec.name)) for spec in fields(self._demo)}
        for name, value in edit.items():
            if name not in known:
                raise UnusableApp(f"{name} is not a field of an app; the fields are {', '.join(known)}")
            if name in self._unchecked:
                continue
            if name in self._limits:
                if value is not None and (type(value) is not int or value < 0):
                    raise UnusableApp(f"{name} must be a whole number, 0 or more, or null for no limit")
            elif type(value) is not known[name] or value == "":
                raise UnusableApp(f"{name} must be a JSON {_JSON_NAMES[known[name]]}, not empty")
            if name in self._choices and value not in self._choices[name]:
                raise UnusableApp(f"{name} must be one of {', '.join(map(str, self._choices[name]))}")
