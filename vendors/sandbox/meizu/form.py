"""Reads the form every call is, and checks who signed it (§1, §2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.message import Message
from hashlib import md5
from urllib.parse import parse_qsl

from vendors.sandbox.meizu.apps import App, Apps
from vendors.sandbox.meizu.codes import (
    BLACK_LISTED,
    UNKNOWN_APP,
    WRONG_SIGN,
    Refused,
    missing,
    not_their_fault,
    wrong,
)
from vendors.sandbox.words import masked, quoted

FORM_TYPE = "application/x-www-form-urlencoded"
Form = Mapping[str, str]

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})|[^\x21-\x7e]")


def parse_form(content_type: str, body: bytes) -> Form:
    """The form's fields.

    Raises:
        Refused: 1005 for another content type or charset, a broken form, or a field that comes twice.
    """
    header = Message()
    header["Content-Type"] = content_type
    charset = header.get_content_charset("utf-8")
    if not content_type or header.get_content_type() != FORM_TYPE or charset not in ("utf-8", "utf8"):
        raise wrong("Content-Type", f"{FORM_TYPE} in UTF-8", quoted(content_type))
    if _BROKEN_ESCAPE.search(body):
        raise wrong("", "a form whose every odd byte is written as %XX", "one that is not")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), errors="strict")
    except ValueError as error:
        raise wrong("", "a form in UTF-8", f"none ({error})") from error
    form = dict(pairs)
    if len(form) != len(pairs):
        raise wrong("", "each field once", "one twice")
    return form


def signature(form: Form, app_secret: str) -> str:
    """By §2: MD5 over every field but `sign`, sorted, joined by nothing, the secret at the end."""
    base = "".join(f"{name}={form[name]}" for name in sorted(form) if name != "sign")
    return md5((base + app_secret).encode(), usedforsecurity=False).hexdigest()


def admitted(form: Form, apps: Apps) -> App:
    """The app that signed a call.

    Raises:
        Refused: 110004, 110000, 110004, 1006 or 110009, in this order.
    """
    app_id, sign = form.get("appId"), form.get("sign")
    if not app_id:
        raise missing("appId", "the app's number")
    app = apps.find(app_id)
    if app is None:
        raise Refused(UNKNOWN_APP, "appId", "the number of one of the sandbox's apps", quoted(app_id))
    if not sign:
        raise missing("sign", "32 lower-case hex digits")
    if sign != signature(form, app.terms.app_secret):
        right = "the lower-case hex of MD5 over all other fields, sorted and not encoded, and the app secret"
        raise Refused(WRONG_SIGN, "sign", right, masked(sign))
    if not app.terms.enabled:
        raise not_their_fault(BLACK_LISTED)
    return app
