from __future__ import annotations

from datetime import timedelta

import pytest

from tests.vendors.pushes import NOW
from vendors.client_credentials import granted, token_request


def test_the_secret_is_percent_encoded() -> None:
    request = token_request("https://example.com/token", "id", "a+b/c=&")

    assert request.body == b"grant_type=client_credentials&client_id=id&client_secret=a%2Bb%2Fc%3D%26"
    assert request.headers == {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("expires_in", "life_s", "refresh_s"),
    [(3600, 3600, 3300), (60, 60, 30), (0, 3600, 3300), (True, 3600, 3300), ("60", 3600, 3300), (2**40, 3600, 3300)],
)
def test_a_token_lives_as_long_as_the_answer_says_or_an_hour(expires_in: object, life_s: int, refresh_s: int) -> None:
    token = granted({"access_token": "t", "expires_in": expires_in}, now=NOW)

    assert token is not None
    assert token.expires_at == NOW + timedelta(seconds=life_s)
    assert token.refresh_at == NOW + timedelta(seconds=refresh_s)


@pytest.mark.parametrize("value", [None, "", 7, "with space", "line\nbreak", "字"])
def test_what_could_not_stand_in_a_header_is_no_token(value: object) -> None:
    assert granted({"access_token": value, "expires_in": 60}, now=NOW) is None
