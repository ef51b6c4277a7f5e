"""The whole story of one notification, told step by step: real service, real calls, pretend phone."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import typer

from pushsvc.cli.client import Server, ask
from pushsvc.cli.demo_process import serving
from pushsvc.cli.errors import CommandError
from pushsvc.cli.words import count, reason_words, state_word, vendor_said
from pushsvc.v1 import cert_pb2, delivery_pb2, notification_pb2, push_service_pb2
from vendors.sandbox.bar import render
from vendors.sandbox.oppo.apps import DEMO_APP
from vendors.sandbox.server import SandboxServer, running

APP_ID = "im"
USER_ID = "alice"
PHONE = "CN_00112233445566778899aabbccddeeff"
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
        _say("sandbox", f"a pretend OPPO listens on {sandbox.base_url('oppo')}")
        async with serving(folder, allowed_base_urls=f"{sandbox.url}/") as address:
            _say("serve", f"pushsvc listens on {address}, its data is in a temporary folder")
            server = Server(address, CALL_SECONDS)
            await _check(server, await _send(server, sandbox))
        phone = await _phone(sandbox)
    _show(phone)


def _clean_up_at_sigterm() -> None:
    """Makes a SIGTERM end the story as Ctrl-C does; left alone it would leave the service and the folder behind."""
    task = asyncio.current_task()
    # Windows has no such handlers.
    with suppress(NotImplementedError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: task.cancel() if task else None)


async def _send(server: Server, sandbox: SandboxServer) -> str:
    """Hosts a certificate, registers a phone and sends to it; the message's id."""
    upsert = push_service_pb2.UpsertCertRequest(
        cert=cert_pb2.Cert(
            app_id=APP_ID,
            vendor="oppo",
            display_name="demo",
            credential={"app_key": DEMO_APP.app_key, "master_secret": DEMO_APP.master_secret},
            base_url=sandbox.base_url("oppo"),
            defaults=cert_pb2.CertDefaults(channel_id="chat"),
        ),
        verify=True,
    )
    cert = (await ask(server, lambda stub: stub.UpsertCert, upsert)).cert
    _say("UpsertCert", f"certificate {cert.cert_id} of app {APP_ID}; OPPO takes its credential")

    register = push_service_pb2.RegisterTokenRequest(
        app_id=APP_ID, user_id=USER_ID, cert_id=cert.cert_id, registration_id=PHONE
    )
    registration = (await ask(server, lambda stub: stub.RegisterToken, register)).registration
    _say("RegisterToken", f"{registration.user_id} has the phone {registration.registration_id}")

    send = push_service_pb2.SendOfflineRequest(app_id=APP_ID, user_ids=[USER_ID], notification=NOTIFICATION, wait=True)
    sent = await ask(server, lambda stub: stub.SendOffline, send)
    _say("SendOffline", f"message {sent.message_id} is on disk: {NOTIFICATION.title}")
    return sent.message_id


async def _check(server: Server, message_id: str) -> None:
    """Says what became of the message.

    Raises:
        CommandError: the vendor did not take it.
    """
    request = push_service_pb2.GetMessageRequest(app_id=APP_ID, message_id=message_id)
    message = await ask(server, lambda stub: stub.GetMessage, request)
    if not message.deliveries:
        raise CommandError("the notification did not arrive: no phone was found for it")
    delivery = message.deliveries[0]
    steps = " → ".join(state_word(event.state) for event in delivery.timeline)
    _say("GetMessage", f"{state_word(delivery.state)} after {count(delivery.attempts, 'attempt', 'attempts')}: {steps}")
    if delivery.state != delivery_pb2.DELIVERY_STATE_SENT:
        said = vendor_said(delivery.vendor_code, delivery.vendor_reason) or "nothing"
        raise CommandError(
            f"the notification did not arrive: {reason_words(delivery.reason)}; "
            f"the vendor said {said}; {delivery.advice}"
        )


async def _phone(sandbox: SandboxServer) -> Mapping[str, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{sandbox.url}/_control/oppo/phones/{PHONE}") as response,
    ):
        phone: Mapping[str, Any] = await response.json()
        return phone


def _show(phone: Mapping[str, Any]) -> None:
    """Draws the phone.

    Raises:
        CommandError: what was sent is not on it.
    """
    typer.echo(f"\nOn {USER_ID}'s phone:\n\n{render(phone)}")
    if [shown["title"] for shown in phone["notifications"]] != [NOTIFICATION.title]:
        raise CommandError("the notification did not arrive: it is not on the phone's notification bar")


def _say(step: str, words: str) -> None:
    typer.echo(f"{step:<14} {words}")
