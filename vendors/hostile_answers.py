"""Answers no maker should give and some proxy one day will, for `vendors/testing.py`: a plug-in survives them all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from vendors.contract import HttpResponse

# Of a type or a size that nobody expects.
JUNK: Sequence[object] = (None, True, -1, 2**63, 1.5, "", "junk", "{", [], [None], [[1]], {}, {"": None})
_SHORT = (b"", b"null", b"0", b'"text"', b"[]", b"{}", b"<html><body>Welcome</body></html>", b"\xff\xfe\x00\x80")
HOSTILE = tuple(
    HttpResponse(status=status, body=body)
    for status in (200, 204, 302, 404, 429, 500, 503)
    for body in (*_SHORT, b"x" * 10_240, b"[" * 100_000, b'{"code":' * 10_000, b'{"code":' + b"9" * 5000 + b"}")
)


def spoilt(response: HttpResponse) -> Iterator[HttpResponse]:
    """A good answer cut off at every length, and with each of its values missing or replaced by junk."""
    for length in range(len(response.body)):
        yield replace(response, body=response.body[:length])
    for variant in _variants(json.loads(response.body)):
        yield replace(response, body=json.dumps(variant).encode())


def _variants(value: object) -> Iterator[object]:
    yield from JUNK
    if isinstance(value, dict):
        for name, inner in value.items():
            yield {other: kept for other, kept in value.items() if other != name}
            yield from ({**value, name: variant} for variant in _variants(inner))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield [*value[:at], *value[at + 1 :]]
            yield from ([*value[:at], variant, *value[at + 1 :]] for variant in _variants(inner))
