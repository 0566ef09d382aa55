# SPDX-License-Identifier: Apache-2.0
"""Settings of the two servers: from where they come, which are refused."""

import os
import re
import subprocess

import pytest

from processes import BIN, Process, Server, running
from test_tls import write_certificate

PROGRAMS = ["pinhole-server", "pinhole-gateway"]
# pinhole-gateway needs to know its servers.
NEEDED = {"pinhole-server": [], "pinhole-gateway": ["--backend", "unix:/none"]}


def ask(program, *options, **variables):
    """What a program says that does not go on to serve."""
    return subprocess.run(
        [BIN / program, *NEEDED[program], *map(str, options)], text=True,
        capture_output=True, timeout=60, check=False,
        env={**{name: value for name, value in os.environ.items()
                if not name.startswith("PINHOLE_")}, **variables})


def settings(program, *options, **variables):
    """Of --print-config: (value, origin) by name."""
    done = ask(program, "--print-config", *options, **variables)
    assert (done.returncode, done.stderr) == (0, "")
    found = re.findall(r"^([a-z-]+) = (.*?) +# (.*)$", done.stdout, re.M)
    return {name: (value, origin) for name, value, origin in found}


def refusal(program, *options, **variables):
    done = ask(program, *options, **variables)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    return done.stderr


@pytest.fixture
def config(tmp_path):
    """Writes the file of settings."""
    def write(text):
        path = tmp_path / "pinhole.conf"
        path.write_text(text)
        return path
    return write


@pytest.mark.parametrize("program", PROGRAMS)
def test_command_line_beats_environment_beats_file_beats_default(
        program, config):
    file = config('\ndrain-seconds = 3\nhttp-max-connections = 30\n'
                  'http-idle-seconds = 33\n')
    shown = settings(
        program, "--config", file, "--drain-seconds", 1,
        PINHOLE_DRAIN_SECONDS="2", PINHOLE_HTTP_MAX_CONNECTIONS="20")

    assert shown["drain-seconds"] == ("1", "flag --drain-seconds")
    assert shown["http-max-connections"] == (
        "20", "environment PINHOLE_HTTP_MAX_CONNECTIONS")
    assert shown["http-idle-seconds"] == ("33", f"file {file}:4")
    assert shown["http-max-json-bytes"] == ("1048576", "default")


def test_server_listens_where_its_file_says(tmp_path, config):
    path = tmp_path / "from-file.sock"
    file = config(f'grpc-listen = ["127.0.0.1:0", "unix:{path}"]\n'
                  'http-listen = "off"\nmetrics-listen = "off"\n')
    with running(Process([BIN / "pinhole-server", "--data-dir",
                          tmp_path / "data", "--config", file],
                         tmp_path / "log")) as server:
        assert server.addresses["gRPC"] == f"unix:{path}"
        assert set(server.addresses) == {"gRPC"}


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_is_printed_is_a_file_that_says_the_same(program, config):
    first = ask(program, "--print-config", "--cors-origin",
                "https://a.example,https://b.example", "--drain-seconds", "2.5",
                "--metrics-on-network", "--clear-text-on-network")
    assert first.returncode == 0, first.stderr
    file = config(first.stdout)

    again = ask(program, "--print-config", "--config", file)

    values = [re.sub(r" +# .*", "", line) for line in first.stdout.splitlines()]
    assert [re.sub(r" +# .*", "", line)
            for line in again.stdout.splitlines()] == values
    assert 'cors-origin = ["https://a.example", "https://b.example"]' in values
    assert f"# file {file}:" in again.stdout
    assert ask(program, "--check-config", "--config", file).returncode == 0


@pytest.mark.parametrize("program", PROGRAMS)
def test_unknown_names_are_refused_with_what_was_meant(program, config):
    file = config('# first\nhttp-listn = "off"\n')

    assert refusal(program, "--config", file) == (
        f"{file}:2: http-listn is not a setting of {program}; did you mean "
        "http-listen?\n")
    assert refusal(program, "--http-listn", "off") == (
        f"--http-listn is not an option of {program}; did you mean "
        "--http-listen?\n")
    assert refusal(program, PINHOLE_HTTP_LISTN="off") == (
        "the environment variable PINHOLE_HTTP_LISTN is not a setting of "
        f"{program}; did you mean PINHOLE_HTTP_LISTEN?\n")


