"""Huawei's page in the docs says all that the plug-in and the simulator know."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from vendors import huawei
from vendors.contract import Category, ClickKind, CredentialField, VendorOption
from vendors.huawei.codes import OUTCOMES
from vendors.huawei.notification import CATEGORIES
from vendors.intent_click import TYPES
from vendors.sandbox.huawei.apps import Terms

PAGE = (Path(__file__).parents[2] / "docs" / "vendors" / "huawei.md").read_text()


@pytest.mark.parametrize("code", OUTCOMES)
def test_every_code_stands_in_the_page_with_its_outcome_and_advice(code: int) -> None:
    kind, advice = OUTCOMES[code]

    assert f"| {code} | {kind.__name__} | {advice}" in PAGE


@pytest.mark.parametrize("option", huawei.OPTIONS, ids=lambda option: str(option.name))
def test_every_option_stands_in_the_page_with_its_type_and_help(option: VendorOption) -> None:
    assert f"| `{option.name}` | {option.type} | {option.help} |" in PAGE


@pytest.mark.parametrize("field", huawei.CREDENTIAL_FIELDS, ids=lambda field: str(field.name))
def test_every_credential_field_stands_in_the_page(field: CredentialField) -> None:
    star = " *" if field.secret else ""
    required = "yes" if field.required else "no"

    assert f"| `{field.name}`{star} | {field.label} | {required} | {field.help} |" in PAGE


@pytest.mark.parametrize("category", Category)
def test_every_category_stands_in_the_page(category: Category) -> None:
    assert f"| {category.name} | `{CATEGORIES[category]}` |" in PAGE


@pytest.mark.parametrize("kind", ClickKind)
def test_every_click_action_stands_in_the_page(kind: ClickKind) -> None:
    assert f"| `{kind}` | {TYPES[kind]} |" in PAGE


@pytest.mark.parametrize("name", [spec.name for spec in fields(Terms)])
def test_every_setting_of_the_simulator_stands_in_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE.split("An app's settings")[1]


def test_the_page_names_nothing_the_plug_in_does_not_know() -> None:
    codes = PAGE.split("## Codes")[1].split("| any other 802")[0].count("\n| ") - 1
    options = PAGE.split("## Options")[1].split("## Codes")[0].count("\n| `")

    assert (codes, options) == (len(OUTCOMES), len(huawei.OPTIONS))
