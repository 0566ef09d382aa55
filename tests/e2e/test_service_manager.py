# SPDX-License-Identifier: Apache-2.0
"""What systemd hears of the binaries: ready, alive, stopping."""

import contextlib
import pathlib
import signal
import socket

import pytest

from processes import BIN, PATIENCE, Process, Server


class Manager:
    """systemd's side of NOTIFY_SOCKET."""

    def __init__(self, address):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address.replace("@", "\0", 1))

    def next_state(self, patience=PATIENCE):
        """The assignments of the next message."""
        self._socket.settimeout(patience)
        text = self._socket.recv(4096).decode()
        return dict(line.split("=", 1) for line in text.splitlines())

    def states_until(self, key):
        """Messages up to the first that has `key`."""
        states = []
        while not states or key not in states[-1]:
            states.append(self.next_state())
        return states

    def close(self):
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def address(request, tmp_path):
    """Of a socket in the file system, or of one that has only a name."""
    if request.param == "path":
        return str(tmp_path / "notify")
    return f"@pinhole-{tmp_path.parent.name}-{tmp_path.name}"


@pytest.fixture
def manager(address):
    with contextlib.closing(Manager(address)) as made:
        yield made


def environment(address, **more):
    return {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "300000", **more}


def start(kind, folder, variables):
    if kind == "server":
        return Server(folder / "data", environment=variables)
    return Process(
        [BIN / "pinhole-gateway", "--backend", "127.0.0.1:9",
         "--http-listen", "127.0.0.1:0", "--metrics-listen", "off"],
        pathlib.Path(folder) / "gateway.log", variables)


@pytest.mark.parametrize("kind", ["server", "gateway"])
def test_systemd_hears_ready_alive_and_stopping(
        kind, manager, address, tmp_path):
    process = start(kind, tmp_path, environment(address))
    try:
        assert manager.states_until("READY")[-1] == {
            "READY": "1", "STATUS": "serving"}
        for _ in range(3):
            manager.states_until("WATCHDOG")
        process.send(signal.SIGTERM)
        assert manager.states_until("STOPPING")[-1]["STOPPING"] == "1"
        process.expect_end()
    finally:
        process.kill()


@pytest.mark.parametrize("kind", ["server", "gateway"])
def test_who_is_not_watched_sends_no_heartbeat(
        kind, manager, address, tmp_path):
    process = start(kind, tmp_path, environment(address, WATCHDOG_PID="1"))
    try:
        process.stop()
        heard = manager.states_until("STOPPING")
        assert not any("WATCHDOG" in state for state in heard)
    finally:
        process.kill()


def test_failed_start_is_not_ready(manager, address, tmp_path):
    (tmp_path / "data").write_text("not a directory")

    with pytest.raises(AssertionError, match="before it was ready"):
        start("server", tmp_path, environment(address))

    # The process has ended, so what it sent is there.
    with pytest.raises(BlockingIOError):
        manager.next_state(patience=0)
