"""How a refused call reads on the caller's side."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import timedelta
from typing import cast

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status


async def refusal_of(call: Awaitable[object]) -> grpc.aio.AioRpcError:
    """The error a call ends with."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value


def retry_delay_of(error: grpc.aio.AioRpcError) -> timedelta:
    """When a refusal says to ask again."""
    found = error_details_pb2.RetryInfo()
    [detail] = rpc_status.from_call(cast("grpc.Call", error)).details
    assert detail.Unpack(found)
    return timedelta(milliseconds=found.retry_delay.ToMilliseconds())


def violations_of(error: grpc.aio.AioRpcError) -> dict[str, str]:
    """The faulty fields a refusal names, with what is wrong."""
    status = rpc_status.from_call(cast("grpc.Call", error))
    found = error_details_pb2.BadRequest()
    for detail in status.details:
        detail.Unpack(found)
    return {violation.field: violation.description for violation in found.field_violations}
