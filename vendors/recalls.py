"""Taking notifications back by their notify id, for vendors whose call names one id and many phones."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

from vendors.contract import HttpRequest, HttpResponse, NoResponse, Push
from vendors.notify_ids import notify_id
from vendors.outcomes import Outcome

MAX_TARGETS = 1000

Request = Callable[[Sequence[str], int], HttpRequest]
Classify = Callable[[HttpResponse, Sequence[str]], Outcome]


def by_notify_id(
    pushes: Sequence[Push], request: Request, classify: Classify
) -> Generator[HttpRequest, HttpResponse, Sequence[Outcome]]:
    """One call for each notify id and thousand phones; one outcome per push, in order.

    Args:
        pushes: as they were sent.
        request: the call that takes one notify id back from some phones.
        classify: what the answer means for these phones.
    """
    positions: dict[int, list[int]] = {}
    for at, push in enumerate(pushes):
        positions.setdefault(notify_id(push), []).append(at)
    outcomes: dict[int, Outcome] = {}
    for number, all_of_it in positions.items():
        for start in range(0, len(all_of_it), MAX_TARGETS):
            part = all_of_it[start : start + MAX_TARGETS]
            phones = list(dict.fromkeys(pushes[at].registration_id for at in part))
            try:
                outcome = classify((yield request(phones, number)), phones)
            except NoResponse as failure:
                outcome = failure.outcome
            outcomes.update(dict.fromkeys(part, outcome))
    return [outcomes[at] for at in range(len(pushes))]
