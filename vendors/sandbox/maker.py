"""What simulators of makers have in common: apps that the control API edits, and access tokens that it can end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from vendors.sandbox.app_registry import AppRegistry
from vendors.sandbox.simulator import World

Apps = TypeVar("Apps", bound=AppRegistry[Any, Any])


class Maker(Generic[Apps]):
    """All of a `Simulator` but its routes.

    Args:
        world: what it stands among.
        apps: its apps.
        show: a kept notification in neutral words; `Simulator.show` says which.
        expire: ends every access token issued so far, and says how many; None: it gives out none.
    """

    def __init__(
        self,
        world: World,
        apps: Apps,
        show: Callable[[bytes], Mapping[str, object]],
        expire: Callable[[], int] | None = None,
    ) -> None:
        self._world = world
        self._apps = apps
        self._show = show
        self._expire = expire

    def show(self, content: bytes) -> Mapping[str, object]:
        """A kept notification in neutral words."""
        return self._show(content)

    def apps(self) -> Sequence[Mapping[str, object]]:
        """The apps, without their secrets."""
        return self._apps.as_json()

    def put_app(self, fields: Mapping[str, object]) -> Mapping[str, object]:
        """Adds or edits an app."""
        return self._apps.put(fields)

    def expire_tokens(self) -> int:
        """Ends every access token issued so far."""
        return 0 if self._expire is None else self._expire()

    def reset(self) -> None:
        """Back to the demo app."""
        self._apps.reset()
