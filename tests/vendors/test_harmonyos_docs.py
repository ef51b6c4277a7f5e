"""HarmonyOS's page in the docs says all that the plug-in and the simulator know."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from vendors import harmonyos
from vendors.contract import Category, ClickKind, CredentialField, VendorOption
from vendors.harmonyos.click import TYPES
from vendors.harmonyos.codes import OUTCOMES, REASONS, UNLISTED, UNLISTED_AUTHENTICATION, UNLISTED_REASON
from vendors.harmonyos.notification import CATEGORIES
from vendors.sandbox.harmonyos.apps import DEMO_APP, Terms

PAGE = (Path(__file__).parents[2] / "docs" / "vendors" / "harmonyos.md").read_text()


@pytest.mark.parametrize("code", OUTCOMES)
def test_every_code_stands_in_the_page_with_its_outcome_and_advice(code: int) -> None:
    kind, advice = OUTCOMES[code]

    assert f"| {code} | {kind.__name__} | {advice}" in PAGE


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_stands_in_the_page_with_its_outcome_and_advice(reason: str) -> None:
    kind, advice = REASONS[reason]

    assert f"| `{reason}` | {kind.__name__} | {advice} |" in PAGE


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("any other", UNLISTED),
        ("any other 802xxxxx", UNLISTED_AUTHENTICATION),
        ("any other", UNLISTED_REASON),
    ],
)
def test_what_is_unlisted_stands_in_the_page(name: str, rule: tuple[type, str]) -> None:
    kind, advice = rule

    assert f"| {name} | {kind.__name__} | {advice} |" in PAGE


@pytest.mark.parametrize("option", harmonyos.OPTIONS, ids=lambda option: str(option.name))
def test_every_option_stands_in_the_page_with_its_type_and_help(option: VendorOption) -> None:
    assert f"| `{option.name}` | {option.type} | {option.help} |" in PAGE


@pytest.mark.parametrize("field", harmonyos.CREDENTIAL_FIELDS, ids=lambda field: str(field.name))
def test_every_credential_field_stands_in_the_page(field: CredentialField) -> None:
    star = " *" if field.secret else ""
    required = "yes" if field.required else "no"

    assert f"| `{field.name}`{star} | {field.label} | {required} | {field.help} |" in PAGE


@pytest.mark.parametrize("category", Category)
def test_every_category_stands_in_the_page(category: Category) -> None:
    assert f"| {category.name} | `{CATEGORIES[category]}` |" in PAGE


@pytest.mark.parametrize("kind", sorted(harmonyos.CAPABILITIES.click_actions))
def test_every_click_action_stands_in_the_page(kind: ClickKind) -> None:
    assert f"| `{kind}` | {TYPES[kind]} |" in PAGE


@pytest.mark.parametrize("name", [spec.name for spec in fields(Terms)])
def test_every_setting_of_the_simulator_stands_in_the_page(name: str) -> None:
    assert f"| `{name}` |" in PAGE.split("An app's settings")[1]


def test_the_page_names_the_demo_app() -> None:
    assert f"project_id `{DEMO_APP.project_id}`" in PAGE


def test_the_page_names_nothing_the_plug_in_does_not_know() -> None:
    codes = PAGE.split("## Codes")[1].split("| any other 802xxxxx |")[0].count("\n| ") - 1
    reasons = PAGE.split("### Reasons")[1].split("| any other |")[0].count("\n| `")
    options = PAGE.split("## Options")[1].split("## Codes")[0].count("\n| `")

    assert (codes, reasons, options) == (len(OUTCOMES), len(REASONS), len(harmonyos.OPTIONS))
