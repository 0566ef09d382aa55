# SPDX-License-Identifier: Apache-2.0
"""script/setup and script/server: what a stranger types first. script/server
builds the release preset, which costs nothing where that is what is tested."""

import os
import re
import signal
import subprocess

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


class Packages:
    """A system's packages as apt and dpkg see them: what is installed, and a
    repository of packages by name. Both real programs read it; nothing of it
    can be downloaded, so nothing is installed or removed."""

    def __init__(self, folder):
        self.folder = folder
        self.repository = folder / "repository"
        for path in ("repository", "bin", "etc", "lists/partial",
                     "cache/archives/partial", "dpkg/info", "dpkg/updates"):
            (folder / path).mkdir(parents=True)
        (folder / "dpkg/status").write_text("")
        self.offer()
        (folder / "etc/sources.list").write_text(
            f"deb [trusted=yes] file:{self.repository} ./\n")
        (folder / "apt.conf").write_text(
            f'Dir::Etc "{folder}/etc";\n'
            f'Dir::Etc::parts "{folder}/none";\n'
            f'Dir::Etc::sourceparts "{folder}/none";\n'
            f'Dir::State "{folder}";\n'
            f'Dir::State::lists "{folder}/lists";\n'
            f'Dir::State::status "{folder}/dpkg/status";\n'
            f'Dir::Cache "{folder}/cache";\n'
            'APT::Sandbox::User "root";\n')
        # For those who run the tests as themselves.
        sudo = folder / "bin/sudo"
        sudo.write_text('#!/bin/sh\nexec "$@"\n')
        sudo.chmod(0o755)

    @staticmethod
    def _stanza(name, fields, **more):
        lines = {"Package": name, "Version": "1", "Architecture": "all",
                 "Maintainer": "nobody", "Description": name,
                 **fields, **more}
        return "".join(f"{key}: {value}\n" for key, value in lines.items())

    def install(self, packages):
        (self.folder / "dpkg/status").write_text("\n".join(
            self._stanza(name, fields,
                         Status="install ok installed")
            for name, fields in packages.items()))

    def offer(self, *names, **fields):
        (self.repository / "Packages").write_text("\n".join(
            self._stanza(name, fields if "boost" in name else {},
                         Filename=f"./{name}.deb", Size="1",
                         SHA256="0" * 64)
            for name in names))

    def setup(self):
        """What script/setup says on it. It fails: nothing can be installed."""
        done = subprocess.run(
            [ROOT / "script/setup", "build"], text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE,
            env={**os.environ, "APT_CONFIG": str(self.folder / "apt.conf"),
                 "DPKG_ADMINDIR": str(self.folder / "dpkg"),
                 "PATH": f"{self.folder}/bin:{os.environ['PATH']}"})
        assert done.returncode == 1, done.stdout
        return done.stdout


def asked_for(said):
    return re.search(r"Installing \d+ packages: (.*)", said).group(1).split()


def test_setup_removes_nothing_and_says_what_stands_in_the_way(tmp_path):
    packages = Packages(tmp_path)
    packages.install({
        "libboost1.74-dev": {},
        "libboost-dev": {"Depends": "libboost1.74-dev"}})
    packages.offer(*asked_for(packages.setup()),
                   Conflicts="libboost1.74-dev")

    said = packages.setup()

    assert "remove is disabled" in said  # What apt-get says.
    assert "apt-get remove libboost-dev libboost1.74-dev\n" in said
    assert "script/in-debian" in said


def test_setup_takes_the_boost_that_is_there_if_it_is_new_enough(tmp_path):
    packages = Packages(tmp_path)
    packages.install({"libboost1.88-dev": {}})

    boost = [name for name in asked_for(packages.setup()) if "boost" in name]

    assert boost == ["libboost-json1.88-dev", "libboost-url1.88-dev"]
