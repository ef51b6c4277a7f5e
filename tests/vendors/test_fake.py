from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import pytest

from vendors import fake
from vendors.contract import HttpResponse, Vendor
from vendors.driving import NOW
from vendors.fake import FakeCredential
from vendors.outcomes import (
    Accepted,
    CredentialRejected,
    MessageRejected,
    Outcome,
    RegistrationInvalid,
    Throttled,
    Unavailable,
)
from vendors.testing import VendorContract

_: Vendor[FakeCredential] = fake


class TestFake(VendorContract):
    vendor: ClassVar[Vendor[FakeCredential]] = fake
    credential: ClassVar = {}
    registration_id = "phone#1"

    @pytest.mark.parametrize("suffix", ["", "#7", "#7#8", "#"])
    @pytest.mark.parametrize(
        ("fate", "kind"),
        [
            ("invalid", RegistrationInvalid),
            ("rejected", MessageRejected),
            ("credential", CredentialRejected),
            ("throttled", Throttled),
            ("throttled:30", Throttled),
            ("unavailable", Unavailable),
            ("unavailable:ambiguous", Unavailable),
            ("alice-phone", Accepted),
            ("throttled:soon", Accepted),
            ("Invalid", Accepted),
            ("", Accepted),
        ],
    )
    def test_the_registration_id_says_what_happens(self, fate: str, suffix: str, kind: type[Outcome]) -> None:
        outcome = self.outcome_of(fate + suffix)

        assert type(outcome) is kind
        assert bool(outcome.advice) == (kind is not Accepted)

    def outcome_of(self, registration_id: str) -> Outcome:
        [outcome] = self.run([self.push(registration_id=registration_id)]).outcomes
        return outcome

    def test_a_throttled_push_waits_as_long_as_it_says(self) -> None:
        with_time, without = self.outcome_of("throttled:30#7"), self.outcome_of("throttled#7")

        assert isinstance(with_time, Throttled)
        assert isinstance(without, Throttled)
        assert (with_time.retry_after, without.retry_after) == (timedelta(seconds=30), None)

    def test_only_an_ambiguous_failure_may_have_been_taken(self) -> None:
        clear, ambiguous = self.outcome_of("unavailable"), self.outcome_of("unavailable:ambiguous")

        assert isinstance(clear, Unavailable)
        assert isinstance(ambiguous, Unavailable)
        assert (clear.ambiguous, ambiguous.ambiguous) == (False, True)

    def test_an_accepted_push_has_a_message_id_of_its_own(self) -> None:
        outcomes = self.run([self.push(1), self.push(2)]).outcomes

        assert [outcome.vendor_message_id for outcome in outcomes if isinstance(outcome, Accepted)] == [
            "fake-00000000000000000000000000000001",
            "fake-00000000000000000000000000000002",
        ]

    def test_each_push_of_a_batch_meets_its_own_fate(self) -> None:
        pushes = [self.push(registration_id=fate) for fate in ("a", "invalid#1", "b", "rejected#2")]

        outcomes = self.run(pushes).outcomes

        assert [type(outcome) for outcome in outcomes] == [Accepted, RegistrationInvalid, Accepted, MessageRejected]

    def test_a_batch_can_be_refused_as_a_whole_until_the_culprit_stands_alone(self) -> None:
        culprit = self.push(registration_id="batch-rejected#1")

        whole, alone = self.run([self.push(), culprit]).outcomes, self.run([culprit]).outcomes

        assert [(type(each), getattr(each, "whole_call", None)) for each in whole] == [(MessageRejected, True)] * 2
        assert [(type(each), getattr(each, "whole_call", None)) for each in alone] == [(MessageRejected, False)]

    def test_nothing_goes_over_a_network(self) -> None:
        assert not self.has_network()
        assert fake.auth_request(FakeCredential(), now=NOW) is None

    def test_a_sign_in_nobody_asked_for_is_refused(self) -> None:
        answer = fake.parse_auth(HttpResponse(status=200, body=b'{"access_token":"x"}'), now=NOW)

        assert isinstance(answer, CredentialRejected)
