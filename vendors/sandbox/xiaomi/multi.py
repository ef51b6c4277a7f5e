"""Different messages in one call (§4): a JSON array, each element a target and a message."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import cast

import orjson

from vendors.sandbox.json_fields import OBJECT, TEXT, Field, check_object, require
from vendors.sandbox.words import quoted
from vendors.sandbox.xiaomi.codes import ILLEGAL_VALUE, MISSING_PARAMETER, Refused
from vendors.sandbox.xiaomi.fields import PREFIX
from vendors.sandbox.xiaomi.form import REGISTRATION_ID, Form

MESSAGES, TIME_TO_SEND = "messages", "time_to_send"
MAX_MESSAGES = 1000
TARGET, MESSAGE, EXTRA = "target", "message", "extra"
ELEMENT: Mapping[str, Field] = {TARGET: TEXT, MESSAGE: OBJECT}
# JSON numbers here, although the form has texts.
NUMBERS = frozenset({"pass_through", "notify_type", "notify_id", "time_to_live", TIME_TO_SEND})

_refused = partial(Refused, ILLEGAL_VALUE)


def forms_of(form: Form) -> list[Form]:
    """Each element of a call as the form that a call of its own would have.

    Raises:
        Refused: 10016 or 10017, naming the element.
    """
    for name in form:
        if name not in (MESSAGES, TIME_TO_SEND):
            raise _refused(name[:40], f"{MESSAGES} and {TIME_TO_SEND}", "this field")
    if MESSAGES not in form:
        raise Refused(MISSING_PARAMETER, MESSAGES, "a JSON array", "none")
    if not form.get(TIME_TO_SEND, "0").isdecimal():
        raise _refused(TIME_TO_SEND, "Unix time in milliseconds, or 0", quoted(form[TIME_TO_SEND]))
    try:
        elements = orjson.loads(form[MESSAGES])
    except orjson.JSONDecodeError as error:
        raise _refused(MESSAGES, "a JSON array", f"no JSON ({error})") from error
    if not isinstance(elements, list) or not 1 <= len(elements) <= MAX_MESSAGES:
        got = str(len(elements)) if isinstance(elements, list) else quoted(elements)
        raise _refused(MESSAGES, f"an array of 1 to {MAX_MESSAGES}", got)
    return [_form_of(element, f"{MESSAGES}[{at}]") for at, element in enumerate(elements)]


def _form_of(element: object, where: str) -> Form:
    if not isinstance(element, dict):
        raise _refused(where, "an object", quoted(element))
    check_object(f"{where}.", element, ELEMENT, _refused)
    for name in ELEMENT:
        require(element, name, f"{where}.", _refused)
    message = cast("dict[str, object]", element[MESSAGE])
    form = {REGISTRATION_ID: cast("str", element[TARGET])}
    for name, value in message.items():
        if name == EXTRA:
            form |= _extra_of(value, f"{where}.{MESSAGE}.{EXTRA}")
        elif name in NUMBERS:
            if type(value) is not int:
                raise _refused(f"{where}.{MESSAGE}.{name}", "a JSON number", quoted(value))
            form[name] = str(value)
        elif not isinstance(value, str) or name.startswith(PREFIX):
            raise _refused(f"{where}.{MESSAGE}.{name[:40]}", "a text, and extra pairs in extra", quoted(value))
        else:
            form[name] = value
    return form


def _extra_of(extra: object, where: str) -> dict[str, str]:
    if not isinstance(extra, dict) or not all(isinstance(value, str) for value in extra.values()):
        raise _refused(where, "an object whose values are all texts", quoted(extra))
    return {f"{PREFIX}{name}": value for name, value in extra.items()}
