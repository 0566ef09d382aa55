# SPDX-License-Identifier: Apache-2.0
"""What both clients need for a connection, without input and output."""

from __future__ import annotations

import importlib.metadata
import os

import grpc

from pinhole.retry import Repeat, Retry, RetryPolicy

_TLS = "grpcs://"
_PLAINTEXT = "grpc://"


class Target:
    """A server, and how to connect to it."""

    def __init__(self, target: str, ca_file: str | os.PathLike[str] | None) -> None:
        """`target` is HOST:PORT, grpc://HOST:PORT, grpcs://HOST:PORT for TLS, or
        any other gRPC target. Raises `OSError` if `ca_file` cannot be read."""
        self._credentials: grpc.ChannelCredentials | None = None
        if target.startswith(_TLS):
            self._credentials = grpc.ssl_channel_credentials(_read(ca_file))
        elif ca_file is not None:
            raise ValueError(f'ca_file requires a grpcs:// target, got "{target}"')
        self._address = target.removeprefix(_TLS).removeprefix(_PLAINTEXT)
        self._options: tuple[tuple[str, str | int], ...] = (
            ("grpc.primary_user_agent", f"pinhole-client-python/{_version()}"),
            # The default of up to two minutes is too long.
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 2000),
            # Despite its name, this is the timeout of an attempt to connect.
            ("grpc.min_reconnect_backoff_ms", 5000),
            # `Retry` decides which calls are safe to repeat.
            ("grpc.enable_retries", 0),
            # A quiet watch notices that the server or the network is gone.
            ("grpc.keepalive_time_ms", 60_000),
            ("grpc.keepalive_timeout_ms", 20_000),
            ("grpc.http2.max_pings_without_data", 0),
        )

    def channel(self) -> grpc.Channel:
        if self._credentials is None:
            return grpc.insecure_channel(self._address, self._options)
        return grpc.secure_channel(self._address, self._credentials, self._options)

    def async_channel(self) -> grpc.aio.Channel:
        if self._credentials is None:
            return grpc.aio.insecure_channel(self._address, self._options)
        return grpc.aio.secure_channel(self._address, self._credentials, self._options)


class Settings:
    """The session and the limits of a client."""

    def __init__(
        self, token: str, timeout: float, transfer_timeout: float, retry: RetryPolicy
    ) -> None:
        self.token = token
        """The session's token; empty if signed out. `login` and `logout` set it."""
        self._timeout = timeout
        self._transfer_timeout = transfer_timeout
        self._policy = retry

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """The metadata that a call of a stub needs to carry the session."""
        return (("authorization", f"Bearer {self.token}"),) if self.token else ()

    def _retry(self, repeat: Repeat, timeout: float | None) -> Retry:
        return Retry(self._policy, repeat, self._timeout if timeout is None else timeout)


def _read(path: str | os.PathLike[str] | None) -> bytes | None:
    if path is None:
        return None
    with open(path, "rb") as file:
        return file.read()


def _version() -> str:
    return importlib.metadata.version("pinhole-client")
