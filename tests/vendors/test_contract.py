from __future__ import annotations

import pytest

from vendors.contract import CredentialField, InvalidCredential, NoResponse, Violation, check_credential
from vendors.outcomes import Unavailable

FIELDS = (
    CredentialField(name="key", label="AppKey", help="the console shows it", pattern=r"[0-9]{4}"),
    CredentialField(name="secret", label="AppSecret", help="the console shows it once", secret=True),
    CredentialField(name="region", label="Region", help="cn or intl", required=False, pattern="cn|intl"),
)


def violations_of(raw: dict[str, str]) -> list[Violation]:
    with pytest.raises(InvalidCredential) as caught:
        check_credential(raw, FIELDS)
    return list(caught.value.violations)


@pytest.mark.parametrize(
    "raw",
    [
        {"key": "1234", "secret": "s"},
        {"key": "1234", "secret": "s", "region": ""},
        {"key": "1234", "secret": "s", "region": "intl"},
    ],
)
def test_a_complete_credential_is_taken(raw: dict[str, str]) -> None:
    check_credential(raw, FIELDS)


def test_a_missing_field_is_named_with_where_to_find_it() -> None:
    assert violations_of({"key": "1234"}) == [Violation("secret", "is required: the console shows it once")]


def test_an_empty_field_is_a_missing_one() -> None:
    assert violations_of({"key": "", "secret": "s"}) == [Violation("key", "is required: the console shows it")]


def test_an_unknown_field_lists_the_known() -> None:
    assert violations_of({"key": "1234", "secret": "s", "token": "t"}) == [
        Violation("token", "is not a field of this vendor; the fields are: key, secret, region")
    ]


@pytest.mark.parametrize("value", ["123", "12345", "1234\n", "abcd"])
def test_an_ill_formed_field_says_what_it_must_match(value: str) -> None:
    assert violations_of({"key": value, "secret": "s"}) == [
        Violation("key", "does not look like AppKey: it must match [0-9]{4}")
    ]


def test_everything_wrong_is_said_at_once_and_no_value_with_it() -> None:
    with pytest.raises(InvalidCredential) as caught:
        check_credential({"key": "never-shown", "token": "never-shown", "region": "never-shown"}, FIELDS)

    assert [violation.field for violation in caught.value.violations] == ["token", "key", "secret", "region"]
    assert "never-shown" not in str(caught.value)


def test_no_response_says_what_became_of_the_pushes() -> None:
    outcome = Unavailable(vendor_reason="timed out", ambiguous=True)

    failure = NoResponse(outcome)

    assert str(failure) == "timed out"
    assert failure.outcome is outcome
