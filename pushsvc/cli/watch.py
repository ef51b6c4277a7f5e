"""`pushsvc watch`: the outcomes of an app's deliveries, as they come."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from pushsvc.cli.client import Server, follow
from pushsvc.cli.options import DEFAULT_SERVER, DEFAULT_TIMEOUT_SECONDS, AppId, AsJson, ServerAddress, Timeout
from pushsvc.cli.output import one_line, print_line
from pushsvc.cli.words import moment, reason_words, state_word, vendor_said
from pushsvc.v1 import delivery_pb2, push_service_pb2


def watch(
    *,
    app_id: AppId,
    cursor: Annotated[
        str, typer.Option(help="Go on behind this one; 0: everything that is kept. Not given: from now on.")
    ] = "",
    server: ServerAddress = DEFAULT_SERVER,
    timeout: Timeout = DEFAULT_TIMEOUT_SECONDS,
    as_json: AsJson = False,
) -> None:
    """Follow the outcomes of an app's deliveries until Ctrl-C, also across restarts of the service.

    With --json each response of the service is one line; its cursor is where to go on.
    """
    request = push_service_pb2.WatchDeliveriesRequest(app_id=app_id, cursor=cursor)

    def seen(response: push_service_pb2.WatchDeliveriesResponse) -> None:
        if as_json:
            print_line(response)
        else:
            for delivery in response.deliveries:
                typer.echo(_line(delivery))
        request.cursor = response.cursor

    def resume() -> None:
        typer.echo(f"the service is away; watching again from cursor {request.cursor}", err=True)

    asyncio.run(follow(Server(server, timeout), lambda stub: stub.WatchDeliveries, request, seen=seen, resume=resume))


def _line(delivery: delivery_pb2.Delivery) -> str:
    words = (
        moment(delivery.update_time),
        state_word(delivery.state),
        delivery.delivery_id,
        delivery.user_id,
        delivery.vendor,
        f"{delivery.registration_id_prefix}…",
        reason_words(delivery.reason),
        vendor_said(delivery.vendor_code, delivery.vendor_reason),
    )
    return one_line("  ".join(word for word in words if word))
