# SPDX-License-Identifier: Apache-2.0
"""A client of Pinhole, a photo-sharing server.

    from pinhole import Client

    with Client("127.0.0.1:50051") as client:
        client.login("ansel", "a long password")
        client.upload_photo("half-dome.jpg", caption="Half Dome")
        for photo in client.feed(limit=10):
            print(photo.name, photo.caption)

`Client` blocks; `AsyncClient` has the same methods for asyncio. `pinhole.v1`
has the messages and stubs of every method. A failed call raises `Error`.
"""

from pinhole.async_client import AsyncClient
from pinhole.client import Client
from pinhole.errors import Error, FieldViolation
from pinhole.names import photo_name, user_name
from pinhole.retry import Repeat, RetryPolicy

__all__ = [
    "AsyncClient",
    "Client",
    "Error",
    "FieldViolation",
    "Repeat",
    "RetryPolicy",
    "photo_name",
    "user_name",
]
