"""Server reflection, so that grpcurl and ghz need no proto file.

grpc's own servicer asks the descriptor pool for whatever symbol a client names. ghz names the method it is going to
call, and the pool of protobuf's C core knows files by their messages and services but not by their methods.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor
from grpc_reflection.v1alpha import reflection
from grpc_reflection.v1alpha.reflection_pb2_grpc import ServerReflectionServicer

SERVICE = reflection.SERVICE_NAME


class MethodPool:
    """The default descriptor pool, which also finds the file of a method; what grpc's servicer asks, and no more."""

    def __init__(self) -> None:
        self._pool = descriptor_pool.Default()

    def FindFileContainingSymbol(self, symbol: str) -> FileDescriptor:  # noqa: N802 - the pool's name
        """The file that defines a symbol; KeyError if there is none."""
        try:
            return self._pool.FindFileContainingSymbol(symbol)
        except KeyError:
            service_name, _, method_name = symbol.rpartition(".")
            service = self._pool.FindServiceByName(service_name)
            return service.methods_by_name[method_name].containing_service.file

    def FindFileByName(self, name: str) -> FileDescriptor:  # noqa: N802 - the pool's name
        """The file of a name; KeyError if there is none."""
        return self._pool.FindFileByName(name)

    def FindMessageTypeByName(self, name: str) -> Descriptor:  # noqa: N802 - the pool's name
        """The message of a name; KeyError if there is none."""
        return self._pool.FindMessageTypeByName(name)

    def FindExtensionByNumber(self, message: Descriptor, number: int) -> FieldDescriptor:  # noqa: N802 - the pool's name
        """A message's extension; KeyError if there is none."""
        return self._pool.FindExtensionByNumber(message, number)

    def FindAllExtensions(self, message: Descriptor) -> Sequence[FieldDescriptor]:  # noqa: N802 - the pool's name
        """A message's extensions."""
        return self._pool.FindAllExtensions(message)


def servicer(service_names: Sequence[str]) -> ServerReflectionServicer:
    """Describes services and reflection itself."""
    pool = cast("descriptor_pool.DescriptorPool", MethodPool())
    return reflection.aio.ReflectionServicer((*service_names, SERVICE), pool=pool)
