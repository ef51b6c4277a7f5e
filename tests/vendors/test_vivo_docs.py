"""vivo's page in the docs says all that the plug-in knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from vendors import vivo
from vendors.contract import Category, ClickKind, CredentialField, VendorOption
from vendors.vivo.click import SKIP_TYPES
from vendors.vivo.codes import OUTCOMES
from vendors.vivo.notification import CATEGORIES
from vendors.vivo.response import INVALID_USER

PAGE = (Path(__file__).parents[2] / "docs" / "vendors" / "vivo.md").read_text()


@pytest.mark.parametrize("code", OUTCOMES)
def test_every_code_stands_in_the_page_with_its_outcome_and_advice(code: int) -> None:
    kind, advice = OUTCOMES[code]

    assert f"| {code} | {kind.__name__} | {advice}" in PAGE


@pytest.mark.parametrize("status", INVALID_USER)
def test_every_status_of_a_phone_stands_in_the_page_with_its_outcome_and_advice(status: int) -> None:
    kind, advice = INVALID_USER[status]

    assert f"| {status} | {kind.__name__} | {advice} |" in PAGE


@pytest.mark.parametrize("option", vivo.OPTIONS, ids=lambda option: str(option.name))
def test_every_option_stands_in_the_page_with_its_type_and_help(option: VendorOption) -> None:
    assert f"| `{option.name}` | {option.type} | {option.help} |" in PAGE


@pytest.mark.parametrize("field", vivo.CREDENTIAL_FIELDS, ids=lambda field: str(field.name))
def test_every_credential_field_stands_in_the_page(field: CredentialField) -> None:
    star = " *" if field.secret else ""
    required = "yes" if field.required else "no"

    assert f"| `{field.name}`{star} | {field.label} | {required} | {field.help} |" in PAGE


@pytest.mark.parametrize("category", Category)
def test_every_category_stands_in_the_page(category: Category) -> None:
    assert f"| {category.name} | `{CATEGORIES[category]}` |" in PAGE


@pytest.mark.parametrize("kind", ClickKind)
def test_every_click_action_stands_in_the_page(kind: ClickKind) -> None:
    assert f"| `{kind}` | {SKIP_TYPES[kind]} |" in PAGE


def test_the_page_names_nothing_the_plug_in_does_not_know() -> None:
    codes = PAGE.split("## Codes")[1].split("| any other |")[0].count("\n| ") - 1
    options = PAGE.split("## Options")[1].split("## Codes")[0].count("\n| `")

    assert (codes, options) == (len(OUTCOMES), len(vivo.OPTIONS))
