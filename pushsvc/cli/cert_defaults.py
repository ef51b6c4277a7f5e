"""Edits a certificate's defaults one by one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from google.protobuf import json_format

from pushsvc.cli.options import category_number, fill_struct
from pushsvc.v1 import cert_pb2, notification_pb2
from vendors.contract import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultChanges:
    """What the command line says about defaults; None and empty options: nothing."""

    channel_id: str | None = None
    click_action: notification_pb2.ClickAction | None = None
    category: Category | None = None
    options: Mapping[str, object] = field(default_factory=dict)


NO_CHANGES = DefaultChanges()


def edited_defaults(stored: cert_pb2.CertDefaults, changes: DefaultChanges) -> cert_pb2.CertDefaults:
    """The stored defaults with the changes over them; what is not changed is kept.

    Raises:
        typer.BadParameter: an option's value can't be sent.
    """
    edited = cert_pb2.CertDefaults()
    edited.CopyFrom(stored)
    if changes.channel_id is not None:
        edited.channel_id = changes.channel_id
    if changes.click_action is not None:
        edited.click_action.CopyFrom(changes.click_action)
    if changes.category is not None:
        edited.category = category_number(changes.category)
    if changes.options:
        # Reading JSON into a Struct empties it first, so what is kept goes in with it.
        kept: dict[str, object] = json_format.MessageToDict(stored.vendor_options)
        fill_struct(edited.vendor_options, {**kept, **changes.options}, option="--option")
    return edited
