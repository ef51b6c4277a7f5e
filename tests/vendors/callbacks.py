"""Callbacks as each maker's page has them, for one phone and the contract suite's parameter; all values made up."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import orjson

from vendors.receipts import Callback
from vendors.testing import RECEIPT_PARAMETER

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


def of_json(content: object, **headers: str) -> Callback:
    return Callback(headers={**JSON, **headers}, body=orjson.dumps(content))


def of_form(**fields: str) -> Callback:
    return Callback(headers=FORM, body=urlencode(fields).encode())


def oppo(phone: str, event: str, **changes: object) -> Callback:
    item: Mapping[str, object] = {
        "messageId": "made-up-1-1-65a1",
        "appId": "made-up-app-id",
        "taskId": "made-up-1-1-65a1",
        "registrationIds": phone,
        "eventTime": "1767225600000",
        "param": RECEIPT_PARAMETER,
        "eventType": event,
        **changes,
    }
    return of_json([item])


def xiaomi(phone: str, event: int, **changes: object) -> Callback:
    item: Mapping[str, object] = {
        "param": RECEIPT_PARAMETER,
        "type": event,
        "targets": phone,
        "jobkey": "",
        "barStatus": "Enable",
        "timestamp": 1767225600000,
        **changes,
    }
    return of_form(data=orjson.dumps({"sdm01a1": item}).decode())


def statuses(phone: str, status: int, *, tag: str = "biTag", **headers: str) -> Callback:
    """Huawei's first form, and Honor's."""
    item = {
        tag: RECEIPT_PARAMETER,
        "appid": "100000000",
        "token": phone,
        "status": status,
        "timestamp": 1767225600000,
        "requestId": "made-up",
    }
    return of_json({"statuses": [item]}, **headers)


def harmonyos(phone: str, result: int) -> Callback:
    """Huawei's second form."""
    item = {
        "token": phone,
        "pushType": 0,
        "appPackageName": "com.example.app",
        "biTag": RECEIPT_PARAMETER,
        "requestId": "made-up",
        "deliveryStatus": {"result": result, "timestamp": 1767225600000},
    }
    return of_json({"statuses": [item]})


def meizu(phone: str, kind: int, *, token: str) -> Callback:
    item = {"param": RECEIPT_PARAMETER, "type": kind, "targets": [phone]}
    return of_form(cb=orjson.dumps({f"NS2018_0_1_3-{kind}": item}).decode(), access_token=token)


def vivo(phone: str, ack: str, **changes: object) -> Callback:
    item: Mapping[str, object] = {
        "param": RECEIPT_PARAMETER,
        "targets": phone,
        "ackTime": 1767225600000,
        "ackType": ack,
        **changes,
    }
    return of_json({"541362618526760960": item})
