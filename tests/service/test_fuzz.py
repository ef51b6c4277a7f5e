"""Every RPC takes any message of its type with an answer or a refusal in words, never with a fault of ours."""

from __future__ import annotations

from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pushsvc.v1.push_service_pb2 import DESCRIPTOR
from tests.conftest import Service
from tests.service.refusals import violations_of

SERVICE = DESCRIPTOR.services_by_name["PushService"]
MAX_DEPTH = 3
IDS = st.sampled_from(["im", "alice", "1", "0", "phone", "oppo", "fake", "", "x" * 300, "\0", "\ud7ff", "é", " "])
TEXTS = IDS | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INTEGERS = st.sampled_from([0, 1, 2, -1, 2**31 - 1, -(2**31)])
BIG = st.sampled_from([0, 1, 2, -1, 2**63 - 1, -(2**63)])
NUMBERS = {
    FieldDescriptor.TYPE_INT32: INTEGERS,
    FieldDescriptor.TYPE_INT64: BIG,
    FieldDescriptor.TYPE_UINT32: st.sampled_from([0, 1, 2**32 - 1]),
    FieldDescriptor.TYPE_DOUBLE: st.floats(),
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_STRING: TEXTS,
    FieldDescriptor.TYPE_ENUM: st.integers(-1, 12),
}
# What a refusal may be; INTERNAL and UNKNOWN are faults of ours.
REFUSALS = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
}


@st.composite
def messages(draw: st.DrawFn, descriptor: Descriptor, depth: int = 0) -> Message:
    """Any message of a type, some of it meaningful."""
    message = GetMessageClass(descriptor)()
    for field in descriptor.fields:
        if depth < MAX_DEPTH and draw(st.booleans()):
            _fill(draw, message, field, depth)
    return message


def _fill(draw: st.DrawFn, message: Message, field: FieldDescriptor, depth: int) -> None:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        _fill_map(draw, getattr(message, field.name), field.message_type, depth)
    elif field.message_type is not None and field.is_repeated:
        for _ in range(draw(st.integers(0, 3))):
            getattr(message, field.name).add().CopyFrom(draw(messages(field.message_type, depth + 1)))
    elif field.message_type is not None:
        getattr(message, field.name).CopyFrom(draw(messages(field.message_type, depth + 1)))
    elif field.is_repeated:
        getattr(message, field.name).extend(draw(st.lists(NUMBERS[field.type], max_size=3)))
    else:
        setattr(message, field.name, draw(NUMBERS[field.type]))


def _fill_map(draw: st.DrawFn, entries: Any, entry: Descriptor, depth: int) -> None:
    value = entry.fields_by_name["value"]
    for _ in range(draw(st.integers(0, 2))):
        key = draw(TEXTS)
        if value.message_type is None:
            entries[key] = draw(NUMBERS[value.type])
        else:
            entries[key].CopyFrom(draw(messages(value.message_type, depth + 1)))


async def answer(service: Service, method: MethodDescriptor, request: Message) -> grpc.aio.AioRpcError | None:
    """The refusal; None: it was answered."""
    name = f"/{SERVICE.full_name}/{method.name}"
    try:
        if method.server_streaming:
            stream: Any = service.channel.unary_stream(name)
            responses = stream(request.SerializeToString(), timeout=10)
            await anext(aiter(responses))
            responses.cancel()
        else:
            call: Any = service.channel.unary_unary(name)
            await call(request.SerializeToString(), timeout=10)
    except grpc.aio.AioRpcError as error:
        return error
    return None


@pytest.mark.parametrize("method", list(SERVICE.methods), ids=lambda method: str(method.name))
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_no_request_is_a_fault_of_ours(service: Service, method: MethodDescriptor, data: st.DataObject) -> None:
    request = data.draw(messages(method.input_type))

    refusal = await answer(service, method, request)

    if refusal is not None:
        assert refusal.code() in REFUSALS, refusal.details()
        assert refusal.details()
        if refusal.code() is grpc.StatusCode.INVALID_ARGUMENT:
            assert violations_of(refusal)
