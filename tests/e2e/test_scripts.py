# SPDX-License-Identifier: Apache-2.0
"""script/server: what a stranger types first. It builds the release preset,
which costs nothing where that is what is tested."""

import signal

import pytest

from drivers import CommandLineDriver, RestDriver
from processes import PATIENCE, ROOT, Process, running


class ScriptServer(Process):
    """script/server on free ports over `data_dir`."""

    def __init__(self, data_dir, *options):
        super().__init__(
            [ROOT / "script/server", "--data-dir", data_dir,
             "--grpc-listen", "127.0.0.1:0", *options],
            data_dir.parent / "script.log")
        self.grpc = self.addresses["gRPC"]
        self.http = self.addresses.get("HTTP")

    def kill(self):
        # In order, or the server would outlive the script.
        self.send(signal.SIGTERM)
        self.wait()
        super().kill()


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


def test_without_demo_an_empty_folder_stays_empty(data):
    with running(ScriptServer(data, "--no-demo", "--http-listen", "127.0.0.1:0",
                              "--metrics-listen", "off")) as server:
        server.wait_for_line("Pinhole is up")
        rest = RestDriver(server)

        assert rest.recent_photos() == []
        assert set(server.addresses) == {"gRPC", "HTTP"}
        rest.close()


def test_a_new_folder_is_filled_once_and_the_addresses_are_said(
        data, tmp_path):
    def start():
        server = ScriptServer(data, "--http-listen", "127.0.0.1:0",
                              "--metrics-listen", "127.0.0.1:0")
        # Fifty people with two hundred photos take their time.
        server.wait_for_line("Pinhole is up", 6 * PATIENCE)
        return server

    with running(start()) as server:
        assert server.grpc in server.wait_for_line("gRPC")
        assert server.http in server.wait_for_line("HTTP")
        assert "/metrics" in server.wait_for_line("metrics")
        login = server.wait_for_line("PINHOLE_PASSWORD=").split()
        someone = CommandLineDriver(server, None, tmp_path)
        someone.login(login[-1], login[0].split("=")[1])
        newest = [photo["name"] for photo in someone.feed()]
        assert newest

    with running(start()) as server:
        someone = CommandLineDriver(server, None, tmp_path / "again")
        someone.login(login[-1], login[0].split("=")[1])
        assert [photo["name"] for photo in someone.feed()] == newest


def test_a_wrong_option_is_refused_as_the_server_does(data):
    with pytest.raises(AssertionError, match="ended with 2"):
        ScriptServer(data, "--no-such-option")
