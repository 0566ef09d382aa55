# SPDX-License-Identifier: Apache-2.0
"""script/setup and script/server: what a stranger types first. script/server
builds the release preset, which costs nothing where that is what is tested."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time
import types

import pytest

from drivers import CommandLineDriver, RestDriver
from processes import BIN, PATIENCE, ROOT, Process, running


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


def test_script_server_builds_all_programs_that_it_runs():
    """Also in an empty folder: the plan does not depend on what is built."""
    script = (ROOT / "script/server").read_text()
    targets = re.search(r"^script/build release (.*)$", script,
                        re.MULTILINE).group(1).split()
    plan = subprocess.run(
        ["ninja", "-C", BIN.parent, "-t", "inputs", *targets], text=True,
        capture_output=True, check=False)

    assert plan.returncode == 0, plan.stderr
    assert {"pinhole-server", "pinhole-gateway", "pinhole"} <= set(targets)
    # The server starts it, and nothing links it.
    assert "bin/pinhole-decoder" in plan.stdout.split()


class Terminal:
    """A terminal in which a command runs."""

    def __init__(self, *command):
        self._ours, theirs = pty.openpty()
        self._popen = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(theirs)
        self.shown = ""

    def read_until(self, text, patience=PATIENCE):
        """Reads until `text` is shown, and returns what was new until then."""
        begin = len(self.shown)
        end = time.monotonic() + patience
        while text not in self.shown[begin:]:
            readable, _, _ = select.select(
                [self._ours], [], [], max(0, end - time.monotonic()))
            assert readable, f"no {text!r} in: {self.shown[-8000:]}"
            self.shown += os.read(self._ours, 1 << 16).decode()
        return self.shown[begin:]

    def press_ctrl_c(self):
        os.write(self._ours, b"\x03")

    def wait(self):
        """The exit code; reads what is still shown."""
        with contextlib.suppress(OSError):  # Nobody has it open any more.
            while piece := os.read(self._ours, 1 << 16):
                self.shown += piece.decode()
        return self._popen.wait(PATIENCE)

    def close(self):
        os.close(self._ours)  # Hangs up.
        self._popen.wait(PATIENCE)


@contextlib.contextmanager
def server_in_a_terminal(data_dir, *options):
    terminal = Terminal(
        ROOT / "script/server", "--data-dir", data_dir,
        "--grpc-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0",
        "--metrics-listen", "off", *options)
    try:
        yield terminal
    finally:
        terminal.close()


INFO = re.compile(r"^\S+ \S+ (info|debug) ", re.MULTILINE)
WARNING = re.compile(r"^\S+ \S+ warning ", re.MULTILINE)


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


def test_without_demo_an_empty_folder_stays_empty(data):
    with running(ScriptServer(data, "--no-demo", "--http-listen", "127.0.0.1:0",
                              "--metrics-listen", "off")) as server:
        server.wait_for_line("Pinhole is running")
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
        server.wait_for_line("Pinhole is running", 6 * PATIENCE)
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


def test_a_terminal_shows_progress_and_hints_and_then_only_warnings(
        data, tmp_path):
    log = data / "server.log"
    # Every hash of a password is slow, by this option.
    with server_in_a_terminal(data, "--log-slow-ms", "1") as terminal:
        # The log may already have added a warning after these words.
        first, _, _ = terminal.read_until(
            "from the log:", 6 * PATIENCE).partition("from the log:")
        address = re.search(r"gRPC +(\S+)", first).group(1)
        login = re.search(r"PINHOLE_PASSWORD=(\S+) .* login (\S+)", first)
        assert re.search(r"log +\S*server\.log", first)
        assert "%" in first  # The bar.
        assert not INFO.search(first) and not WARNING.search(first)
        assert len(INFO.findall(log.read_text())) > 200  # Calls.

        someone = CommandLineDriver(
            types.SimpleNamespace(grpc=address), None, tmp_path)
        someone.login(login.group(2), login.group(1))
        later = terminal.read_until(" warning ")
        someone.feed()
        terminal.press_ctrl_c()

        assert terminal.wait() == 0
        assert "CreateSession" in later + terminal.shown
        assert not INFO.search(terminal.shown)
        assert "shutting down" in log.read_text()


def test_closing_the_terminal_stops_the_server(data):
    with server_in_a_terminal(data, "--no-demo") as terminal:
        terminal.read_until("from the log:")

    assert "shutting down" in (data / "server.log").read_text()


def test_a_terminal_shows_why_the_server_does_not_start(data):
    with server_in_a_terminal(data, "--no-demo", "--no-such-option") as terminal:
        assert terminal.wait() == 2
        assert "--no-such-option" in terminal.shown


def test_the_log_of_the_run_before_is_kept(data):
    for _ in range(2):
        with server_in_a_terminal(data, "--no-demo") as terminal:
            terminal.read_until("from the log:")
            terminal.press_ctrl_c()
            assert terminal.wait() == 0

    for name in ("server.log", "server.log.1"):
        assert (data / name).read_text().count("shutting down") == 1


def test_in_debian_says_how_it_is_used():
    for arguments in ((), ("13",), ("11", "true")):
        done = subprocess.run([ROOT / "script/in-debian", *arguments],
                              capture_output=True, text=True, check=False)

        assert done.returncode == 2
        assert "12|13|24.04 COMMAND" in done.stderr


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

    assert boost == ["libboost-json1.88-dev"]
