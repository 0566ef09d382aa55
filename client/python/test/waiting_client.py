# SPDX-License-Identifier: Apache-2.0
"""A blocking wrapper of AsyncClient, so that the same tests cover both clients."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncGenerator, Iterator
from typing import Any

from pinhole import AsyncClient


class WaitingClient:
    """Runs an AsyncClient in an event loop in a thread of its own, and waits for
    what its methods return."""

    def __init__(self, target: str, **options: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

        async def open_client() -> AsyncClient:
            return AsyncClient(target, **options)

        self._client = self._wait(open_client())

    def close(self) -> None:
        self._wait(self._client.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._client, name)
        if not inspect.ismethod(attribute):
            return attribute

        def method(*arguments: Any, **options: Any) -> Any:
            result = attribute(*arguments, **options)
            if inspect.iscoroutine(result):
                result = self._wait(result)
            return self._entries(result) if inspect.isasyncgen(result) else result

        return method

    def _entries(self, entries: AsyncGenerator[Any, Any]) -> Iterator[Any]:
        try:
            while True:
                try:
                    yield self._wait(anext(entries))
                except StopAsyncIteration:
                    return
        finally:
            self._wait(entries.aclose())

    def _wait(self, awaitable: Any) -> Any:
        async def awaiting() -> Any:
            return await awaitable

        return asyncio.run_coroutine_threadsafe(awaiting(), self._loop).result()
