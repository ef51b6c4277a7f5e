"""`pushsvc message`: what became of a send, and stopping one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer
from rich.console import RenderableType

from pushsvc.cli.client import Server, call
from pushsvc.cli.delivery_view import deliveries_table, delivery_words, timeline_table, unreachable_words
from pushsvc.cli.options import DEFAULT_SERVER, DEFAULT_TIMEOUT_SECONDS, AppId, AsJson, ServerAddress, Timeout
from pushsvc.cli.output import facts, print_answer
from pushsvc.cli.words import category_word, count, moment, options_text, tap
from pushsvc.v1 import push_service_pb2

app = typer.Typer(name="message", help="What became of a send, and stopping one.", no_args_is_help=True)

MessageId = Annotated[str, typer.Argument(metavar="MESSAGE_ID", help="As `pushsvc send` printed it.")]


@app.command("get")
def get_message(
    *,
    message_id: MessageId,
    app_id: AppId,
    server: ServerAddress = DEFAULT_SERVER,
    timeout: Timeout = DEFAULT_TIMEOUT_SECONDS,
    as_json: AsJson = False,
) -> None:
    """A message with its deliveries, what the vendors said, and each step on the way."""
    request = push_service_pb2.GetMessageRequest(app_id=app_id, message_id=message_id)
    print_answer(call(Server(server, timeout), lambda stub: stub.GetMessage, request), _message_view, as_json=as_json)


@app.command("cancel")
def cancel_message(
    *,
    message_id: MessageId,
    app_id: AppId,
    server: ServerAddress = DEFAULT_SERVER,
    timeout: Timeout = DEFAULT_TIMEOUT_SECONDS,
    as_json: AsJson = False,
) -> None:
    """Stop what has not left of a message."""
    request = push_service_pb2.CancelMessageRequest(app_id=app_id, message_id=message_id)
    print_answer(
        call(Server(server, timeout), lambda stub: stub.CancelMessage, request), _cancelled_view, as_json=as_json
    )


def _cancelled_view(answer: push_service_pb2.CancelMessageResponse) -> Iterable[RenderableType]:
    yield f"cancelled {count(answer.cancelled_deliveries, 'delivery', 'deliveries')}"
    if answer.recalled_deliveries:
        yield f"taken back {count(answer.recalled_deliveries, 'delivery', 'deliveries')}"
    if answer.remaining_deliveries:
        yield f"had left and stays: {count(answer.remaining_deliveries, 'delivery', 'deliveries')}"


def _message_view(answer: push_service_pb2.GetMessageResponse) -> Iterable[RenderableType]:
    notification = answer.notification
    vendor_options = (f"{vendor}: {options_text(values)}" for vendor, values in notification.vendor_options.items())
    yield facts(
        [
            ("message", answer.message_id),
            ("title", notification.title),
            ("body", notification.body),
            ("ext", notification.ext),
            ("tap", tap(notification.click_action)),
            ("channel", notification.channel_id),
            ("category", category_word(notification.category)),
            ("collapse id", notification.collapse_id),
            ("options", "; ".join(sorted(vendor_options))),
            ("accepted", moment(answer.create_time)),
            ("expires", moment(answer.expire_time)),
        ]
    )
    yield from unreachable_words(answer.unreachable_user_ids)
    for delivery in answer.deliveries:
        yield ""
        yield deliveries_table([delivery])
        if words := delivery_words(delivery):
            yield words
        yield timeline_table(delivery.timeline)
