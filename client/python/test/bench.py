# SPDX-License-Identifier: Apache-2.0
"""Prints how fast the clients list 100 photos, compared to the generated stubs
alone: bench.py PHOTO [LISTS].

Client and stub take turns at every list, and figures are medians over all lists.
"""

from __future__ import annotations

import asyncio
import pathlib
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable

from pinhole import AsyncClient, Client, v1
from servers import Server

WARM_UP = 50
PASSWORD = "a long password"
REQUEST = v1.GetFeedRequest(page_size=100)


async def compare(
    name: str, lists: int, of_client: Callable[[], Awaitable[int]],
    of_stub: Callable[[], Awaitable[int]],
) -> None:
    turns = [of_client, of_stub]
    seconds: dict[Callable[[], Awaitable[int]], list[float]] = {of_client: [], of_stub: []}
    for _ in range(lists + WARM_UP):
        for entries in turns:
            begin = time.perf_counter()
            assert await entries() == 100
            seconds[entries].append(time.perf_counter() - begin)
        turns.reverse()
    client, stub = (statistics.median(seconds[side][WARM_UP:]) for side in (of_client, of_stub))
    print(f"{name:12} {1 / client:6.0f} lists of 100 photos per second,"
          f" its stub {1 / stub:6.0f}, ratio {stub / client:.2f}")


async def measure(target: str, photo: str, lists: int) -> None:
    client = Client(target)
    client.register("bench", PASSWORD)
    client.login("bench", PASSWORD)
    for _ in range(100):
        client.upload_photo(photo)
    async_client = AsyncClient(target, token=client.token)

    async def of_client() -> int:
        return sum(1 for _ in client.feed(limit=100))

    async def of_stub() -> int:
        page = client.social.GetFeed(REQUEST, metadata=client.metadata)
        return sum(1 for _ in page.photos)

    async def of_async_client() -> int:
        count = 0
        async for _ in async_client.feed(limit=100):
            count += 1
        return count

    async def of_async_stub() -> int:
        page = await async_client.social.GetFeed(REQUEST, metadata=async_client.metadata)
        count = 0
        for _ in page.photos:
            count += 1
        return count

    await compare("Client", lists, of_client, of_stub)
    await compare("AsyncClient", lists, of_async_client, of_async_stub)
    client.close()
    await async_client.close()


def main() -> None:
    photo = sys.argv[1]
    lists = int(sys.argv[2]) if len(sys.argv) > 2 else 1500
    with tempfile.TemporaryDirectory() as folder, Server(pathlib.Path(folder) / "data") as server:
        asyncio.run(measure(server.target, photo, lists))


if __name__ == "__main__":
    main()
