"""Reads the form every send is (§1.2): application/x-www-form-urlencoded in UTF-8, encoded once."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import Message
from urllib.parse import parse_qsl

from vendors.sandbox.words import quoted
from vendors.sandbox.xiaomi.codes import ILLEGAL_VALUE, WRONG_CONTENT_TYPE, Refused

FORM_TYPE = "application/x-www-form-urlencoded"
REGISTRATION_ID = "registration_id"
MAX_FIELDS = 2000
Form = Mapping[str, str]


def check_content_type(content_type: str) -> None:
    """Checks type and charset.

    Raises:
        Refused: 10007.
    """
    header = Message()
    header["Content-Type"] = content_type.replace("\r", "").replace("\n", "")
    charset = header.get_content_charset("utf-8")
    if not content_type or header.get_content_type() != FORM_TYPE or charset not in ("utf-8", "utf8"):
        raise Refused(WRONG_CONTENT_TYPE, "Content-Type", f"{FORM_TYPE} in UTF-8", quoted(content_type))


def parse_form(body: bytes) -> Form:
    """The form's fields; a target field that comes more than once is joined by commas, as one SDK sends it (§2.1).

    Raises:
        Refused: 10017 for what is no form in UTF-8, or another field that comes twice.
    """
    form: dict[str, str] = {}
    for name, value in _pairs(body):
        if name not in form:
            form[name] = value
        elif name == REGISTRATION_ID:
            form[name] += f",{value}"
        else:
            raise Refused(ILLEGAL_VALUE, name[:40], "the field once", "it twice")
    return form


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            encoding="utf-8",
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except (UnicodeError, ValueError) as error:
        raise Refused(ILLEGAL_VALUE, "", "a form, percent-encoded UTF-8", type(error).__name__) from error
