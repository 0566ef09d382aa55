# SPDX-License-Identifier: Apache-2.0
"""The error of a failed call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class FieldViolation:
    """A field of the request that was refused."""

    field: str
    """Path of the field, for example "photo.caption"."""
    description: str


class Error(Exception):
    """A failed call."""

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        *,
        reason: str = "",
        fields: Sequence[FieldViolation] = (),
        retry_delay: float | None = None,
    ) -> None:
        super().__init__(f"{code.name}: {message}")
        self.code = code
        self.message = message
        """The explanation for people."""
        self.reason = reason
        """The cause for programs, in upper snake case; may be empty."""
        self.fields = tuple(fields)
        """The fields of the request that were refused."""
        self.retry_delay = retry_delay
        """Seconds to wait before the call is repeated, if the server said so."""

    @classmethod
    def from_rpc(cls, error: grpc.RpcError) -> Error:
        """Converts an error that a stub raised, with the server's details."""
        reason = ""
        fields: list[FieldViolation] = []
        retry_delay = None
        for detail in _status(error).details:
            violations = error_details_pb2.BadRequest()
            info = error_details_pb2.ErrorInfo()
            retry = error_details_pb2.RetryInfo()
            if detail.Unpack(violations):
                fields += [
                    FieldViolation(violation.field, violation.description)
                    for violation in violations.field_violations
                ]
            elif detail.Unpack(info):
                reason = info.reason
            elif detail.Unpack(retry):
                delay = retry.retry_delay
                retry_delay = delay.seconds + delay.nanos / 1e9
        return cls(
            error.code(),
            error.details() or "",
            reason=reason,
            fields=fields,
            retry_delay=retry_delay,
        )


def _status(error: grpc.RpcError) -> status_pb2.Status:
    # The type stubs of grpc and grpc.aio differ; both return key-value pairs.
    metadata = cast("Iterable[tuple[str, str | bytes]]", error.trailing_metadata() or ())
    for key, value in metadata:
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            try:
                return status_pb2.Status.FromString(value)
            except DecodeError:
                break
    return status_pb2.Status()
