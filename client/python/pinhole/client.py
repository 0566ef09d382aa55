# SPDX-License-Identifier: Apache-2.0
"""The client that blocks."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, TypeVar

import grpc

from pinhole import pages, v1
from pinhole.connection import Settings, Target
from pinhole.errors import Error
from pinhole.retry import Repeat, RetryPolicy, repeat_of, with_request_id
from pinhole.upload import Reader, Upload
from pinhole.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from types import TracebackType
    from typing import Self

    from google.protobuf.message import Message

    RequestT = TypeVar("RequestT", bound=Message)
    ResponseT = TypeVar("ResponseT")
    PageT = TypeVar("PageT", bound=pages.Page)
    EntryT = TypeVar("EntryT")


class Client(Settings):
    """A connection to a server and the caller's session.

    A call that fails with a transient error is repeated if that is safe; see
    `RetryPolicy`. A call that fails raises `Error`. Users are named by handle or
    "users/HANDLE" ("me" is the caller), photos by "photos/ID" or ID.

    Lists return an iterator over at most `limit` entries, by default all, which
    reads a page of up to 100 entries when it is needed.

    `users`, `photos`, `social` and `admin` are the stubs of the services. Use
    `call` for their unary methods, which adds the session, the deadline and the
    retries. Others need `metadata=client.metadata` and raise `grpc.RpcError`,
    which `Error.from_rpc` converts.

    Thread-safe, except for `login`, `logout` and assigning `token`.
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
        """Does not connect; the first call does.

        `target` is HOST:PORT, grpc://HOST:PORT, grpcs://HOST:PORT for TLS, or any
        other gRPC target. `ca_file` is a PEM file of certificate authorities to
        trust instead of gRPC's own. `token` continues a session. `timeout` is the
        deadline in seconds of a call including its retries, `transfer_timeout`
        that of an upload.
        """
        super().__init__(token, timeout, transfer_timeout, retry)
        self.channel = Target(target, ca_file).channel()
        self.users = v1.UserServiceStub(self.channel)
        self.photos = v1.PhotoServiceStub(self.channel)
        self.social = v1.SocialServiceStub(self.channel)
        self.admin = v1.AdminServiceStub(self.channel)

    def close(self) -> None:
        """Closes the connection. Calls in progress fail with `CANCELLED`."""
        self.channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def call(
        self,
        method: grpc.UnaryUnaryMultiCallable[RequestT, ResponseT],
        request: RequestT,
        *,
        timeout: float | None = None,
        repeat: Repeat | None = None,
    ) -> ResponseT:
        """Calls a unary method of a stub with the session, and repeats it if that
        is safe:

            client.call(client.social.FollowUser, v1.FollowUserRequest(name="users/ansel"))

        Sets the `request_id` if the request has one and it is empty. `timeout` is
        in seconds for all attempts together; math.inf means no deadline. `repeat`
        overrides the decision whether the call can be repeated.
        """
        request = with_request_id(request)

        def attempt(seconds: float | None) -> ResponseT:
            return method(request, timeout=seconds, metadata=self.metadata)

        return self._run(attempt, repeat or repeat_of(request), timeout)

    def register(self, handle: str, password: str, *, display_name: str = "") -> v1.User:
        """Creates an account, without signing in."""
        request = v1.CreateUserRequest(
            handle=handle, password=password, display_name=display_name
        )
        return self.call(self.users.CreateUser, request)

    def login(self, handle: str, password: str) -> v1.Session:
        """Signs in, and keeps the token for later calls."""
        request = v1.CreateSessionRequest(handle=handle, password=password)
        session = self.call(self.users.CreateSession, request)
        self.token = session.token
        return session

    def logout(self) -> None:
        """Ends the session. Removes the token even if the call fails."""
        request = v1.DeleteSessionRequest(name="users/me/sessions/current")
        try:
            self.call(self.users.DeleteSession, request)
        finally:
            self.token = ""

    def server_info(self) -> v1.ServerInfo:
        """Gets the server's version, limits and accepted photo formats."""
        return self.call(self.admin.GetServerInfo, v1.GetServerInfoRequest())

    def upload_photo(
        self,
        photo: str | os.PathLike[str] | Reader,
        *,
        caption: str = "",
        alt_text: str = "",
        visibility: v1.Visibility.ValueType = v1.VISIBILITY_PUBLIC,
        request_id: str = "",
    ) -> v1.Photo:
        """Publishes a photo from a file or a binary stream, which is read in
        chunks from its current position to its end.

        An upload from a file or a seekable stream is repeated after a transient
        error, with the same `request_id`, so that the photo is published once. An
        error of the file or stream is raised as it is.
        """
        if isinstance(photo, (str, os.PathLike)):
            with open(photo, "rb") as file:
                return self.upload_photo(
                    file,
                    caption=caption,
                    alt_text=alt_text,
                    visibility=visibility,
                    request_id=request_id,
                )
        upload = Upload(
            photo,
            caption=caption,
            alt_text=alt_text,
            visibility=visibility,
            request_id=request_id,
        )

        def attempt(seconds: float | None) -> v1.Photo:
            sending = upload.send(self.photos, seconds, self.metadata)
            try:
                return sending.result()
            finally:
                sending.cancel()

        return self._run(attempt, upload.repeat, self._transfer_timeout)

    def feed(self, *, limit: int | None = None) -> Iterator[v1.Photo]:
        """Lists the photos of the caller and of followed users, newest first."""
        return self._list(self.social.GetFeed, pages.feed(limit))

    def recent_photos(self, *, limit: int | None = None) -> Iterator[v1.Photo]:
        """Lists the public photos of all users, newest first."""
        return self._list(self.photos.ListRecentPhotos, pages.recent_photos(limit))

    def photos_of(self, user: str, *, limit: int | None = None) -> Iterator[v1.Photo]:
        """Lists the photos of a user, newest first."""
        return self._list(self.photos.ListPhotos, pages.photos_of(user, limit))

    def search_users(self, prefix: str, *, limit: int | None = None) -> Iterator[v1.User]:
        """Lists the users whose handle begins with `prefix`, by handle."""
        return self._list(self.users.SearchUsers, pages.search_users(prefix, limit))

    def followers(self, user: str, *, limit: int | None = None) -> Iterator[v1.User]:
        """Lists the users who follow a user, most recent follow first."""
        return self._list(self.social.ListFollowers, pages.followers(user, limit))

    def following(self, user: str, *, limit: int | None = None) -> Iterator[v1.User]:
        """Lists the users whom a user follows, most recent follow first."""
        return self._list(self.social.ListFollowing, pages.following(user, limit))

    def likes(self, photo: str, *, limit: int | None = None) -> Iterator[v1.Like]:
        """Lists the likes of a photo, most recent first."""
        return self._list(self.social.ListLikes, pages.likes(photo, limit))

    def comments(self, photo: str, *, limit: int | None = None) -> Iterator[v1.Comment]:
        """Lists the comments on a photo, oldest first."""
        return self._list(self.social.ListComments, pages.comments(photo, limit))

    def notifications(self, *, limit: int | None = None) -> Iterator[v1.Notification]:
        """Lists the caller's notifications, newest first."""
        return self._list(self.social.ListNotifications, pages.notifications(limit))

    def blocks(self, *, limit: int | None = None) -> Iterator[str]:
        """Lists the names of the users whom the caller blocks, most recent block
        first."""
        return self._list(self.social.ListBlocks, pages.blocks(limit))

    def sessions(self, *, limit: int | None = None) -> Iterator[v1.Session]:
        """Lists the caller's sessions, newest first."""
        return self._list(self.users.ListSessions, pages.sessions(limit))

    def watch_feed(
        self, resume_token: str = ""
    ) -> Generator[v1.WatchFeedResponse, None, None]:
        """Watches the feed: returns an iterator over its new entries, which ends
        only with an error. Closing the iterator ends the watch.

        Returns when the server has answered, so that the iterator has all entries
        published after that. If the server has refused, the iterator raises the
        error. It resumes after an interruption, however long that takes, without
        missing or repeating an entry once it has returned one. With the
        `resume_token` of the last entry of an earlier watch, it continues that
        watch.
        """
        watch = Watch(resume_token, self._policy)
        call = self.social.WatchFeed(watch.request, metadata=self.metadata)
        call.initial_metadata()

        def entries() -> Generator[v1.WatchFeedResponse, None, None]:
            nonlocal call
            try:
                while True:
                    try:
                        for entry in call:
                            watch.received(entry)
                            yield entry
                        return
                    except grpc.RpcError as failure:
                        error = Error.from_rpc(failure)
                    time.sleep(watch.delay_after(error))
                    call = self.social.WatchFeed(watch.request, metadata=self.metadata)
            finally:
                call.cancel()

        return entries()

    def _run(
        self, attempt: Callable[[float | None], ResponseT], repeat: Repeat, timeout: float | None
    ) -> ResponseT:
        """Runs `attempt`, which takes the seconds until the deadline, until it
        succeeds or must not be repeated."""
        retry = self._retry(repeat, timeout)
        while True:
            try:
                return attempt(retry.timeout())
            except grpc.RpcError as failure:
                error = Error.from_rpc(failure)
            time.sleep(retry.delay_after(error))

    def _list(
        self,
        method: grpc.UnaryUnaryMultiCallable[RequestT, PageT],
        walk: pages.Pages[RequestT, PageT, EntryT],
    ) -> Iterator[EntryT]:
        while (request := walk.request()) is not None:
            yield from walk.take(self.call(method, request))
