"""`pushsvc send`: one notification to users who are offline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

import typer
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import RenderableType
from rich.text import Text

from pushsvc.cli import options
from pushsvc.cli.client import Server, call
from pushsvc.cli.delivery_view import deliveries_table, delivery_words, unreachable_words
from pushsvc.cli.options import DEFAULT_SERVER, DEFAULT_TIMEOUT_SECONDS, AppId, AsJson, ServerAddress, Timeout
from pushsvc.cli.output import one_line, print_answer
from pushsvc.v1 import notification_pb2, push_service_pb2
from vendors.contract import Category


def send(
    *,
    app_id: AppId,
    user_ids: Annotated[list[str], typer.Option("--user", help="Who gets it; repeat it for each.", show_default=False)],
    title: Annotated[str, typer.Option(help="First line.", show_default=False)],
    body: Annotated[str, typer.Option(help="Second line.", show_default=False)],
    ext: Annotated[str, typer.Option(metavar="JSON", help="JSON object passed through to the app.")] = "",
    open_app: Annotated[bool, typer.Option("--open-app", help="A tap opens the app.")] = False,
    url: Annotated[str, typer.Option(help="A tap opens this web page.")] = "",
    activity: Annotated[str, typer.Option(help="A tap opens the page of this class name.")] = "",
    intent_action: Annotated[str, typer.Option(help="A tap opens the page that takes this action string.")] = "",
    intent_uri: Annotated[str, typer.Option(help="A tap opens this deep link.")] = "",
    channel_id: Annotated[str, typer.Option(help="Android notification channel; empty: the certificate's.")] = "",
    category: Annotated[Category | None, typer.Option(help="Message class; not given: the certificate's.")] = None,
    collapse_id: Annotated[str, typer.Option(help="Replaces an earlier notification with the same one.")] = "",
    badge: Annotated[
        str, typer.Option(metavar="COUNT|+1", help="Number on the app's icon, or one more than it is.")
    ] = "",
    sound: Annotated[str, typer.Option(metavar="FILE", help="Sound of the app's to play, such as chime.mp3.")] = "",
    option: Annotated[
        list[str] | None,
        typer.Option(metavar="VENDOR.KEY=JSON", help="A vendor's own option, such as oppo.notify_level=2; repeat it."),
    ] = None,
    ttl: Annotated[str, typer.Option(metavar="DURATION", help="How long it is worth delivering: 90s, 1h30m, 2d.")] = "",
    deliver_after: Annotated[
        str, typer.Option(metavar="WHEN", help="Not before: a duration from now, or a time such as 2030-01-31T08:00Z.")
    ] = "",
    idempotency_key: Annotated[str, typer.Option(help="Makes a repeat of this command safe.")] = "",
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the vendors' first answers.")] = False,
    server: ServerAddress = DEFAULT_SERVER,
    timeout: Timeout = DEFAULT_TIMEOUT_SECONDS,
    as_json: AsJson = False,
) -> None:
    """Send one notification to every registered phone of some users."""
    notification = notification_pb2.Notification(
        title=title,
        body=body,
        ext=ext,
        click_action=options.click_action(
            open_app=open_app, url=url, activity=activity, intent_action=intent_action, intent_uri=intent_uri
        ),
        channel_id=channel_id,
        category=options.category_number(category),
        collapse_id=collapse_id,
        badge=options.badge(badge, option="--badge"),
        sound=sound,
    )
    for vendor, values in options.vendor_options(option or [], option="--option").items():
        options.fill_struct(notification.vendor_options[vendor], values, option="--option")
    request = push_service_pb2.SendOfflineRequest(
        app_id=app_id,
        user_ids=user_ids,
        notification=notification,
        ttl=_duration(ttl),
        deliver_after=_timestamp(deliver_after, now=datetime.now(UTC)),
        idempotency_key=idempotency_key,
        wait=wait,
    )
    print_answer(call(Server(server, timeout), lambda stub: stub.SendOffline, request), _sent_view, as_json=as_json)


def _duration(text: str) -> Duration | None:
    if not text:
        return None
    duration = Duration()
    duration.FromTimedelta(options.duration(text, option="--ttl"))
    return duration


def _timestamp(text: str, *, now: datetime) -> Timestamp | None:
    if not text:
        return None
    timestamp = Timestamp()
    timestamp.FromDatetime(options.point_in_time(text, now=now, option="--deliver-after"))
    return timestamp


def _sent_view(answer: push_service_pb2.SendOfflineResponse) -> Iterable[RenderableType]:
    again = " (the answer to an earlier send with this idempotency key)" if answer.deduplicated else ""
    yield f"message {answer.message_id} accepted{again}"
    if answer.deliveries:
        yield deliveries_table(answer.deliveries)
    for delivery in answer.deliveries:
        if words := delivery_words(delivery):
            yield Text(one_line(delivery.delivery_id))
            yield words
    yield from unreachable_words(answer.unreachable_user_ids)
