"""The whole story of one notification, told step by step: real service, real calls, a pretend phone of every make."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import aiohttp
import typer
from yarl import URL

from pushsvc.cli.client import Server, ask
from pushsvc.cli.demo_process import serving
from pushsvc.cli.errors import CommandError
from pushsvc.cli.words import reason_words, state_word, vendor_said
from pushsvc.v1 import cert_pb2, delivery_pb2, notification_pb2, push_service_pb2
from vendors.sandbox.bar import render_beside
from vendors.sandbox.server import SandboxServer, running
from vendors.sandbox.simulator import Demo, installed

APP_ID = "im"
USER_ID = "alice"
CALL_SECONDS = 10.0
NOTIFICATION = notification_pb2.Notification(
    title="小红：今晚火锅？🍲",
    body="老地方，七点见。Bring an umbrella ☔",
    ext='{"conversation":"hotpot"}',
    click_action=notification_pb2.ClickAction(url="https://im.example.com/chat/hotpot"),
)


def run_demo() -> None:
    """Tells the story, and leaves nothing behind.

    Raises:
        CommandError: the notification did not arrive.
    """
    with TemporaryDirectory(prefix="pushsvc-demo-") as folder:
        try:
            asyncio.run(_story(Path(folder)))
        except asyncio.CancelledError:
            raise CommandError("stopped before the end") from None


async def _story(folder: Path) -> None:
    _clean_up_at_sigterm()
    async with running() as sandbox:
        demos = {name: module.demo() for name, module in installed().items()}
        _say("sandbox", f"pretend makers listen on {sandbox.url}: {', '.join(demos)}")
        async with serving(folder, allowed_base_urls=f"{sandbox.url}/") as address:
            _say("serve", f"pushsvc listens on {address}, its data is in a temporary folder")
            server = Server(address, CALL_SECONDS)
            for name, demo in demos.items():
                await _register(server, name, demo, sandbox.base_url(name))
            await _check(server, await _send(server), len(demos))
        phones = [await _phone(sandbox, name, demo) for name, demo in demos.items()]
    _show(phones)


def _clean_up_at_sigterm() -> None:
    """Makes a SIGTERM end the story as Ctrl-C does; left alone it would leave the service and the folder behind."""
    task = asyncio.current_task()
    # Windows has no such handlers.
    with suppress(NotImplementedError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: task.cancel() if task else None)


async def _register(server: Server, vendor: str, demo: Demo, base_url: str) -> None:
    """Hosts a certificate and registers a phone under it."""
    upsert = push_service_pb2.UpsertCertRequest(
        cert=cert_pb2.Cert(
            app_id=APP_ID,
            vendor=vendor,
            display_name="demo",
            credential=demo.credential,
            base_url=base_url,
            defaults=cert_pb2.CertDefaults(channel_id=demo.channel_id),
        ),
        verify=True,
    )
    cert = (await ask(server, lambda stub: stub.UpsertCert, upsert)).cert
    _say("UpsertCert", f"certificate {cert.cert_id} of app {APP_ID}, for {vendor}")

    register = push_service_pb2.RegisterTokenRequest(
        app_id=APP_ID, user_id=USER_ID, cert_id=cert.cert_id, registration_id=demo.registration_id
    )
    registration = (await ask(server, lambda stub: stub.RegisterToken, register)).registration
    _say("RegisterToken", f"{registration.user_id} has the {vendor} phone {registration.registration_id}")


async def _send(server: Server) -> str:
    """Sends to all phones at once; the message's id."""
    send = push_service_pb2.SendOfflineRequest(app_id=APP_ID, user_ids=[USER_ID], notification=NOTIFICATION, wait=True)
    sent = await ask(server, lambda stub: stub.SendOffline, send)
    _say("SendOffline", f"message {sent.message_id} is on disk: {NOTIFICATION.title}")
    return sent.message_id


async def _check(server: Server, message_id: str, phones: int) -> None:
    """Says what became of the message.

    Raises:
        CommandError: a vendor did not take it.
    """
    request = push_service_pb2.GetMessageRequest(app_id=APP_ID, message_id=message_id)
    message = await ask(server, lambda stub: stub.GetMessage, request)
    if len(message.deliveries) != phones:
        raise CommandError(f"the notification did not arrive: {len(message.deliveries)} of {phones} phones were found")
    for delivery in message.deliveries:
        steps = " → ".join(state_word(event.state) for event in delivery.timeline)
        without = f", without {', '.join(delivery.ignored)}" if delivery.ignored else ""
        _say("GetMessage", f"{delivery.vendor}: {steps}{without}")
        if delivery.state != delivery_pb2.DELIVERY_STATE_SENT:
            said = vendor_said(delivery.vendor_code, delivery.vendor_reason) or "nothing"
            raise CommandError(
                f"the notification did not arrive: {reason_words(delivery.reason)}; "
                f"the vendor said {said}; {delivery.advice}"
            )


async def _phone(sandbox: SandboxServer, vendor: str, demo: Demo) -> Mapping[str, Any]:
    url = f"{sandbox.url}/_control/{vendor}/phones/{quote(demo.registration_id, safe='')}"
    async with aiohttp.ClientSession() as session, session.get(URL(url, encoded=True)) as response:
        phone: Mapping[str, Any] = await response.json()
        return phone


def _show(phones: Sequence[Mapping[str, Any]]) -> None:
    """Draws the phones.

    Raises:
        CommandError: what was sent is not on one of them.
    """
    typer.echo(f"\nOn {USER_ID}'s phones:\n\n{render_beside(phones)}")
    for phone in phones:
        if [shown["title"] for shown in phone["notifications"]] != [NOTIFICATION.title]:
            raise CommandError(f"the notification did not arrive: it is not on the {phone['vendor']} phone")


def _say(step: str, words: str) -> None:
    typer.echo(f"{step:<14} {words}")
