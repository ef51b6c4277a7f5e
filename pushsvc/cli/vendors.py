"""`pushsvc vendors`: which phone makers there are and what they want, and a skeleton for another."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from pushsvc.cli.client import Server, call
from pushsvc.cli.options import DEFAULT_SERVER, DEFAULT_TIMEOUT_SECONDS, AsJson, ServerAddress, Timeout
from pushsvc.cli.output import facts, print_answer, table
from pushsvc.cli.scaffold import write_skeleton
from pushsvc.cli.words import category_word, span
from pushsvc.v1 import push_service_pb2

app = typer.Typer(name="vendors", help="Which phone makers there are; 'new' begins another.")


@app.callback(invoke_without_command=True)
def vendors(
    context: typer.Context,
    *,
    server: ServerAddress = DEFAULT_SERVER,
    timeout: Timeout = DEFAULT_TIMEOUT_SECONDS,
    as_json: AsJson = False,
) -> None:
    """The phone makers this pushsvc can push to: credential fields, options and limits; 'new' begins another."""
    if context.invoked_subcommand is not None:
        return
    request = push_service_pb2.ListVendorsRequest()
    print_answer(call(Server(server, timeout), lambda stub: stub.ListVendors, request), _vendors_view, as_json=as_json)


@app.command("new")
def new_vendor(
    name: Annotated[str, typer.Argument(help="What certificates will call it: lower case, such as acme.")],
    *,
    into: Annotated[Path, typer.Option(help="Folder to make the package's folder in.", show_default=False)] = Path(),
) -> None:
    """Write the skeleton of a vendor as a package of its own; its tests say what is still to be filled in."""
    root = write_skeleton(name, into)
    typer.echo(f"{root} is there. Next:\n  cd {root}\n  python -m pip install --editable '.[dev]'\n  python -m pytest")


def _vendors_view(answer: push_service_pb2.ListVendorsResponse) -> Iterable[RenderableType]:
    for vendor in answer.vendors:
        yield Text(f"{vendor.name}: {vendor.label}")
        yield table(
            ("  CREDENTIAL", "KIND", "HELP"),
            (
                (f"  {field.name}", _field_kind(field), f"{field.label}: {field.help}")
                for field in vendor.credential_fields
            ),
        )
        if vendor.options:
            yield table(
                ("  OPTION", "TYPE", "HELP"),
                ((f"  {option.name}", option.type, option.help) for option in vendor.options),
            )
        yield facts(_capability_rows(vendor.capabilities), indent=2)
        yield ""


def _field_kind(field: push_service_pb2.CredentialField) -> str:
    kind = "required" if field.required else "optional"
    return f"{kind}, secret" if field.secret else kind


def _capability_rows(capabilities: push_service_pb2.VendorCapabilities) -> list[tuple[str, str]]:
    abilities = [
        (capabilities.collapse, "replaces by collapse id"),
        (capabilities.dedup, "drops repeats itself"),
        (capabilities.recall, "takes back what it showed"),
        (capabilities.channels, "needs a channel id" if capabilities.channel_required else "has channels"),
        (capabilities.sound, "plays a sound of the app's"),
    ]
    limits = f"title {capabilities.title_limit}, body {capabilities.body_limit}, ext {capabilities.ext_limit}"
    return [
        ("limits", f"{limits} characters"),
        ("keeps for", span(capabilities.max_ttl)),
        ("one call", f"up to {capabilities.max_targets} ({capabilities.batching.replace('_', ' ')})"),
        ("taps", ", ".join(capabilities.click_actions)),
        ("badge", ", ".join(capabilities.badges)),
        ("categories", ", ".join(category_word(category) for category in capabilities.categories)),
        ("rate", f"{capabilities.targets_per_second} phones a second" if capabilities.targets_per_second else ""),
        ("reports", ", ".join(kind.replace("_", " ") for kind in capabilities.receipts)),
        ("also", ", ".join(words for can, words in abilities if can)),
    ]
