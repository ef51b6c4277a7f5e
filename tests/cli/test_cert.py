from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.timestamp_pb2 import Timestamp

from pushsvc.v1 import cert_pb2
from pushsvc.v1 import push_service_pb2 as api
from tests.cli.canned import CannedService, Command

NEW = ("cert", "upsert", "--app", "im", "--vendor", "oppo", "--name", "OPPO")
SECRET = "made-up-master-secret"
REFUSED_SINCE = Timestamp(seconds=1_900_000_000)
NEXT_PROBE = Timestamp(seconds=1_900_000_060)


def stored_cert() -> cert_pb2.Cert:
    return ParseDict(
        {
            "app_id": "im",
            "cert_id": 7005,
            "vendor": "oppo",
            "display_name": "OPPO [bold]聊天[/bold]",
            "credential": {"app_key": "made-up-key"},
            "secrets": [{"name": "master_secret", "fingerprint": "0a1b2c3d"}],
            "defaults": {
                "channel_id": "chat",
                "click_action": {"url": "https://im.example.com/"},
                "category": "CATEGORY_ORDER",
                "vendor_options": {"notify_level": 2},
            },
            "base_url": "http://127.0.0.1:9090/oppo",
            "health": {
                "state": "CERT_STATE_REJECTED",
                "vendor_code": "16",
                "vendor_reason": "Invalid sign",
                "advice": "Check the master secret.",
                "since_time": REFUSED_SINCE.ToJsonString(),
                "next_probe_time": NEXT_PROBE.ToJsonString(),
            },
            "pending_deliveries": 12,
        },
        cert_pb2.Cert(),
    )


async def test_a_new_cert_is_sent_whole(service: CannedService, command: Command) -> None:
    service.answers["UpsertCert"] = api.UpsertCertResponse(cert=stored_cert())

    exit_code, _, err = await command(
        *NEW,
        *("--credential", "app_key=made-up-key", "--credential", f"master_secret={SECRET}"),
        *("--channel-id", "chat", "--click-activity", "com.example.Chat", "--category", "order"),
        *("--option", "notify_level=2", "--option", "label=news"),
        *("--base-url", "http://127.0.0.1:9090/oppo", "--verify", "--server", service.address),
    )

    assert (exit_code, err) == (0, "")
    assert service.requests == [
        ParseDict(
            {
                "verify": True,
                "cert": {
                    "app_id": "im",
                    "vendor": "oppo",
                    "display_name": "OPPO",
                    "credential": {"app_key": "made-up-key", "master_secret": SECRET},
                    "defaults": {
                        "channel_id": "chat",
                        "click_action": {"activity": "com.example.Chat"},
                        "category": "CATEGORY_ORDER",
                        "vendor_options": {"notify_level": 2, "label": "news"},
                    },
                    "base_url": "http://127.0.0.1:9090/oppo",
                },
            },
            api.UpsertCertRequest(),
        )
    ]


async def test_what_is_not_said_is_left_unset_so_that_an_edit_keeps_it(
    service: CannedService, command: Command
) -> None:
    await command("cert", "upsert", "--app", "im", "--cert-id", "7005", "--name", "New", "--server", service.address)

    expected = cert_pb2.Cert(app_id="im", cert_id=7005, display_name="New")
    assert service.requests == [api.UpsertCertRequest(cert=expected)]


async def test_editing_one_default_keeps_the_others(service: CannedService, command: Command) -> None:
    service.answers["GetCert"] = api.GetCertResponse(cert=stored_cert())

    await command(
        *("cert", "upsert", "--app", "im", "--cert-id", "7005", "--channel-id", "calls", "--option", "label=news"),
        *("--server", service.address),
    )

    defaults = {
        "channel_id": "calls",
        "click_action": {"url": "https://im.example.com/"},
        "category": "CATEGORY_ORDER",
        "vendor_options": {"notify_level": 2, "label": "news"},
    }
    upsert = {"cert": {"app_id": "im", "cert_id": 7005, "defaults": defaults}}
    assert service.requests == [
        api.GetCertRequest(app_id="im", cert_id=7005),
        ParseDict(upsert, api.UpsertCertRequest()),
    ]


async def test_an_empty_base_url_is_said_and_means_the_vendors_own_hosts(
    service: CannedService, command: Command
) -> None:
    await command("cert", "upsert", "--app", "im", "--cert-id", "7", "--base-url", "", "--server", service.address)

    request = service.requests[0]
    assert isinstance(request, api.UpsertCertRequest)
    assert request.cert.HasField("base_url")


async def test_secrets_come_from_a_file_and_single_fields_win_over_it(
    service: CannedService, command: Command, tmp_path: Path
) -> None:
    file = tmp_path / "oppo.json"
    file.write_text(json.dumps({"app_key": "old", "master_secret": SECRET}))

    await command(*NEW, "--credential-file", str(file), "--credential", "app_key=new", "--server", service.address)

    request = service.requests[0]
    assert isinstance(request, api.UpsertCertRequest)
    assert dict(request.cert.credential) == {"app_key": "new", "master_secret": SECRET}


async def test_secrets_come_from_standard_input(
    service: CannedService, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"master_secret": SECRET})))

    await command(*NEW, "--credential-file", "-", "--server", service.address)

    request = service.requests[0]
    assert isinstance(request, api.UpsertCertRequest)
    assert dict(request.cert.credential) == {"master_secret": SECRET}


