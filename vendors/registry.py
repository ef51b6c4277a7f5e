"""Finds plug-ins by entry point; built-ins take the same door as everybody's. Each is imported on first use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from vendors.contract import Vendor

VENDORS = "pushsvc.vendors"


class UnknownVendor(LookupError):  # noqa: N818 - reads as what it is
    """There is no usable plug-in of that name; says which there are, or why it can't be used."""


class Registry:
    """The plug-ins of one entry-point group.

    Args:
        found: the group's entry points, such as `entry_points(group="pushsvc.vendors")`.

    Raises:
        ValueError: two distributions claim one name.
    """

    def __init__(self, found: Iterable[EntryPoint]) -> None:
        self._entry_points: dict[str, EntryPoint] = {}
        self._loaded: dict[str, Any] = {}
        for each in found:
            other = self._entry_points.setdefault(each.name, each)
            if other.value != each.value:
                raise ValueError(f"plug-in {each.name} is claimed twice: {_origin(other)} and {_origin(each)}")

    @classmethod
    def installed(cls, group: str = VENDORS) -> Registry:
        """All plug-ins of a group that are installed beside us."""
        return cls(entry_points(group=group))

    def names(self) -> Sequence[str]:
        """The known names, sorted."""
        return sorted(self._entry_points)

    def get(self, name: str) -> Vendor[Any]:
        """The plug-in.

        Raises:
            UnknownVendor: there is none of that name, or it can't be imported.
        """
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        plug_in: Vendor[Any] = self._loaded[name]
        return plug_in

    def load_all(self) -> tuple[Sequence[Vendor[Any]], Sequence[str]]:
        """Every plug-in that can be used, by name, and what is wrong with each that can't."""
        usable = []
        faults = []
        for name in self.names():
            try:
                usable.append(self.get(name))
            except UnknownVendor as error:
                faults.append(str(error))
        return usable, faults

    def _load(self, name: str) -> object:
        entry_point = self._entry_points.get(name)
        if entry_point is None:
            raise UnknownVendor(f"{name} is not a vendor; the vendors are {', '.join(self.names())}")
        try:
            return entry_point.load()
        except Exception as error:
            raise UnknownVendor(f"plug-in {name} ({_origin(entry_point)}) can't be used: {error}") from error


def _origin(entry_point: EntryPoint) -> str:
    distribution = entry_point.dist.name if entry_point.dist is not None else "no distribution"
    return f"{entry_point.value} of {distribution}"
