"""Sealing: what opens, what does not, and where the key lives."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.sealing import Sealer, SealingError, load_or_create_key_file, parse_key

KEY = b"made-up sealing key, 32 bytes ok"
NEW_KEY = b"another made-up key, 32 bytes ok"
KEY_TEXT = "bWFkZS11cCBzZWFsaW5nIGtleSwgMzIgYnl0ZXMgb2s="
ROW = b"pushsvc:cert:im:1"


# Sealing and opening


@given(plaintext=st.binary(max_size=200), associated_data=st.binary(max_size=50))
def test_what_is_sealed_opens_as_it_was(plaintext: bytes, associated_data: bytes) -> None:
    blob = Sealer([KEY]).seal(plaintext, associated_data)

    assert Sealer([KEY]).open(blob, associated_data) == plaintext


def test_a_blob_does_not_show_what_is_in_it_and_never_looks_the_same() -> None:
    sealer = Sealer([KEY])

    first, second = sealer.seal(b"made-up-secret", ROW), sealer.seal(b"made-up-secret", ROW)

    assert b"made-up-secret" not in first
    assert first != second


@given(data=st.data())
def test_a_blob_changed_in_any_byte_does_not_open(data: st.DataObject) -> None:
    blob = bytearray(Sealer([KEY]).seal(b"made-up-secret", ROW))
    place = data.draw(st.integers(0, len(blob) - 1))
    blob[place] ^= data.draw(st.integers(1, 255))

    with pytest.raises(SealingError):
        Sealer([KEY]).open(bytes(blob), ROW)


@given(blob=st.binary(max_size=60))
def test_no_bytes_from_elsewhere_open(blob: bytes) -> None:
    with pytest.raises(SealingError):
        Sealer([KEY]).open(blob, ROW)


def test_a_blob_copied_to_another_row_does_not_open() -> None:
    blob = Sealer([KEY]).seal(b"made-up-secret", ROW)

    with pytest.raises(SealingError, match="was changed, or belongs to another row"):
        Sealer([KEY]).open(blob, b"pushsvc:cert:im:2")


# Keys


def test_a_rotated_ring_opens_the_old_and_seals_under_the_new() -> None:
    old_blob = Sealer([KEY]).seal(b"made-up-secret", ROW)
    rotated = Sealer([NEW_KEY, KEY])

    new_blob = rotated.seal(rotated.open(old_blob, ROW), ROW)

    assert Sealer([NEW_KEY]).open(new_blob, ROW) == b"made-up-secret"
    with pytest.raises(SealingError, match=r"is sealed under key .*, which is not given; given: "):
        Sealer([NEW_KEY]).open(old_blob, ROW)


def test_a_ring_has_a_key_and_keys_have_32_bytes() -> None:
    with pytest.raises(SealingError, match="there is no sealing key"):
        Sealer([])
    with pytest.raises(SealingError, match="a sealing key has 32 bytes; this one has 31"):
        Sealer([KEY, KEY[:-1]])


def test_a_key_is_read_from_base64() -> None:
    assert parse_key(f" {KEY_TEXT}\n") == KEY


@pytest.mark.parametrize(
    ("text", "words"),
    [("not base64!", "this is not base64"), ("钥匙", "this is not base64"), ("c2hvcnQ=", "this one has 5")],
)
def test_a_faulty_key_is_refused_without_being_told(text: str, words: str) -> None:
    with pytest.raises(SealingError, match=words) as refusal:
        parse_key(text)

    assert text not in str(refusal.value)


def test_nothing_printed_shows_a_key() -> None:
    sealer = Sealer([KEY])

    printed = f"{sealer!r} {sealer}"

    assert printed.startswith("Sealer(key_ids=['")
    assert "made-up" not in printed
    assert KEY.hex() not in printed
    assert KEY_TEXT not in printed


# Fingerprints


def test_a_fingerprint_tells_values_apart_and_stays_the_same() -> None:
    sealer = Sealer([KEY])

    assert sealer.fingerprint("master_secret", "a") == Sealer([KEY]).fingerprint("master_secret", "a")
    assert len(sealer.fingerprint("master_secret", "a")) == 8
    others = [
        sealer.fingerprint("master_secret", "b"),
        sealer.fingerprint("app_key", "a"),
        sealer.fingerprint("master_secreta", ""),
        Sealer([NEW_KEY]).fingerprint("master_secret", "a"),
    ]
    assert sealer.fingerprint("master_secret", "a") not in others


# The key file


def test_a_missing_key_file_is_made_for_its_owner_alone_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "sealing.key"

    first = load_or_create_key_file(path)

    assert load_or_create_key_file(path) == first
    assert len(first) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_two_key_files_have_two_keys(tmp_path: Path) -> None:
    assert load_or_create_key_file(tmp_path / "a.key") != load_or_create_key_file(tmp_path / "b.key")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_key_file_open_to_others_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "sealing.key"
    load_or_create_key_file(path)
    path.chmod(mode)

    with pytest.raises(SealingError, match=rf"is open to others \(mode {mode:04o}\); run: chmod 600 "):
        load_or_create_key_file(path)


def test_a_key_file_without_a_key_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "sealing.key"
    path.write_text("")
    path.chmod(0o600)

    with pytest.raises(SealingError, match=r"sealing\.key: a sealing key has 32 bytes; this one has 0"):
        load_or_create_key_file(path)

    assert path.read_text() == ""


def test_a_key_file_that_can_not_be_made_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(SealingError, match=r"key file .*sealing\.key: No such file or directory"):
        load_or_create_key_file(tmp_path / "missing" / "sealing.key")
