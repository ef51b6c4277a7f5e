from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from tests.vendors.harmonyos_samples import CREDENTIAL, KEY, hand_over, jwt_in, key_file, octets, pem, push
from tests.vendors.pushes import NOW
from vendors import harmonyos
from vendors.contract import HttpResponse, InvalidCredential
from vendors.harmonyos.sign import sign
from vendors.outcomes import CredentialRejected

VECTOR = json.loads((Path(__file__).parent / "vectors" / "harmonyos" / "jwt.json").read_text())
PROJECT = "100000000000000002"


def verify(jwt: str, key: rsa.RSAPublicKey, *, salt_bytes: int = 32) -> None:
    """Raises `InvalidSignature` unless the key made it."""
    signed, _, signature = jwt.rpartition(".")
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=salt_bytes)
    key.verify(octets(signature), signed.encode(), pss, hashes.SHA256())


def faults_of(**raw: str) -> dict[str, str]:
    """What is wrong with a credential, by field."""
    with pytest.raises(InvalidCredential) as refused:
        harmonyos.parse_credential({"project_id": PROJECT, "service_account": key_file(), **raw})
    return {violation.field: violation.text for violation in refused.value.violations}


def test_header_and_payload_are_the_recorded_ones() -> None:
    credential = replace(CREDENTIAL, key_id=VECTOR["key_id"], sub_account=VECTOR["sub_account"])

    jwt = sign(credential, now=datetime.fromtimestamp(VECTOR["now"], UTC))

    assert jwt.rpartition(".")[0] == VECTOR["unsigned"]
    assert "=" not in jwt


def test_the_signature_is_ps256_with_a_salt_of_32() -> None:
    jwt = sign(CREDENTIAL, now=NOW)

    verify(jwt, KEY.public_key())
    with pytest.raises(InvalidSignature):
        verify(jwt, KEY.public_key(), salt_bytes=20)


def test_no_two_signatures_are_alike() -> None:
    assert sign(CREDENTIAL, now=NOW) != sign(CREDENTIAL, now=NOW)


def test_all_calls_of_an_exchange_carry_one_jwt() -> None:
    requests, _ = hand_over([push(body="one"), push(body="two"), push(body="three")])

    assert len(requests) == 3
    assert len({jwt_in(request) for request in requests}) == 1


def test_there_is_no_sign_in() -> None:
    assert harmonyos.auth_request(CREDENTIAL, now=NOW) is None
    assert isinstance(harmonyos.parse_auth(HttpResponse(status=200, body=b"{}"), now=NOW), CredentialRejected)


# The key file.


def test_a_key_file_is_read() -> None:
    credential = harmonyos.parse_credential({"project_id": PROJECT, "service_account": key_file()})

    assert (credential.project_id, credential.key_id, credential.sub_account) == (PROJECT, "kid-0001", "100000001")
    verify(sign(credential, now=NOW), KEY.public_key())


def test_a_key_of_another_project_is_the_project_ids_fault() -> None:
    assert faults_of(service_account=key_file(project_id="7")) == {
        "project_id": "is not the project of the key in service_account"
    }


@pytest.mark.parametrize("text", ["made-up", "[]", '"text"', "{", "\ud83d"])
def test_what_is_no_key_file_is_refused(text: str) -> None:
    assert faults_of(service_account=text) == {
        "service_account": "is not the text of a key file: that is a JSON object"
    }


@pytest.mark.parametrize("name", ["project_id", "key_id", "private_key", "sub_account"])
@pytest.mark.parametrize("value", [None, "", 7, ["a"]])
def test_a_member_that_is_missing_is_named(name: str, value: object) -> None:
    assert faults_of(service_account=key_file(**{name: value})) == {
        "service_account": f"is not the text of a key file: it has no {name}"
    }


def test_a_key_that_cannot_be_read_is_refused_without_repeating_it() -> None:
    locked = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"made-up")).decode()
    for unreadable in ("made-up-key", pem().replace("A", "B"), locked):
        faults = faults_of(service_account=key_file(private_key=unreadable))

        assert faults == {
            "service_account": "holds a private_key that can't be read: it must be in PEM and without a password"
        }


def test_a_key_that_is_too_short_or_no_rsa_is_refused() -> None:
    short = pem(rsa.generate_private_key(public_exponent=65537, key_size=1024))  # noqa: S505 - refused for that
    curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for unfit in (short, curve.decode()):
        assert faults_of(service_account=key_file(private_key=unfit)) == {
            "service_account": "holds a private_key that is not RSA of 2048 bits or more"
        }


def test_a_key_is_never_printed() -> None:
    credential = harmonyos.parse_credential({"project_id": PROJECT, "service_account": key_file()})

    assert "RSA" not in repr(credential)


@pytest.mark.parametrize(
    ("token", "is_well_formed"), [("MAMz-1_2:x=", True), ("令牌", False), ("x" * 513, False), ("a b", False)]
)
def test_what_a_token_looks_like(token: str, *, is_well_formed: bool) -> None:
    assert (harmonyos.check_registration_id(CREDENTIAL, token) == "") == is_well_formed
