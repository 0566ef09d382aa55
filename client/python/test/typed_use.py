# SPDX-License-Identifier: Apache-2.0
"""Uses of both clients whose types `check` verifies; never run."""

from typing import assert_type

from pinhole import AsyncClient, Client, v1


def use(client: Client) -> None:
    assert_type(client.upload_photo("photo.jpg"), v1.Photo)
    assert_type([user.handle for user in client.followers("me")], list[str])
    assert_type(list(client.blocks()), list[str])
    for entry in client.watch_feed():
        assert_type(entry.photo.owner, str)
    request = v1.LikePhotoRequest(name="photos/1")
    assert_type(client.call(client.social.LikePhoto, request), v1.LikePhotoResponse)
    client.call(client.social.LikePhoto, v1.GetFeedRequest())  # type: ignore[misc]


async def use_async(client: AsyncClient) -> None:
    assert_type(await client.upload_photo("photo.jpg"), v1.Photo)
    assert_type([user.handle async for user in client.followers("me")], list[str])
    assert_type([user async for user in client.blocks()], list[str])
    async for entry in await client.watch_feed():
        assert_type(entry.photo.owner, str)
    request = v1.LikePhotoRequest(name="photos/1")
    assert_type(await client.call(client.social.LikePhoto, request), v1.LikePhotoResponse)
    await client.call(client.social.LikePhoto, v1.GetFeedRequest())  # type: ignore[misc]
