from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from vendors import fake, oppo
from vendors.registry import Registry, UnknownVendor

FAKE = EntryPoint(name="fake", value="vendors.fake", group="pushsvc.vendors")
OPPO = EntryPoint(name="oppo", value="vendors.oppo", group="pushsvc.vendors")
BROKEN = EntryPoint(name="broken", value="tests.vendors.no_such_module", group="pushsvc.vendors")


def test_the_built_in_vendors_are_installed_like_any_other() -> None:
    registry = Registry.installed()

    assert {"fake", "oppo"} <= set(registry.names())
    assert registry.get("fake") is fake
    assert registry.get("oppo") is oppo


def test_names_are_sorted() -> None:
    assert Registry([OPPO, FAKE]).names() == ["fake", "oppo"]


def test_each_vendor_bears_the_name_it_is_found_by() -> None:
    vendors, faults = Registry.installed().load_all()

    assert [vendor.NAME for vendor in vendors] == Registry.installed().names()
    assert faults == []


def test_a_group_nobody_fills_is_empty() -> None:
    assert Registry.installed("pushsvc.no_such_group").names() == []


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(UnknownVendor) as caught:
        Registry([OPPO, FAKE]).get("nokia")

    assert str(caught.value) == "nokia is not a vendor; the vendors are fake, oppo"


def test_a_broken_plug_in_names_itself_and_why() -> None:
    with pytest.raises(UnknownVendor) as caught:
        Registry([BROKEN, FAKE]).get("broken")

    assert str(caught.value) == (
        "plug-in broken (tests.vendors.no_such_module of no distribution) can't be used: "
        "No module named 'tests.vendors.no_such_module'"
    )


def test_a_broken_plug_in_hurts_no_other() -> None:
    vendors, faults = Registry([BROKEN, OPPO, FAKE]).load_all()

    assert list(vendors) == [fake, oppo]
    assert len(faults) == 1
    assert faults[0].startswith("plug-in broken (")


def test_a_name_claimed_twice_is_refused_with_both_claims() -> None:
    other = EntryPoint(name="oppo", value="elsewhere.oppo", group="pushsvc.vendors")

    with pytest.raises(ValueError, match="claimed twice") as caught:
        Registry([OPPO, FAKE, other])

    assert str(caught.value) == (
        "plug-in oppo is claimed twice: vendors.oppo of no distribution and elsewhere.oppo of no distribution"
    )


def test_one_claim_seen_twice_is_one() -> None:
    assert Registry([OPPO, OPPO]).names() == ["oppo"]


def test_names_import_nothing() -> None:
    assert Registry([BROKEN]).names() == ["broken"]


def test_a_plug_in_is_the_same_each_time() -> None:
    registry = Registry([FAKE])

    assert registry.get("fake") is registry.get("fake")
