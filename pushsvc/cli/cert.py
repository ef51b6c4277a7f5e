"""`pushsvc cert`: host, read, check and remove certificates."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pushsvc.cli import options
from pushsvc.cli.cert_defaults import NO_CHANGES, DefaultChanges, edited_defaults
from pushsvc.cli.cert_view import cert_view, certs_view, deleted_view, verdict_view
from pushsvc.cli.client import Server, call
from pushsvc.cli.credential import read_credential
from pushsvc.cli.options import DEFAULT_SERVER, DEFAULT_TIMEOUT_SECONDS, AppId, AsJson, ServerAddress, Timeout
from pushsvc.cli.output import print_answer
from pushsvc.v1 import cert_pb2, push_service_pb2
from vendors.contract import Category

app = typer.Typer(name="cert", help="Host, read, check and remove certificates.", no_args_is_help=True)

CertId = Annotated[int, typer.Argument(metavar="CERT_ID", help="The certificate's id.", show_default=False)]


# Without `allow_extra_args` a forgotten `--credential` would have its secret repeated in the error.
@app.command("upsert", context_settings={"allow_extra_args": True})
def upsert_cert(
    *,
    context: typer.Context,
    app_id: AppId,
    vendor: Annotated[str, typer.Option(help="Phone maker, as `pushsvc vendors` names it; required to create.")] = "",
    cert_id: Annotated[
        int | None, typer.Option(min=1, help="Edit this certificate; what is not given is kept.")
    ] = None,
    name: Annotated[str, typer.Option(help="A name for people.")] = "",
    credential: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="One credential field; repeat it for each.")
    ] = None,
    credential_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="JSON object of credential fields, `-` for standard input: keeps secrets out of history.",
        ),
    ] = None,
    channel_id: Annotated[str | None, typer.Option(help="Default Android notification channel.")] = None,
    click_open_app: Annotated[bool, typer.Option("--click-open-app", help="A tap opens the app.")] = False,
    click_url: Annotated[str, typer.Option(help="A tap opens this web page.")] = "",
    click_activity: Annotated[str, typer.Option(help="A tap opens the page of this class name.")] = "",
    click_intent_action: Annotated[str, typer.Option(help="A tap opens the page that takes this action string.")] = "",
    click_intent_uri: Annotated[str, typer.Option(help="A tap opens this deep link.")] = "",
    category: Annotated[Category | None, typer.Option(help="Default message class.")] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=JSON", help="Default for one of the vendor's own options; repeat it for each."),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(help="Root in place of the vendor's hosts, such as a sandbox; empty: the vendor's hosts."),
    ] = None,
    targets_per_second: Annotated[
        int | None,
        typer.Option(min=0, help="Most phones a second; 0: what the vendor takes of the smallest account."),
    ] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Save only if the vendor takes the credential.")] = False,
    server: ServerAddress = DEFAULT_SERVER,
    timeout: Timeout = DEFAULT_TIMEOUT_SECONDS,
    as_json: AsJson = False,
) -> None:
    """Create a certificate, or edit the one of --cert-id."""
    if context.args:
        raise typer.BadParameter("each option takes one value; repeat --credential for each field")
    target = Server(server, timeout)
    cert = cert_pb2.Cert(
        app_id=app_id,
        cert_id=cert_id or 0,
        vendor=vendor,
        display_name=name,
        credential=read_credential(credential or [], credential_file, stdin=sys.stdin),
        base_url=base_url,
        targets_per_second=targets_per_second,
    )
    changes = DefaultChanges(
        channel_id=channel_id,
        click_action=options.click_action(
            open_app=click_open_app,
            url=click_url,
            activity=click_activity,
            intent_action=click_intent_action,
            intent_uri=click_intent_uri,
        ),
        category=category,
        options=options.json_values(options.pairs(option or [], option="--option")),
    )
    if changes != NO_CHANGES:
        cert.defaults.CopyFrom(edited_defaults(_stored_defaults(target, app_id, cert_id), changes))
    request = push_service_pb2.UpsertCertRequest(cert=cert, verify=verify)
    answer = call(target, lambda stub: stub.UpsertCert, request)
    print_answer(answer, lambda saved: cert_view(saved.cert), as_json=as_json)


def _stored_defaults(target: Server, app_id: str, cert_id: int | None) -> cert_pb2.CertDefaults:
    """What an edit starts from: the service replaces defaults as a whole, here each is edited by itself."""
    if cert_id is None:
        return cert_pb2.CertDefaults()
    request = push_service_pb2.GetCertRequest(app_id=app_id, cert_id=cert_id)
    return call(target, lambda stub: stub.GetCert, request).cert.defaults


@app.command("list")
def list_certs(
    *,
    app_id: AppId,
    server: ServerAddress = DEFAULT_SERVER,
    timeout: Timeout = DEFAULT_TIMEOUT_SECONDS,
    as_json: AsJson = False,
) -> None:
    """An app's certificates and how the vendors see them."""
    request = push_service_pb2.ListCertsRequest(app_id=app_id)
    print_answer(call(Server(server, timeout), lambda stub: stub.ListCerts, request), certs_view, as_json=as_json)


@app.command("get")
def get_cert(
    *,
    cert_id: CertId,
    app_id: AppId,
    server: ServerAddress = DEFAULT_SERVER,
    timeout: Timeout = DEFAULT_TIMEOUT_SECONDS,
    as_json: AsJson = False,
) -> None:
    """One certificate: what it holds, its health and its queue; no secret."""
    request = push_service_pb2.GetCertRequest(app_id=app_id, cert_id=cert_id)
    answer = call(Server(server, timeout), lambda stub: stub.GetCert, request)
    print_answer(answer, lambda found: cert_view(found.cert), as_json=as_json)


@app.command("verify")
def verify_cert(
    *,
    cert_id: CertId,
    app_id: AppId,
    server: ServerAddress = DEFAULT_SERVER,
    timeout: Timeout = DEFAULT_TIMEOUT_SECONDS,
    as_json: AsJson = False,
) -> None:
    """Ask the vendor's sign-in now. Exits with 1 unless it takes the credential or there is none to ask."""
    request = push_service_pb2.VerifyCertRequest(app_id=app_id, cert_id=cert_id)
    answer = call(Server(server, timeout), lambda stub: stub.VerifyCert, request)
    print_answer(answer, verdict_view, as_json=as_json)
    if answer.verdict not in {push_service_pb2.VERDICT_ACCEPTED, push_service_pb2.VERDICT_NOT_SUPPORTED}:
        raise typer.Exit(1)


@app.command("delete")
def delete_cert(
    *,
    cert_id: CertId,
    app_id: AppId,
    force: Annotated[
        bool, typer.Option("--force", help="Also remove the phones registered under it and cancel what waits for them.")
    ] = False,
    server: ServerAddress = DEFAULT_SERVER,
    timeout: Timeout = DEFAULT_TIMEOUT_SECONDS,
    as_json: AsJson = False,
) -> None:
    """Remove a certificate; refused while phones are registered under it, unless --force."""
    request = push_service_pb2.DeleteCertRequest(app_id=app_id, cert_id=cert_id, force=force)
    print_answer(call(Server(server, timeout), lambda stub: stub.DeleteCert, request), deleted_view, as_json=as_json)
