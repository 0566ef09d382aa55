# SPDX-License-Identifier: Apache-2.0
"""Running it: metrics, health, a second server, addresses that are taken."""

import signal
import subprocess

import grpc
import pytest
import requests

import metrics_page
from drivers import RestDriver
from metrics_page import scrape
from processes import BIN, PATIENCE, Gateway, Server, running


def test_metrics_count_calls_from_both_doors(server, people):
    people("ansel").whoami()
    rest = people.stranger(RestDriver)
    rest.login("ansel")
    rest.whoami()

    text = scrape(server)
    handled = [line for line in text.splitlines()
               if line.startswith("grpc_server_handled_total")
               and 'grpc_method="GetUser"' in line
               and 'grpc_code="OK"' in line]
    assert len(handled) == 1 and handled[0].endswith(" 2"), handled


def test_gateway_metrics_page_is_clean(gateway, people):
    rest = people.stranger(RestDriver, gateway)
    rest.recent_photos()

    assert metrics_page.check(scrape(gateway)) == ""


def refused_start(*arguments):
    done = subprocess.run([BIN / "pinhole-server", *map(str, arguments)],
                          capture_output=True, text=True, timeout=PATIENCE,
                          check=False)
    assert done.returncode not in (0, -signal.SIGABRT, -signal.SIGSEGV), done
    return done.stderr + done.stdout


@pytest.mark.parametrize("binary, more", [
    ("pinhole-server", ["--data-dir"]), ("pinhole-gateway", ["--backend"])])
def test_metrics_are_on_the_network_only_if_that_is_said(tmp_path, binary, more):
    done = subprocess.run(
        [BIN / binary, *more, tmp_path / "other", "--metrics-listen",
         "0.0.0.0:0"],
        capture_output=True, text=True, timeout=PATIENCE, check=False)

    assert done.returncode == 2, done
    assert "--metrics-on-network" in done.stderr
    assert not (tmp_path / "other").exists()


def test_metrics_are_on_the_network_if_that_is_said(tmp_path):
    with running(Server(tmp_path / "data", "--metrics-listen", "0.0.0.0:0",
                        "--metrics-on-network")) as server:
        assert server.metrics.startswith("0.0.0.0:")


@pytest.mark.parametrize("binary, options, said", [
    ("pinhole-server", ["--grpc-listen", "0.0.0.0:0", "--clear-text-on-network"],
     "--grpc-on-network-despite-floods"),
    ("pinhole-server", ["--grpc-listen", "0.0.0.0:0",
                        "--grpc-on-network-despite-floods"],
     "--clear-text-on-network"),
    ("pinhole-server", ["--http-listen", "0.0.0.0:0"],
     "--clear-text-on-network"),
    ("pinhole-gateway", ["--http-listen", "0.0.0.0:0", "--backend",
                         "127.0.0.1:1"], "--clear-text-on-network")])
def test_what_is_open_to_the_network_is_so_only_if_that_is_said(
        tmp_path, binary, options, said):
    command = [BIN / binary, *options]
    if binary == "pinhole-server":
        command += ["--data-dir", tmp_path / "other"]
    done = subprocess.run(command, capture_output=True, text=True,
                          timeout=PATIENCE, check=False)

    assert done.returncode == 2, done
    assert said in done.stderr
    assert not (tmp_path / "other").exists()


def test_all_is_open_to_the_network_if_that_is_said(tmp_path):
    with running(Server(tmp_path / "data", "--grpc-listen", "0.0.0.0:0",
                        "--http-listen", "0.0.0.0:0",
                        "--grpc-on-network-despite-floods",
                        "--clear-text-on-network")) as server:
        assert server.http.startswith("0.0.0.0:")
        assert server.grpc.startswith("0.0.0.0:")
        with running(Gateway("127.0.0.1:" + server.grpc.rsplit(":", 1)[1],
                             tmp_path, "--http-listen", "0.0.0.0:0",
                             "--clear-text-on-network")) as gateway:
            assert gateway.http.startswith("0.0.0.0:")


FREE = ["--http-listen", "off", "--metrics-listen", "off"]


def test_second_server_on_the_same_folder_is_refused(server):
    said = refused_start("--data-dir", server.data_dir,
                         "--grpc-listen", "127.0.0.1:0", *FREE)

    assert str(server.data_dir) in said
    assert "another" in said or "in use" in said


@pytest.mark.parametrize("flag, name", [
    ("--grpc-listen", "gRPC"), ("--http-listen", "HTTP"),
    ("--metrics-listen", "metrics")])
def test_second_server_on_the_same_port_is_refused(
        server, tmp_path, flag, name):
    listeners = {"--grpc-listen": "127.0.0.1:0", "--http-listen": "off",
                 "--metrics-listen": "off", flag: server.addresses[name]}

    said = refused_start("--data-dir", tmp_path / "other",
                         *(part for pair in listeners.items()
                           for part in pair))

    assert server.addresses[name] in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_server_in_order(tmp_path, number):
    server = Server(tmp_path / "data")

    server.send(number)

    assert server.wait() == 0
    server.stop()


def test_listeners_can_be_off(tmp_path):
    with running(Server(tmp_path / "data", *FREE)) as server:
        assert set(server.addresses) == {"gRPC"}


def test_wrong_flags_are_a_usage_error(tmp_path):
    done = subprocess.run(
        [BIN / "pinhole-server", "--data-dir", tmp_path, "--no-such-flag"],
        capture_output=True, text=True, timeout=PATIENCE, check=False)

    assert done.returncode == 2 or "no-such-flag" in done.stderr
    assert done.returncode != 0


@pytest.mark.parametrize("name", ["pinhole-server", "pinhole-gateway"])
def test_every_server_binary_tells_its_version(name):
    done = subprocess.run([BIN / name, "--version"], capture_output=True,
                          text=True, timeout=PATIENCE, check=False)

    assert done.returncode == 0, done
    assert done.stdout.startswith(f"{name} 0.")


def test_a_gateway_reaches_its_server_over_a_unix_socket(
        tmp_path, snapshot):
    address = f"unix:{tmp_path}/socket"
    with running(Server(tmp_path / "data", "--grpc-listen", address)) as server:
        assert server.grpc == address
        with running(Gateway(address, tmp_path)) as gateway:
            rest = RestDriver(gateway)
            rest.register("ansel")
            rest.login("ansel")

            photo = rest.upload(snapshot)["name"]

            assert rest.download(photo, "original") == snapshot.read_bytes()
            rest.close()


def test_the_data_folder_is_private(server):
    assert server.data_dir.stat().st_mode & 0o077 == 0


def test_health_is_serving(server):
    with grpc.insecure_channel(server.grpc) as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        service = b"pinhole.v1.PhotoService"
        for request in (b"", b"\x0a" + bytes([len(service)]) + service):
            # HealthCheckResponse{status: SERVING} on the wire.
            assert check(request, timeout=PATIENCE) == b"\x08\x01"


def test_http_says_whether_it_is_well(server):
    for path in ("healthz", "livez", "readyz"):
        answer = requests.get(f"http://{server.http}/{path}", timeout=PATIENCE,
                              proxies={"http": None})
        assert answer.status_code == 200


def test_log_has_no_secret(server, people):
    ansel = people("ansel")
    ansel.whoami()

    assert ansel.token not in server.log()
    assert "correct horse" not in server.log()
