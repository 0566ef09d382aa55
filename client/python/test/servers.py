# SPDX-License-Identifier: Apache-2.0
"""A server as a process of a test, and a connection that can break."""

from __future__ import annotations

import contextlib
import os
import pathlib
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Self

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN = pathlib.Path(os.environ.get("PINHOLE_BIN", ROOT / "build/release/bin"))
# Longer than anything takes on a slow machine.
PATIENCE = float(os.environ.get("PINHOLE_TEST_PATIENCE", "30"))


def eventually(condition: Callable[[], object], what: str) -> None:
    """Waits until `condition` returns a true value."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"timed out waiting for: {what}"
        time.sleep(0.02)


class Server:
    """pinhole-server over `data_dir`, on a free port that it keeps."""

    def __init__(self, data_dir: pathlib.Path, *options: str) -> None:
        self._data_dir = data_dir
        self._options = options
        self.target = "127.0.0.1:0"
        self.start()

    def start(self) -> None:
        """Starts the server, and waits until it is ready."""
        command = [
            str(BIN / "pinhole-server"), "--data-dir", str(self._data_dir),
            "--grpc-listen", self.target, "--http-listen", "off", "--metrics-listen", "off",
            *self._options,
        ]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert self._process.stdout is not None
        output = []
        for line in self._process.stdout:
            output.append(line)
            if line.startswith("gRPC listening on "):
                self.target = line.removeprefix("gRPC listening on ").strip()
            if line.startswith("ready"):
                # The log must not fill the pipe.
                threading.Thread(target=self._process.stdout.read, daemon=True).start()
                return
        raise AssertionError(f"the server did not start: {''.join(output)}")

    def kill(self) -> None:
        """Ends the server as a crash would."""
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()


class Proxy:
    """Forwards TCP connections to `target`, and can break them."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._upstream = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.target = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.connections = 0
        """Connections so far."""
        self.bytes_until_cut: int | None = None
        """Breaks a connection after this number of further bytes to the server."""
        self.withhold_answers = False
        """While true, nothing is forwarded to the client."""
        self._cuts = 0
        self._forwarding: list[threading.Thread] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Breaks all connections, and does not withhold the answers of later ones."""
        broken, self._forwarding = self._forwarding, []
        self._cuts += 1
        for thread in broken:
            thread.join()
        self.withhold_answers = False

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                thread = threading.Thread(target=self._forward, args=(client, self._cuts))
                self._forwarding.append(thread)
                thread.start()

    def _forward(self, client: socket.socket, cuts: int) -> None:
        with client, socket.create_connection(self._upstream) as server, \
                contextlib.suppress(OSError):
            while self._cuts == cuts:
                sources = [client] if self.withhold_answers else [client, server]
                for source in select.select(sources, [], [], 0.02)[0]:
                    data = source.recv(65536)
                    if not data or (source is client and self._reaches_limit(len(data))):
                        return
                    (server if source is client else client).sendall(data)

    def _reaches_limit(self, size: int) -> bool:
        if self.bytes_until_cut is None:
            return False
        self.bytes_until_cut -= size
        if self.bytes_until_cut > 0:
            return False
        self.bytes_until_cut = None
        return True
