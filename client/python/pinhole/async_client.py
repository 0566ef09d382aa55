# SPDX-License-Identifier: Apache-2.0
"""The client for asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING, TypeVar

import grpc

from pinhole import pages, v1
from pinhole.connection import Settings, Target
from pinhole.errors import Error
from pinhole.retry import Repeat, RetryPolicy, repeat_of, with_request_id
from pinhole.upload import AsyncReader, Reader, Upload, is_async
from pinhole.watch import Watch

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
    from types import TracebackType
    from typing import Self

    from google.protobuf.message import Message

    RequestT = TypeVar("RequestT", bound=Message)
    ResponseT = TypeVar("ResponseT")
    PageT = TypeVar("PageT", bound=pages.Page)
    EntryT = TypeVar("EntryT")


class AsyncClient(Settings):
    """The same as `Client`, with coroutines and asynchronous iterators.

    Must be created and used in one event loop. Tasks of that loop can use it at
    the same time.
    """

    def __init__(
        self,
        target: str,
        *,
        ca_file: str | os.PathLike[str] | None = None,
        token: str = "",
        timeout: float = 30,
        transfer_timeout: float = 300,
        retry: RetryPolicy = RetryPolicy(),
    ) -> None:
        """Takes the same arguments as `Client`."""
        super().__init__(token, timeout, transfer_timeout, retry)
        to = Target(target, ca_file)
        self.channel = to.async_channel()
        self.users: v1.UserServiceAsyncStub = v1.UserServiceStub(self.channel)
        self.photos: v1.PhotoServiceAsyncStub = v1.PhotoServiceStub(self.channel)
        self.social: v1.SocialServiceAsyncStub = v1.SocialServiceStub(self.channel)
        self.admin: v1.AdminServiceAsyncStub = v1.AdminServiceStub(self.channel)
        self._upload_channel = to.channel()
        self._uploads = v1.PhotoServiceStub(self._upload_channel)

    async def close(self) -> None:
        """Closes the connection. Calls in progress are cancelled or fail."""
        self._upload_channel.close()
        await self.channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def call(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[RequestT, ResponseT],
        request: RequestT,
        *,
        timeout: float | None = None,
        repeat: Repeat | None = None,
    ) -> ResponseT:
        """Calls a unary method of a stub with the session, and repeats it if that
        is safe; see `Client.call`."""
        request = with_request_id(request)

        async def attempt(seconds: float | None) -> ResponseT:
            return await method(request, timeout=seconds, metadata=self.metadata)

        return await self._run(attempt, repeat or repeat_of(request), timeout)

    async def register(self, handle: str, password: str, *, display_name: str = "") -> v1.User:
        """Creates an account, without signing in."""
        request = v1.CreateUserRequest(
            handle=handle, password=password, display_name=display_name
        )
        return await self.call(self.users.CreateUser, request)

    async def login(self, handle: str, password: str) -> v1.Session:
        """Signs in, and keeps the token for later calls."""
        request = v1.CreateSessionRequest(handle=handle, password=password)
        session = await self.call(self.users.CreateSession, request)
        self.token = session.token
        return session

    async def logout(self) -> None:
        """Ends the session. Removes the token even if the call fails."""
        request = v1.DeleteSessionRequest(name="users/me/sessions/current")
        try:
            await self.call(self.users.DeleteSession, request)
        finally:
            self.token = ""

    async def server_info(self) -> v1.ServerInfo:
        """Gets the server's version, limits and accepted photo formats."""
        return await self.call(self.admin.GetServerInfo, v1.GetServerInfoRequest())

    async def upload_photo(
        self,
        photo: str | os.PathLike[str] | Reader | AsyncReader,
        *,
        caption: str = "",
        alt_text: str = "",
        visibility: v1.Visibility.ValueType = v1.VISIBILITY_PUBLIC,
        request_id: str = "",
    ) -> v1.Photo:
        """Publishes a photo from a file or a binary stream; see
        `Client.upload_photo`.

        A stream's `read` can be a coroutine function, as that of
        asyncio.StreamReader. Otherwise, it is called in another thread.
        """
        if isinstance(photo, (str, os.PathLike)):
            with open(photo, "rb") as file:
                return await self.upload_photo(
                    file,
                    caption=caption,
                    alt_text=alt_text,
                    visibility=visibility,
                    request_id=request_id,
                )
        loop = asyncio.get_running_loop()
        upload = Upload(
            _Awaiting(photo, loop) if is_async(photo) else photo,
            caption=caption,
            alt_text=alt_text,
            visibility=visibility,
            request_id=request_id,
        )

        async def attempt(seconds: float | None) -> v1.Photo:
            sending = upload.send(self._uploads, seconds, self.metadata)
            done = asyncio.Event()
            sending.when_done(lambda: _call_soon(loop, done.set))
            try:
                await done.wait()
                return sending.result()
            finally:
                sending.cancel()

        return await self._run(attempt, upload.repeat, self._transfer_timeout)

    def feed(self, *, limit: int | None = None) -> AsyncIterator[v1.Photo]:
        """Lists the photos of the caller and of followed users, newest first."""
        return self._list(self.social.GetFeed, pages.feed(limit))

    def recent_photos(self, *, limit: int | None = None) -> AsyncIterator[v1.Photo]:
        """Lists the public photos of all users, newest first."""
        return self._list(self.photos.ListRecentPhotos, pages.recent_photos(limit))

    def photos_of(self, user: str, *, limit: int | None = None) -> AsyncIterator[v1.Photo]:
        """Lists the photos of a user, newest first."""
        return self._list(self.photos.ListPhotos, pages.photos_of(user, limit))

    def search_users(self, prefix: str, *, limit: int | None = None) -> AsyncIterator[v1.User]:
        """Lists the users whose handle begins with `prefix`, by handle."""
        return self._list(self.users.SearchUsers, pages.search_users(prefix, limit))

    def followers(self, user: str, *, limit: int | None = None) -> AsyncIterator[v1.User]:
        """Lists the users who follow a user, most recent follow first."""
        return self._list(self.social.ListFollowers, pages.followers(user, limit))

    def following(self, user: str, *, limit: int | None = None) -> AsyncIterator[v1.User]:
        """Lists the users whom a user follows, most recent follow first."""
        return self._list(self.social.ListFollowing, pages.following(user, limit))

    def likes(self, photo: str, *, limit: int | None = None) -> AsyncIterator[v1.Like]:
        """Lists the likes of a photo, most recent first."""
        return self._list(self.social.ListLikes, pages.likes(photo, limit))

    def comments(self, photo: str, *, limit: int | None = None) -> AsyncIterator[v1.Comment]:
        """Lists the comments on a photo, oldest first."""
        return self._list(self.social.ListComments, pages.comments(photo, limit))

    def notifications(self, *, limit: int | None = None) -> AsyncIterator[v1.Notification]:
        """Lists the caller's notifications, newest first."""
        return self._list(self.social.ListNotifications, pages.notifications(limit))

    def blocks(self, *, limit: int | None = None) -> AsyncIterator[str]:
        """Lists the names of the users whom the caller blocks, most recent block
        first."""
        return self._list(self.social.ListBlocks, pages.blocks(limit))

    def sessions(self, *, limit: int | None = None) -> AsyncIterator[v1.Session]:
        """Lists the caller's sessions, newest first."""
        return self._list(self.users.ListSessions, pages.sessions(limit))

    async def watch_feed(
        self, resume_token: str = ""
    ) -> AsyncGenerator[v1.WatchFeedResponse, None]:
        """Watches the feed; see `Client.watch_feed`:

            async for entry in await client.watch_feed():
        """
        watch = Watch(resume_token, self._policy)
        call = self.social.WatchFeed(watch.request, metadata=self.metadata)
        await call.initial_metadata()

        async def entries() -> AsyncGenerator[v1.WatchFeedResponse, None]:
            nonlocal call
            try:
                while True:
                    try:
                        async for entry in call:
                            watch.received(entry)
                            yield entry
                        return
                    except grpc.RpcError as failure:
                        error = Error.from_rpc(failure)
                    await asyncio.sleep(watch.delay_after(error))
                    call = self.social.WatchFeed(watch.request, metadata=self.metadata)
            finally:
                call.cancel()

        return entries()

    async def _run(
        self,
        attempt: Callable[[float | None], Awaitable[ResponseT]],
        repeat: Repeat,
        timeout: float | None,
    ) -> ResponseT:
        """Runs `attempt`, which takes the seconds until the deadline, until it
        succeeds or must not be repeated."""
        retry = self._retry(repeat, timeout)
        while True:
            try:
                return await attempt(retry.timeout())
            except grpc.RpcError as failure:
                error = Error.from_rpc(failure)
            await asyncio.sleep(retry.delay_after(error))

    async def _list(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[RequestT, PageT],
        walk: pages.Pages[RequestT, PageT, EntryT],
    ) -> AsyncIterator[EntryT]:
        while (request := walk.request()) is not None:
            for entry in walk.take(await self.call(method, request)):
                yield entry


class _Awaiting:
    """Reads an asynchronous stream in another thread than that of its loop."""

    def __init__(self, stream: AsyncReader, loop: asyncio.AbstractEventLoop) -> None:
        self._stream = stream
        self._loop = loop

    def read(self, size: int, /) -> bytes:
        return asyncio.run_coroutine_threadsafe(self._stream.read(size), self._loop).result()


def _call_soon(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    """Calls `callback` in the loop, unless the loop was closed, which ends its
    tasks."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(callback)
