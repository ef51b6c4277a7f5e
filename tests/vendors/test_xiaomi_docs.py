"""Xiaomi's page in the docs says all that the plug-in knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from vendors import xiaomi
from vendors.contract import Category, ClickKind, CredentialField, VendorOption
from vendors.xiaomi.click import EFFECTS
from vendors.xiaomi.codes import OUTCOMES
from vendors.xiaomi.notification import MARKETING_CATEGORIES

PAGE = (Path(__file__).parents[2] / "docs" / "vendors" / "xiaomi.md").read_text()


@pytest.mark.parametrize("code", OUTCOMES)
def test_every_code_stands_in_the_page_with_its_outcome_and_advice(code: int) -> None:
    kind, advice = OUTCOMES[code]

    assert f"| {code} | {kind.__name__} | {advice}" in PAGE


@pytest.mark.parametrize("option", xiaomi.OPTIONS, ids=lambda option: str(option.name))
def test_every_option_stands_in_the_page_with_its_type_and_help(option: VendorOption) -> None:
    assert f"| `{option.name}` | {option.type} | {option.help} |" in PAGE


@pytest.mark.parametrize("field", xiaomi.CREDENTIAL_FIELDS, ids=lambda field: str(field.name))
def test_every_credential_field_stands_in_the_page(field: CredentialField) -> None:
    star = " *" if field.secret else ""
    required = "yes" if field.required else "no"

    assert f"| `{field.name}`{star} | {field.label} | {required} | {field.help} |" in PAGE


@pytest.mark.parametrize("category", Category)
def test_every_category_stands_in_the_page(category: Category) -> None:
    longest = "1 day | public" if category in MARKETING_CATEGORIES else "10 days | private"

    assert f"| {category.name} | {longest} |" in PAGE


@pytest.mark.parametrize("kind", ClickKind)
def test_every_click_action_stands_in_the_page(kind: ClickKind) -> None:
    assert f"| `{kind}` | {EFFECTS[kind]} |" in PAGE


def test_the_page_names_nothing_the_plug_in_does_not_know() -> None:
    codes = PAGE.split("## Codes")[1].split("| 20301 with")[0].count("\n| ") - 1
    options = PAGE.split("## Options")[1].split("## Codes")[0].count("\n| `")

    assert (codes, options) == (len(OUTCOMES), len(xiaomi.OPTIONS))
