# SPDX-License-Identifier: Apache-2.0
"""Which failed calls are repeated, and after which delay."""

from __future__ import annotations

import enum
import math
import random
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import grpc

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from pinhole.errors import Error

    Request = TypeVar("Request", bound=Message)


@dataclass(frozen=True)
class RetryPolicy:
    """How often and after which delays a failed call is repeated."""

    max_attempts: int = 4
    """Attempts of a call including the first; 1 disables retries."""
    initial_backoff: float = 0.05
    """Seconds before the first retry. The delay doubles with each retry, and is
    reduced by a random part of at most half."""
    max_backoff: float = 5.0
    """The longest delay in seconds, unless the server requests a longer one."""


class Repeat(enum.Enum):
    """Whether a call can be repeated."""

    SAFE = enum.auto()
    """Idempotent: reads, most writes, and creates with a `request_id`."""
    ONLY_IF_REFUSED = enum.auto()
    """Repeated only if it was certainly not carried out."""
    NEVER = enum.auto()
    """Not repeated, for example because the input is consumed."""


def repeat_of(request: Message) -> Repeat:
    """Returns whether the call with this request can be repeated.

    A second attempt of a delete or a password change would report a failure
    where the first one succeeded, and a create without a `request_id` would
    create twice.
    """
    descriptor = request.DESCRIPTOR
    if descriptor.name.startswith(("Change", "Delete")):
        return Repeat.ONLY_IF_REFUSED
    creates = descriptor.name.startswith("Create")
    if creates and "request_id" not in descriptor.fields_by_name:
        return Repeat.ONLY_IF_REFUSED
    return Repeat.SAFE


def with_request_id(request: Request) -> Request:
    """Returns `request`, or a copy with a new UUID as its `request_id` if it has
    such a field and it is empty."""
    if "request_id" not in request.DESCRIPTOR.fields_by_name:
        return request
    if getattr(request, "request_id"):
        return request
    copy = type(request)()
    copy.CopyFrom(request)
    setattr(copy, "request_id", str(uuid.uuid4()))
    return copy


class Retry:
    """The state of the retries of one call."""

    def __init__(self, policy: RetryPolicy, repeat: Repeat, timeout: float) -> None:
        """`timeout` is in seconds from now, for all attempts together; infinite
        means no deadline."""
        self._policy = policy
        self._repeat = repeat
        self._deadline = time.monotonic() + timeout
        self._attempts = 0

    def timeout(self) -> float | None:
        """Seconds until the deadline, or None if there is none."""
        left = self._deadline - time.monotonic()
        return None if math.isinf(left) else max(left, 0)

    def delay_after(self, error: Error) -> float:
        """Returns the delay in seconds before the next attempt after one that
        failed with `error`, at least the delay that the server requested.

        Raises `error` if the call must not be repeated: the error is permanent,
        all attempts are used, or the deadline would pass.
        """
        self._attempts += 1
        if self._attempts >= self._policy.max_attempts or not self._may_repeat(error):
            raise error
        # After 2^20 the delay is at its maximum.
        doublings = min(self._attempts - 1, 20)
        backoff = min(self._policy.initial_backoff * 2.0**doublings, self._policy.max_backoff)
        delay = backoff * random.uniform(0.5, 1)
        if error.retry_delay is not None:
            delay = max(delay, error.retry_delay)
        if time.monotonic() + delay >= self._deadline:
            raise error
        return delay

    def _may_repeat(self, error: Error) -> bool:
        if self._repeat is Repeat.NEVER:
            return False
        if error.code is grpc.StatusCode.RESOURCE_EXHAUSTED:
            # With a delay, the server refused the call before it carried it out.
            # Without one, it is a limit for which waiting does not help.
            return error.retry_delay is not None
        transient = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.ABORTED)
        return error.code in transient and self._repeat is Repeat.SAFE
