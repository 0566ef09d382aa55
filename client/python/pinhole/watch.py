# SPDX-License-Identifier: Apache-2.0
"""The position of a watch of the feed."""

from __future__ import annotations

import dataclasses
import logging
import math
import sys
from typing import TYPE_CHECKING

from pinhole.retry import Repeat, Retry, RetryPolicy
from pinhole.v1 import WatchFeedRequest

if TYPE_CHECKING:
    from pinhole.errors import Error
    from pinhole.v1 import WatchFeedResponse

_log = logging.getLogger("pinhole")


class Watch:
    """Where a watch resumes after an interruption, and when.

    A watch requires a session, so the server could be reached before, and an
    outage can last longer than the attempts of a call. Therefore the number of
    attempts is unlimited, unless the policy disables retries.
    """

    def __init__(self, resume_token: str, policy: RetryPolicy) -> None:
        if policy.max_attempts > 1:
            policy = dataclasses.replace(policy, max_attempts=sys.maxsize)
        self._policy = policy
        self._reset()
        self.request = WatchFeedRequest(resume_token=resume_token)

    def received(self, entry: WatchFeedResponse) -> None:
        self._reset()
        self.request.resume_token = entry.resume_token

    def delay_after(self, error: Error) -> float:
        """Returns the delay in seconds before the watch is resumed. Raises `error`
        if it is permanent."""
        delay = self._retry.delay_after(error)
        _log.warning("the watch was interrupted and resumes in %.1f s: %s", delay, error)
        return delay

    def _reset(self) -> None:
        self._retry = Retry(self._policy, Repeat.SAFE, math.inf)
