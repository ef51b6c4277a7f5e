"""The contract suite catches what it is there for: each spoilt plug-in fails the test that names its fault."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec import structs

from tests.vendors import test_fake, test_oppo_contract
from vendors import oppo
from vendors.contract import HttpRequest, HttpResponse, Violation
from vendors.driving import ACCESS_TOKEN, without_pauses
from vendors.outcomes import Accepted, MessageRejected, Outcome
from vendors.testing import PARTS, VendorContract

Steps = Generator[HttpRequest, HttpResponse, Sequence[Outcome]]


def suite_of(**changed: object) -> VendorContract:
    """The suite of an OPPO plug-in in which some parts are others."""
    suite = test_oppo_contract.TestOppo()
    parts = {part: getattr(oppo, part) for part in PARTS} | changed
    object.__setattr__(suite, "vendor", SimpleNamespace(**parts))
    return suite


def with_outcomes(change: Callable[[Outcome], Outcome]) -> Callable[..., Steps]:
    """An exchange whose outcomes are changed at the end."""

    def exchange(*args: Any, **kwargs: Any) -> Steps:
        outcomes = yield from without_pauses(oppo.exchange(*args, **kwargs))
        return [change(outcome) for outcome in outcomes]

    return exchange


def trusting_exchange(*args: Any, **kwargs: Any) -> Steps:
    requests = without_pauses(oppo.exchange(*args, **kwargs))
    response = yield next(requests)
    assert json.loads(response.body)["code"] == 0
    return [Accepted() for _ in args[0]]


def forgetful_exchange(*args: Any, **kwargs: Any) -> Steps:
    outcomes = yield from without_pauses(oppo.exchange(*args, **kwargs))
    return outcomes[1:]


def talkative_exchange(pushes: Any, credential: Any, *args: Any, **kwargs: Any) -> Steps:
    requests = without_pauses(oppo.exchange(pushes, credential, *args, **kwargs))
    yield replace(next(requests), headers={"authorization": credential.master_secret})
    return [Accepted()] * len(pushes)


@pytest.mark.parametrize(
    ("promise", "changed", "words"),
    [
        ("test_its_words_fit_the_contract", {"NAME": "Oppo"}, "lower case"),
        ("test_its_words_fit_the_contract", {"LABEL": " "}, "for people"),
        ("test_its_capabilities_make_sense", {"CAPABILITIES": replace(oppo.CAPABILITIES, max_targets=1)}, "single"),
        ("test_its_capabilities_make_sense", {"CAPABILITIES": replace(oppo.CAPABILITIES, title_limit=0)}, "positive"),
        (
            "test_a_credential_hides_its_secrets_when_printed",
            {"parse_credential": lambda raw: SimpleNamespace(**raw)},
            "master_secret shows",
        ),
        ("test_a_missing_field_is_named", {"parse_credential": lambda raw: raw}, "fault in app_key was taken"),
        ("test_a_registration_id_is_checked", {"check_registration_id": lambda *_: ""}, "'' was taken"),
        (
            "test_the_sign_in_keeps_the_secret_to_itself",
            {
                "auth_request": lambda *_, **__: HttpRequest(
                    url="https://example.com", body=b"secret=made-up%2Bmaster%2Fsecret", headers={}
                )
            },
            "master_secret leaves",
        ),
        (
            "test_no_answer_to_the_sign_in_makes_it_raise",
            {"parse_auth": lambda *_, **__: ACCESS_TOKEN},
            "gave an access token",
        ),
        ("test_no_request_carries_a_secret", {"exchange": talkative_exchange}, "master_secret leaves"),
        ("test_a_taken_batch_is_accepted_push_by_push", {"exchange": forgetful_exchange}, "499 outcomes for 500"),
        (
            "test_no_answer_makes_an_exchange_raise_or_lose_a_push",
            {"exchange": with_outcomes(lambda _: Accepted())},
            "counted as Accepted",
        ),
        (
            "test_every_documented_code_means_what_is_declared",
            {"exchange": with_outcomes(lambda outcome: structs.replace(outcome, vendor_code=""))},
            "is kept as ''",
        ),
        (
            "test_an_undocumented_code_is_a_refusal_of_the_message",
            {"exchange": with_outcomes(lambda _: Accepted())},
            "counted as Accepted",
        ),
        (
            "test_a_title_at_the_limit_stays_whole_and_a_longer_one_is_shortened_and_noted",
            {"exchange": with_outcomes(lambda _: Accepted())},
            "not noted as shortened",
        ),
        (
            "test_the_ttl_stays_within_what_the_vendor_and_the_sender_allow",
            {"CAPABILITIES": replace(oppo.CAPABILITIES, max_ttl=oppo.CAPABILITIES.max_ttl / 2)},
            "asked to keep it",
        ),
        (
            "test_every_declared_category_can_be_sent",
            {"exchange": with_outcomes(lambda _: MessageRejected())},
            "gave MessageRejected",
        ),
        (
            "test_every_declared_option_is_taken",
            {"check_options": lambda _: [Violation("style", "is wrong")]},
            "the examples are legal",
        ),
    ],
)
def test_a_broken_promise_is_caught(promise: str, changed: dict[str, object], words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        getattr(suite_of(**changed), promise)()


def test_a_plug_in_that_trusts_its_answers_is_caught() -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        suite_of(exchange=trusting_exchange).test_no_answer_makes_an_exchange_raise_or_lose_a_push()


def salted_exchange() -> Callable[..., Steps]:
    """An exchange whose requests are never twice the same."""
    salt = count()

    def exchange(*args: Any, **kwargs: Any) -> Steps:
        requests = without_pauses(oppo.exchange(*args, **kwargs))
        request = next(requests)
        response = yield replace(request, headers={**request.headers, "x-signature": str(next(salt))})
        try:
            requests.send(response)
        except StopIteration as done:
            outcomes: Sequence[Outcome] = done.value
            return outcomes
        raise AssertionError

    return exchange


def test_requests_that_differ_are_caught_unless_their_fixed_part_does_not() -> None:
    suite = suite_of(exchange=salted_exchange())
    with pytest.raises(AssertionError, match="exchange is pure"):
        suite.test_an_exchange_depends_on_its_arguments_alone_and_leaves_them_alone()

    object.__setattr__(suite, "fixed_part", lambda request: replace(request, headers={}))

    suite.test_an_exchange_depends_on_its_arguments_alone_and_leaves_them_alone()


def test_a_credential_is_parsed_once_and_anew_by_another_plug_in() -> None:
    suite = test_oppo_contract.TestOppo()

    assert suite.parsed_credential() is suite.parsed_credential()
    assert suite_of(parse_credential=lambda raw: raw).parsed_credential() == dict(suite.credential)


def test_a_missing_part_is_named() -> None:
    suite = test_fake.TestFake()
    object.__setattr__(suite, "vendor", SimpleNamespace(**{part: None for part in PARTS if part != "parse_auth"}))

    with pytest.raises(AssertionError, match="the plug-in lacks parse_auth"):
        suite.test_the_module_is_complete()


def test_an_unknown_option_that_is_taken_is_caught() -> None:
    with pytest.raises(AssertionError):
        suite_of(check_options=lambda _: []).test_an_unknown_option_is_named()


@pytest.mark.parametrize(
    "ask",
    [
        lambda suite, _: suite.answer("0"),
        lambda suite, request: suite.accepted(request, []),
        lambda suite, _: suite.signed_in("token"),
        lambda suite, request: suite.ttl_seconds(request),
        lambda suite, request: suite.title_of(request),
        lambda suite, request: suite.body_of(request),
    ],
)
def test_what_a_vendor_with_a_network_owes_is_asked_for(ask: Callable[[VendorContract, HttpRequest], object]) -> None:
    with pytest.raises(NotImplementedError):
        ask(VendorContract(), HttpRequest(url="https://example.com", body=b"", headers={}))
