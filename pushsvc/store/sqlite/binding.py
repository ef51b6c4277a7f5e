"""Which registrations end and what follows where when phones are registered, one after the other. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pushsvc.domain import Registration
from pushsvc.store.base import Registered


@dataclass(slots=True)
class Changes:
    """What has to be written, in this order.

    Attributes:
        removed: keys of registrations that end.
        stored: new and renewed registrations, by key.
        moved: a key whose pending deliveries go to a registration, oldest first.
        cancelled: keys whose pending deliveries, moved ones included, are cancelled.
    """

    removed: list[int] = field(default_factory=list)
    stored: dict[int, Registration] = field(default_factory=dict)
    moved: list[tuple[int, Registration]] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)


class Bindings:
    """The registrations that a batch may touch, as they stand while it is worked through.

    Args:
        registrations: all that share a phone with one of the batch.
        pending: how many deliveries wait for each key; a missing one has none.
        last_key: the highest key ever given.
    """

    def __init__(self, registrations: Iterable[Registration], pending: Mapping[int, int], *, last_key: int) -> None:
        self._by_key = {registration.registration_key: registration for registration in registrations}
        self._pending = dict(pending)
        self._last_key = last_key
        self._by_phone: dict[object, int] = {}
        self._by_device: dict[object, set[int]] = {}
        for registration in self._by_key.values():
            self._index(registration)
        self.changes = Changes()

    def register(self, registration: Registration, *, now_ms: int) -> Registered:
        """Binds one phone, and says what that displaced."""
        holders = self._same_phone(registration)
        same = next((holder for holder in holders if _is_same_binding(holder, registration)), None)
        if same is None:
            self._last_key += 1
            stored = replace(registration, registration_key=self._last_key, version=1, registered_at_ms=now_ms)
        else:
            stored = replace(same, version=same.version + 1, registered_at_ms=now_ms)
        ended = [holder for holder in holders if holder is not same]
        moved = cancelled = 0
        for holder in ended:
            pending = self._pending.pop(holder.registration_key, 0)
            if holder.user_id == registration.user_id:
                moved += pending
                self.changes.moved.append((holder.registration_key, stored))
            else:
                cancelled += pending
                self.changes.cancelled.append(holder.registration_key)
            self._end(holder)
        self._store(stored, moved)
        return Registered(
            registration=stored,
            withdrawn_keys=[holder.registration_key for holder in ended],
            repointed_cert_ids=[stored.cert_id] if moved else [],
            cancelled_deliveries=cancelled,
        )

    def _same_phone(self, registration: Registration) -> Sequence[Registration]:
        keys = set(self._by_device.get(_device(registration), ())) if registration.device_id else set()
        if _phone(registration) in self._by_phone:
            keys.add(self._by_phone[_phone(registration)])
        return [self._by_key[key] for key in sorted(keys)]

    def _store(self, registration: Registration, moved: int) -> None:
        key = registration.registration_key
        self._by_key[key] = registration
        self._pending[key] = self._pending.get(key, 0) + moved
        self._index(registration)
        self.changes.stored[key] = registration

    def _end(self, registration: Registration) -> None:
        key = registration.registration_key
        del self._by_key[key]
        del self._by_phone[_phone(registration)]
        self._by_device[_device(registration)].discard(key)
        self.changes.stored.pop(key, None)
        self.changes.removed.append(key)

    def _index(self, registration: Registration) -> None:
        self._by_phone[_phone(registration)] = registration.registration_key
        self._by_device.setdefault(_device(registration), set()).add(registration.registration_key)


def _phone(registration: Registration) -> tuple[str, str, str]:
    return (registration.app_id, registration.vendor, registration.registration_id)


def _device(registration: Registration) -> tuple[str, str, str]:
    return (registration.app_id, registration.user_id, registration.device_id)


def _is_same_binding(one: Registration, other: Registration) -> bool:
    return _phone(one) == _phone(other) and _device(one) == _device(other) and one.cert_id == other.cert_id
