from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from vendors import fake
from vendors.contract import BadgeKind, Batching, Capabilities, Category, ClickKind, CredentialField, Vendor
from vendors.matrix import matrix


def row(label: str, **can: Any) -> str:
    """One cell of a vendor that can do everything but what a test says."""
    capabilities: Capabilities = replace(fake.CAPABILITIES, **can)
    fields = (
        CredentialField(name="key", label="", help=""),
        CredentialField(name="more", label="", help="", required=False),
    )
    stub = SimpleNamespace(
        NAME="stub", LABEL="Stub", CAPABILITIES=capabilities, CREDENTIAL_FIELDS=fields, OPTIONS=fake.OPTIONS
    )
    lines = matrix([cast("Vendor[Any]", stub)]).splitlines()
    cells = dict(
        line.strip("| ").split(" | ")
        for line in lines
        if line.startswith("| ") and "---" not in line and "[" not in line
    )
    return cells[label]


@pytest.mark.parametrize(
    ("label", "can", "expected"),
    [
        ("name in certs", {}, "`stub`"),
        ("credential", {}, "`key`, `more` (optional)"),
        ("one call takes", {"batching": Batching.SINGLE, "max_targets": 1}, "one push"),
        ("one call takes", {"batching": Batching.SAME_CONTENT, "max_targets": 7}, "7 phones, one content"),
        ("one call takes", {"batching": Batching.ANY_CONTENT, "max_targets": 9}, "9 phones, any contents"),
        ("title", {"title_limit": 31}, "31"),
        ("body", {"body_limit": 32}, "32"),
        ("ext", {"ext_limit": 33}, "33"),
        ("longest TTL", {"max_ttl": timedelta(days=1)}, "24 hours"),
        ("longest TTL", {"max_ttl": timedelta(days=3)}, "3 days"),
        ("tap: deep link", {}, "yes"),
        ("tap: deep link", {"click_actions": frozenset({ClickKind.OPEN_APP})}, "–"),
        ("channel id", {"channels": False}, "–"),
        ("channel id", {"channel_required": True}, "needed"),
        ("categories told apart", {}, "all"),
        ("categories told apart", {"categories": frozenset({Category.TODO, Category.IM})}, "im, todo"),
        ("collapse id", {"collapse": False}, "–"),
        ("badge: a count", {"badges": frozenset({BadgeKind.INCREMENT})}, "–"),
        ("badge: one more", {"badges": frozenset({BadgeKind.INCREMENT})}, "yes"),
        ("sound of the app's", {"sound": False}, "–"),
        ("drops a repeat itself", {"dedup": False}, "–"),
        ("options of its own", {}, "–"),
    ],
)
def test_each_row_says_what_the_capabilities_say(label: str, can: dict[str, Any], expected: str) -> None:
    assert row(label, **can) == expected
