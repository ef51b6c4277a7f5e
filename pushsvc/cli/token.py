"""`pushsvc token`: which phone belongs to which user."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer
from rich.console import RenderableType

from pushsvc.cli.client import Server, call
from pushsvc.cli.options import DEFAULT_SERVER, DEFAULT_TIMEOUT_SECONDS, AppId, AsJson, ServerAddress, Timeout
from pushsvc.cli.output import print_answer, table
from pushsvc.cli.words import count, moment
from pushsvc.v1 import push_service_pb2

app = typer.Typer(name="token", help="Which phone belongs to which user.", no_args_is_help=True)


@app.command("register")
def register_token(
    *,
    app_id: AppId,
    user_id: Annotated[str, typer.Option("--user", help="Who logged in.", show_default=False)],
    cert_id: Annotated[int, typer.Option(help="Certificate of the app's build.", show_default=False)],
    registration_id: Annotated[str, typer.Option(help="What the vendor's SDK gave the app.", show_default=False)],
    device_id: Annotated[str, typer.Option("--device", help="The app's own stable id of the phone.")] = "",
    server: ServerAddress = DEFAULT_SERVER,
    timeout: Timeout = DEFAULT_TIMEOUT_SECONDS,
    as_json: AsJson = False,
) -> None:
    """Bind a phone to a user, as the app does at login."""
    request = push_service_pb2.RegisterTokenRequest(
        app_id=app_id, user_id=user_id, cert_id=cert_id, registration_id=registration_id, device_id=device_id
    )
    answer = call(Server(server, timeout), lambda stub: stub.RegisterToken, request)
    print_answer(answer, lambda stored: _registrations_view([stored.registration]), as_json=as_json)


@app.command("unregister")
def unregister_token(
    *,
    app_id: AppId,
    user_id: Annotated[str, typer.Option("--user", help="The user; alone: all of the user's phones.")] = "",
    device_id: Annotated[str, typer.Option("--device", help="One phone of the user.")] = "",
    registration_id: Annotated[str, typer.Option(help="One phone; with --user only if it is still that user's.")] = "",
    server: ServerAddress = DEFAULT_SERVER,
    timeout: Timeout = DEFAULT_TIMEOUT_SECONDS,
    as_json: AsJson = False,
) -> None:
    """Remove phones, as the app does at logout; what has not left for them is cancelled."""
    request = push_service_pb2.UnregisterTokenRequest(
        app_id=app_id, user_id=user_id, device_id=device_id, registration_id=registration_id
    )
    answer = call(Server(server, timeout), lambda stub: stub.UnregisterToken, request)
    print_answer(answer, _unregistered_view, as_json=as_json)


@app.command("list")
def list_tokens(
    *,
    app_id: AppId,
    user_id: Annotated[str, typer.Option("--user", help="The user.", show_default=False)],
    server: ServerAddress = DEFAULT_SERVER,
    timeout: Timeout = DEFAULT_TIMEOUT_SECONDS,
    as_json: AsJson = False,
) -> None:
    """A user's phones, oldest first."""
    request = push_service_pb2.ListTokensRequest(app_id=app_id, user_id=user_id)
    answer = call(Server(server, timeout), lambda stub: stub.ListTokens, request)
    print_answer(answer, lambda found: _registrations_view(found.registrations), as_json=as_json)


def _registrations_view(registrations: Iterable[push_service_pb2.Registration]) -> Iterable[RenderableType]:
    rows = [
        (
            registration.user_id,
            registration.device_id,
            registration.vendor,
            str(registration.cert_id),
            registration.registration_id,
            moment(registration.register_time),
        )
        for registration in registrations
    ]
    if rows:
        yield table(("USER", "DEVICE", "VENDOR", "CERT", "REGISTRATION ID", "REGISTERED"), rows)
    else:
        yield "no phones registered"


def _unregistered_view(answer: push_service_pb2.UnregisterTokenResponse) -> Iterable[RenderableType]:
    deliveries = count(answer.cancelled_deliveries, "delivery", "deliveries")
    yield f"{count(answer.removed, 'phone', 'phones')} removed, {deliveries} cancelled"
