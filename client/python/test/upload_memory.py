# SPDX-License-Identifier: Apache-2.0
"""Prints by how many KiB the largest resident memory of this process grows while
it uploads a large photo, after a small one:
upload_memory.py TARGET SMALL LARGE sync|asyncio file|stream
"""

import asyncio
import pathlib
import sys
from collections.abc import Callable

from pinhole import AsyncClient, Client

target, small, large, kind, source = sys.argv[1:]
PASSWORD = "a long password"
HANDLE = f"memory.{kind}.{source}"


class Stream:
    """A stream that is not seekable."""

    def __init__(self, path: str) -> None:
        self.read: Callable[[int], bytes] = open(path, "rb").read


def photo(path: str) -> pathlib.Path | Stream:
    return Stream(path) if source == "stream" else pathlib.Path(path)


def peak() -> int:
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise AssertionError("no VmHWM")


def with_client() -> int:
    with Client(target) as client:
        client.register(HANDLE, PASSWORD)
        client.login(HANDLE, PASSWORD)
        client.upload_photo(photo(small))
        before = peak()
        client.upload_photo(photo(large))
        return peak() - before


async def with_async_client() -> int:
    async with AsyncClient(target) as client:
        await client.register(HANDLE, PASSWORD)
        await client.login(HANDLE, PASSWORD)
        await client.upload_photo(photo(small))
        before = peak()
        await client.upload_photo(photo(large))
        return peak() - before


print(with_client() if kind == "sync" else asyncio.run(with_async_client()))
