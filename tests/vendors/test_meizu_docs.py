"""Meizu's page in the docs says all that the plug-in knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from vendors import meizu
from vendors.contract import Category, ClickKind, CredentialField, VendorOption
from vendors.meizu.codes import CALL_OUTCOMES, PHONE_OUTCOMES, Meaning
from vendors.meizu.notification import MESSAGE_TYPES

PAGE = (Path(__file__).parents[2] / "docs" / "vendors" / "meizu.md").read_text()
AT_THE_TOP, INSIDE_VALUE = PAGE.split("### At the top")[1].split("## Quirks")[0].split("### Inside `value`")


@pytest.mark.parametrize(("code", "meaning"), CALL_OUTCOMES.items())
def test_every_code_of_a_call_stands_in_the_page(code: int, meaning: Meaning) -> None:
    assert f"| {code} | {meaning[0].__name__} | {meaning[1]}" in AT_THE_TOP


@pytest.mark.parametrize(("code", "meaning"), PHONE_OUTCOMES.items())
def test_every_code_of_a_phone_stands_in_the_page(code: int, meaning: Meaning) -> None:
    assert f"| {code} | {meaning[0].__name__} | {meaning[1]}" in INSIDE_VALUE


@pytest.mark.parametrize("option", meizu.OPTIONS, ids=lambda option: str(option.name))
def test_every_option_stands_in_the_page_with_its_type_and_help(option: VendorOption) -> None:
    assert f"| `{option.name}` | {option.type} | {option.help} |" in PAGE


@pytest.mark.parametrize("field", meizu.CREDENTIAL_FIELDS, ids=lambda field: str(field.name))
def test_every_credential_field_stands_in_the_page(field: CredentialField) -> None:
    star = " *" if field.secret else ""
    required = "yes" if field.required else "no"

    assert f"| `{field.name}`{star} | {field.label} | {required} | {field.help} |" in PAGE


@pytest.mark.parametrize("category", Category)
def test_every_category_stands_in_the_page(category: Category) -> None:
    assert f"| {category.name} | {MESSAGE_TYPES[category]} |" in PAGE


@pytest.mark.parametrize("kind", ClickKind)
def test_every_click_action_stands_in_the_page(kind: ClickKind) -> None:
    is_available = f"| `{kind}` | not available |" not in PAGE

    assert f"| `{kind}` |" in PAGE
    assert is_available == (kind in meizu.CAPABILITIES.click_actions)


def test_the_page_names_nothing_the_plug_in_does_not_know() -> None:
    rows = [section.split("| any other |")[0].count("\n| ") - 1 for section in (AT_THE_TOP, INSIDE_VALUE)]
    options = PAGE.split("## Options")[1].split("## Codes")[0].count("\n| `")

    assert (*rows, options) == (len(CALL_OUTCOMES), len(PHONE_OUTCOMES), len(meizu.OPTIONS))