@pytest.mark.parametrize(
    "words",
    [
        ["--credential", SECRET],
        ["--credential", f"={SECRET}"],
        ["--credential", "app_key=x", f"master_secret={SECRET}"],
    ],
)
async def test_a_slip_never_repeats_the_secret(command: Command, words: list[str]) -> None:
    exit_code, out, err = await command(*NEW, *words)

    assert exit_code == 2
    assert err.startswith("error: Invalid value")
    assert SECRET not in out + err


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f'{{"master_secret": "{SECRET}"', "is not JSON in UTF-8"),
        (f'["{SECRET}"]', "must hold one JSON object"),
        (f'{{"master_secret": ["{SECRET}"]}}', "the value of master_secret must be a text"),
        (f'{{"master_secret": "{SECRET}\\ud800"}}', "the value of master_secret must be a text"),
    ],
)
async def test_a_credential_file_that_cannot_be_used_is_named_without_its_content(
    command: Command, tmp_path: Path, text: str, complaint: str
) -> None:
    file = tmp_path / "oppo.json"
    file.write_text(text)

    result = await command(*NEW, "--credential-file", str(file))

    assert result == (2, "", f"error: Invalid value for --credential-file: {complaint}\n")


async def test_a_credential_file_that_is_not_there_is_wrong_usage(command: Command, tmp_path: Path) -> None:
    exit_code, _, err = await command(*NEW, "--credential-file", str(tmp_path / "none.json"))

    assert exit_code == 2
    assert err.endswith("none.json can't be read: No such file or directory\n")


async def test_a_tap_does_one_thing(command: Command) -> None:
    exit_code, _, err = await command(*NEW, "--click-url", "https://a.example", "--click-open-app")

    assert exit_code == 2
    assert err == "error: Invalid value: a tap does one thing: give one click option only\n"


async def test_a_cert_reads_as_words(service: CannedService, command: Command) -> None:
    service.answers["GetCert"] = api.GetCertResponse(cert=stored_cert())

    exit_code, out, _ = await command("cert", "get", "7005", "--app", "im", "--server", service.address)

    assert exit_code == 0
    assert service.requests == [api.GetCertRequest(app_id="im", cert_id=7005)]
    assert [line.rstrip() for line in out.splitlines()] == [
        "certificate       7005",
        "app               im",
        "vendor            oppo",
        "name              OPPO [bold]聊天[/bold]",
        "credential        app_key=made-up-key",
        "secrets set       master_secret (fingerprint 0a1b2c3d)",
        "hosts             http://127.0.0.1:9090/oppo",
        "default channel   chat",
        "default tap       open https://im.example.com/",
        "default category  order",
        "default options   notify_level=2",
        "health            REFUSED by the vendor since 2030-03-17 17:46:40.000Z",
        "vendor said       16: Invalid sign",
        "what to do        Check the master secret.",
        "next probe        2030-03-17 17:47:40.000Z",
        "waiting           12 pending deliveries",
    ]


async def test_certs_are_listed_one_a_row_without_cutting(service: CannedService, command: Command) -> None:
    untried = cert_pb2.Cert(cert_id=7006, vendor="fake", display_name="x" * 100)
    untried.health.state = cert_pb2.CERT_STATE_UNTRIED
    service.answers["ListCerts"] = api.ListCertsResponse(certs=[stored_cert(), untried])

    _, out, _ = await command("cert", "list", "--app", "im", "--server", service.address)

    header, first, second = out.splitlines()
    assert header.split() == ["CERT", "VENDOR", "NAME", "HEALTH", "WAITING", "HOSTS"]
    assert first.startswith("7005  oppo")
    assert "REFUSED by the vendor since 2030-03-17 17:46:40.000Z" in first
    assert "x" * 100 in second
    assert "not tried yet" in second


async def test_an_app_without_certs_says_so(service: CannedService, command: Command) -> None:
    result = await command("cert", "list", "--app", "im", "--server", service.address)

    assert result == (0, "no certificates\n", "")


@pytest.mark.parametrize(
    ("verdict", "exit_code", "words"),
    [
        (api.VERDICT_ACCEPTED, 0, "the vendor takes the credential"),
        (api.VERDICT_NOT_SUPPORTED, 0, "this vendor has no sign-in to ask; the first push will tell"),
        (api.VERDICT_REJECTED, 1, "the vendor REFUSES the credential"),
        (api.VERDICT_UNKNOWN, 1, "no verdict: the vendor could not be asked"),
    ],
)
async def test_a_verdict_is_words_and_an_exit_code(
    service: CannedService, command: Command, verdict: api.Verdict.ValueType, exit_code: int, words: str
) -> None:
    service.answers["VerifyCert"] = api.VerifyCertResponse(verdict=verdict, vendor_code="16", advice="Look.")

    result, out, err = await command("cert", "verify", "7", "--app", "im", "--server", service.address)

    assert (result, err) == (exit_code, "")
    assert [line.rstrip() for line in out.splitlines()] == [
        f"verdict      {words}",
        "vendor said  16",
        "what to do   Look.",
    ]


async def test_deleting_says_what_went_with_it(service: CannedService, command: Command) -> None:
    service.answers["DeleteCert"] = api.DeleteCertResponse(removed_registrations=1, cancelled_deliveries=2)

    result = await command("cert", "delete", "7", "--app", "im", "--force", "--server", service.address)

    assert result == (0, "deleted; 1 phone removed, 2 deliveries cancelled\n", "")
    assert service.requests == [api.DeleteCertRequest(app_id="im", cert_id=7, force=True)]
