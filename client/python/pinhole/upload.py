# SPDX-License-Identifier: Apache-2.0
"""An upload, which both clients send with gRPC's own threads.

The client for asyncio does not send it with grpc.aio, because that replaces the
server's answer with an INTERNAL error if it arrives while a message is being sent
(grpc issue 36066), as it does if the server refuses a photo early.
"""

from __future__ import annotations

import inspect
import io
import threading
import uuid
from typing import TYPE_CHECKING, Protocol

import grpc

from pinhole.errors import Error
from pinhole.retry import Repeat
from pinhole.v1 import PhotoMetadata, PhotoServiceStub, UploadPhotoRequest, Visibility

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typing_extensions import TypeIs

    from pinhole.v1 import Photo

_CHUNK_BYTES = 64 * 1024


class Reader(Protocol):
    """A binary stream whose `read` returns b"" at the end.

    If it is seekable, as files are, its size is declared in advance, and a failed
    upload can be repeated.
    """

    def read(self, size: int, /) -> bytes: ...


class AsyncReader(Protocol):
    """A binary stream whose `read` is awaited, such as asyncio.StreamReader."""

    async def read(self, size: int, /) -> bytes: ...


class _Seekable(Reader, Protocol):
    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def tell(self) -> int: ...


def is_async(stream: Reader | AsyncReader) -> TypeIs[AsyncReader]:
    return inspect.iscoroutinefunction(stream.read)


class Upload:
    """A photo to upload, in one attempt after the other."""

    def __init__(
        self,
        stream: Reader,
        *,
        caption: str,
        alt_text: str,
        visibility: Visibility.ValueType,
        request_id: str,
    ) -> None:
        self._stream = stream
        self._metadata = PhotoMetadata(
            caption=caption,
            alt_text=alt_text,
            visibility=visibility,
            request_id=request_id or str(uuid.uuid4()),
        )
        self._seekable: _Seekable | None = None
        if _is_seekable(stream):
            self._seekable = stream
            self._start = stream.tell()
            self._metadata.size_bytes = stream.seek(0, io.SEEK_END) - self._start
        # gRPC reads the stream in another thread, which may continue for a moment
        # after the attempt has failed. It must not move the position once the
        # next attempt has begun.
        self._lock = threading.Lock()
        self._attempts = 0

    @property
    def repeat(self) -> Repeat:
        return Repeat.NEVER if self._seekable is None else Repeat.SAFE

    def send(
        self,
        photos: PhotoServiceStub,
        timeout: float | None,
        metadata: tuple[tuple[str, str], ...],
    ) -> Attempt:
        """Begins an attempt at the start of the stream, and ends the previous one."""
        with self._lock:
            self._attempts += 1
            if self._seekable is not None:
                self._seekable.seek(self._start)
        messages = self._messages(self._attempts)
        return Attempt(photos, messages, timeout, metadata)

    def _messages(self, attempt: int) -> Iterator[UploadPhotoRequest]:
        yield UploadPhotoRequest(metadata=self._metadata)
        while True:
            with self._lock:
                if attempt != self._attempts:
                    return
                chunk = self._stream.read(_CHUNK_BYTES)
            if chunk is None:
                raise BlockingIOError("the stream does not block, so it cannot be uploaded")
            if not chunk:
                return
            yield UploadPhotoRequest(chunk=chunk)


class Attempt:
    """One attempt of an upload, which runs in gRPC's threads."""

    def __init__(
        self,
        photos: PhotoServiceStub,
        messages: Iterator[UploadPhotoRequest],
        timeout: float | None,
        metadata: tuple[tuple[str, str], ...],
    ) -> None:
        self._failure: Exception | None = None
        self._called = threading.Event()
        self._call = photos.UploadPhoto.future(
            self._watched(messages), timeout=timeout, metadata=metadata
        )
        self._called.set()

    def _watched(self, messages: Iterator[UploadPhotoRequest]) -> Iterator[UploadPhotoRequest]:
        # gRPC would log an exception and not raise it.
        try:
            yield from messages
        except Exception as failure:
            self._failure = failure
            self._called.wait()
            self._call.cancel()

    def when_done(self, callback: Callable[[], None]) -> None:
        """Calls `callback` in another thread, or at once if it is done already."""
        self._call.add_done_callback(lambda _: callback())

    def result(self) -> Photo:
        """Waits for the photo. Raises the exception of the stream if it failed."""
        try:
            return self._call.result()
        except grpc.FutureCancelledError:
            if self._failure is not None:
                raise self._failure from None
            raise Error(grpc.StatusCode.CANCELLED, "the client was closed") from None

    def cancel(self) -> None:
        """Ends the attempt. Has no effect if it is done."""
        self._call.cancel()


def _is_seekable(stream: Reader) -> TypeIs[_Seekable]:
    seekable = getattr(stream, "seekable", None)
    return seekable is not None and bool(seekable())