def test_variables_of_the_other_programs_do_not_disturb():
    """Nor does what orchestrators set for a service that is named pinhole."""
    variables = {
        program: set(re.findall(
            r"Env:(PINHOLE_\w+)",
            subprocess.run([BIN / program, "--help"], text=True, check=True,
                           capture_output=True).stdout))
        for program in (*PROGRAMS, "pinhole")}
    others = {"PINHOLE_PASSWORD", "PINHOLE_NEW_PASSWORD", "PINHOLE_BIN",
              "PINHOLE_SERVICE_HOST", "PINHOLE_SERVICE_PORT", "PINHOLE_PORT",
              "PINHOLE_PORT_8080_TCP"}.union(*variables.values())
    for program in PROGRAMS:
        foreign = dict.fromkeys(others - variables[program], "x")
        assert len(foreign) > 8
        done = ask(program, "--check-config", **foreign)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("program", PROGRAMS)
def test_wrong_values_say_where_they_are_and_the_rule(program, config):
    file = config('drain-seconds = "forever"\n')

    assert refusal(program, "--config", file).startswith(
        f"{file}:1: drain-seconds = forever: ")
    assert refusal(program, PINHOLE_HTTP_METRICS="perhaps").startswith(
        "PINHOLE_HTTP_METRICS=perhaps: must be one of auto|on|off, got "
        '"perhaps"\n')
    assert refusal(program, "--http-listen", "here").startswith(
        "--http-listen: 'here' must be HOST:PORT")
    assert refusal(program, "--config", "/no/such.conf") == (
        "cannot read /no/such.conf: No such file or directory\n")


@pytest.mark.parametrize("program", PROGRAMS)
def test_check_finds_what_a_start_would_refuse(program, config, tmp_path):
    write_certificate(tmp_path, "first")
    pair = ["--tls-certificate", tmp_path / "certificate.pem",
            "--tls-key", tmp_path / "key.pem"]
    good = ask(program, "--check-config", *pair)
    assert (good.returncode, good.stdout) == (0, "the settings are valid\n")

    assert "--metrics-on-network" in refusal(
        program, "--check-config", "--metrics-listen", "0.0.0.0:0")
    assert "--clear-text-on-network" in refusal(
        program, "--check-config", "--http-listen", "0.0.0.0:0")
    assert "cannot be passed on" in refusal(
        program, "--check-config", "--forward-header", "host")
    (tmp_path / "key.pem").write_text("no key")
    for options in (["--check-config"], []):
        assert f"the TLS key {tmp_path}/key.pem" in refusal(
            program, *options, *pair)


def test_check_writes_nothing_and_may_be_asked_beside_a_running_server(
        tmp_path):
    data = tmp_path / "data"
    assert ask("pinhole-server", "--check-config",
               "--data-dir", data).returncode == 0
    assert not data.exists()
    with running(Server(data)):
        assert ask("pinhole-server", "--check-config",
                   "--data-dir", data).returncode == 0
    (tmp_path / "file").touch()
    assert f"{tmp_path}/file is not a directory" in refusal(
        "pinhole-server", "--check-config", "--data-dir", tmp_path / "file")


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_option_has_the_variable_of_its_name(program):
    """docs/configuration.md states this rule instead of a column of the table."""
    printed = ask(program, "--print-config").stdout
    names = re.findall(r"^(?:# )?([a-z-]+) (?:=|is not set)", printed, re.M)
    assert len(names) > 10
    help_text = ask(program, "--help").stdout
    for name in names:
        variable = "PINHOLE_" + name.upper().replace("-", "_")
        assert f"Env:{variable})" in help_text


@pytest.mark.parametrize("program", PROGRAMS)
def test_everything_listens_on_this_machine_only_by_default(program):
    listeners = {name: value for name, (value, origin) in
                 settings(program).items()
                 if name.endswith("-listen") and origin == "default"}
    assert {"http-listen", "metrics-listen"} <= set(listeners)
    for value in listeners.values():
        assert value.strip('["]').startswith("127.0.0.1:")
