# SPDX-License-Identifier: Apache-2.0
"""gRPC in TLS: the server's certificate and the clients', by `pinhole`, its lab,
a gateway and grpcurl."""

import pathlib
import signal
import subprocess
import time

import pytest
import requests

from processes import BIN, Gateway, Server, eventually, running
from test_tls import accepts, shown


class Authority:
    """Signs certificates for 127.0.0.1; NAME.pem and NAME.key in `folder`."""

    def __init__(self, folder, name):
        self.folder = folder
        self.file = self.make(name, "-addext", "basicConstraints=critical,"
                              "CA:TRUE")

    def make(self, name, *options):
        path = self.folder / f"{name}.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
             f"/CN={name}", "-keyout", path.with_suffix(".key"), "-out", path,
             *options], check=True, capture_output=True)
        return path

    def sign(self, name, days=2):
        path = self.make(name)  # For its key.
        request = subprocess.run(
            ["openssl", "x509", "-x509toreq", "-in", path, "-signkey",
             path.with_suffix(".key")], check=True, capture_output=True).stdout
        extensions = self.folder / "extensions"
        extensions.write_text("subjectAltName=IP:127.0.0.1\n")
        subprocess.run(
            ["openssl", "x509", "-req", "-CA", self.file, "-CAkey",
             self.file.with_suffix(".key"), "-CAcreateserial", "-days",
             str(days), "-extfile", extensions, "-out", path],
            input=request, check=True, capture_output=True)
        return path


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path, "authority")


@pytest.fixture
def strangers(tmp_path):
    """Another authority, which nobody knows."""
    folder = tmp_path / "strangers"
    folder.mkdir()
    return Authority(folder, "strangers")


def of_server(certificate):
    return ["--grpc-tls-certificate", certificate,
            "--grpc-tls-key", certificate.with_suffix(".key")]


def of_client(certificate):
    return ["--client-certificate", certificate,
            "--client-key", certificate.with_suffix(".key")]


@pytest.fixture
def server(tmp_path, authority):
    with running(Server(tmp_path / "data",
                        *of_server(authority.sign("server")))) as process:
        yield process


@pytest.fixture
def careful_server(tmp_path, authority):
    """Asks for certificates of clients."""
    with running(Server(tmp_path / "careful",
                        *of_server(authority.sign("server")),
                        "--grpc-tls-client-ca", authority.file)) as process:
        yield process


def pinhole(server, *arguments, scheme="grpcs://"):
    return subprocess.run(
        [BIN / "pinhole", "--target", scheme + server.grpc,
         *map(str, arguments)], text=True, capture_output=True, timeout=120,
        check=False)


def test_who_knows_the_authority_is_served(server, authority):
    done = pinhole(server, "--ca", authority.file, "health")
    assert done.returncode == 0, done.stderr

    looked = pinhole(server, "--ca", authority.file, "lab", "diagnostic",
                     "--metrics", f"http://{server.metrics}/metrics")
    assert "pinhole.v1.UserService" in looked.stdout, looked.stderr
    assert "FAIL" not in looked.stdout.upper().split("PHOTOS")[0]


@pytest.mark.parametrize("suite, accepted", [
    ("ECDHE-ECDSA-AES128-GCM-SHA256", True),
    ("ECDHE-ECDSA-AES128-SHA256", False), ("ECDHE-ECDSA-AES128-SHA", False)])
def test_only_suites_of_authenticated_encryption_are_offered(
        server, suite, accepted):
    assert accepts(server.grpc, suite) == accepted


def test_a_stranger_is_not_believed_and_plain_is_no_way_in(
        server, strangers):
    for options in (["--ca", strangers.file], []):
        refused = pinhole(server, *options, "health")
        assert refused.returncode == 2
        assert "certificate verify failed" in refused.stderr.lower().replace(
            "_", " ")
        assert "--ca sets its certificate authority" in refused.stderr
    assert pinhole(server, "health", scheme="").returncode == 2


def test_files_of_the_client_are_checked_first(server, tmp_path, authority):
    nothing = pinhole(server, "--ca", tmp_path / "none.pem", "health")
    assert f"cannot read {tmp_path}/none.pem (certificate authorities)" in (
        nothing.stderr)
    other = pinhole(server, "--ca", authority.folder / "extensions", "health")
    assert "is not a PEM file" in other.stderr
    half = pinhole(server, "--ca", authority.file, "--client-key",
                   authority.file.with_suffix(".key"), "health")
    assert "must be set together" in half.stderr


def test_clients_show_a_certificate_of_the_authority_where_one_is_asked_for(
        careful_server, authority, strangers):
    ca = ["--ca", authority.file]
    right = pinhole(careful_server, *ca,
                    *of_client(authority.sign("client")), "health")
    assert right.returncode == 0, right.stderr

    for options in ([], of_client(strangers.sign("client"))):
        refused = pinhole(careful_server, *ca, *options, "health")
        assert refused.returncode == 2
        assert "--client-certificate" in refused.stderr


def test_variables_name_the_files_too(careful_server, authority, monkeypatch):
    client = authority.sign("client")
    monkeypatch.setenv("PINHOLE_CA", str(authority.file))
    monkeypatch.setenv("PINHOLE_CLIENT_CERTIFICATE", str(client))
    monkeypatch.setenv("PINHOLE_CLIENT_KEY", str(client.with_suffix(".key")))
    done = pinhole(careful_server, "health")
    assert done.returncode == 0, done.stderr


def test_a_new_certificate_is_taken_while_serving(server, authority):
    first = shown(server.grpc)
    path = authority.sign("server")
    second = path.read_text()
    assert second != first

    eventually(lambda: shown(server.grpc) == second, "the new certificate")

    assert pinhole(server, "--ca", authority.file, "health").returncode == 0


def test_a_pair_that_does_not_belong_together_is_survived(server, authority):
    path = authority.sign("server")
    key = path.with_suffix(".key")
    right = key.read_text()
    key.write_text(authority.file.with_suffix(".key").read_text())
    eventually(lambda: pinhole(
        server, "--ca", authority.file, "health").returncode == 2,
               "the wrong pair to be noticed")
    server.send(signal.SIGHUP)
    eventually(lambda: f"the TLS key {key}: key values mismatch" in server.log(),
               "the reason in the log")
    assert "reloaded the TLS certificate" not in server.log()

    key.write_text(right)
    eventually(lambda: pinhole(
        server, "--ca", authority.file, "health").returncode == 0,
               "the right pair to be taken")


@pytest.mark.parametrize("asks", [False, True], ids=["server", "careful"])
def test_a_gateway_reaches_its_server_in_tls(
        request, asks, authority, strangers, tmp_path):
    server = request.getfixturevalue("careful_server" if asks else "server")
    certificate = authority.sign("gateway")
    shows = ["--backend-certificate", certificate,
             "--backend-key", certificate.with_suffix(".key")] if asks else []

    def ready(*options):
        with running(Gateway(f"grpcs://{server.grpc}", tmp_path,
                             *options)) as gateway:
            return requests.get(f"http://{gateway.http}/readyz", timeout=30,
                                proxies={"http": ""}).status_code

    assert ready("--backend-ca", authority.file, *shows) == 200
    assert ready("--backend-ca", strangers.file, *shows) == 503
    if asks:
        assert ready("--backend-ca", authority.file) == 503


def start_refused(program, *options):
    done = subprocess.run([BIN / program, *map(str, options)], text=True,
                          capture_output=True, timeout=60, check=False)
    assert done.returncode == 2, done.stderr
    return done.stderr


@pytest.mark.parametrize("check", [[], ["--check-config"]],
                         ids=["start", "check"])
def test_files_that_cannot_be_used_are_refused_at_the_start(
        check, tmp_path, authority, strangers):
    good = authority.sign("server")
    other = strangers.sign("other")

    def refused(certificate, key, *more):
        return start_refused(
            "pinhole-server", "--data-dir", tmp_path / "data", *check,
            "--grpc-tls-certificate", certificate, "--grpc-tls-key", key, *more)

    assert f"the TLS key {other.with_suffix('.key')}: key values mismatch" in (
        refused(good, other.with_suffix(".key")))
    assert "File does not exist" in refused(tmp_path / "none", good)
    assert f"the TLS certificate {tmp_path}/extensions" in refused(
        tmp_path / "extensions", good.with_suffix(".key"))
    old = authority.sign("old", days=0)
    time.sleep(1.1)  # Until it has expired: times are in whole seconds.
    assert f"the TLS certificate {old}: it has expired" in refused(
        old, old.with_suffix(".key"))
    assert f"the TLS authorities {tmp_path}/extensions" in refused(
        good, good.with_suffix(".key"), "--grpc-tls-client-ca",
        tmp_path / "extensions")
    assert "--grpc-tls-key" in start_refused(
        "pinhole-server", "--grpc-tls-certificate", good)
    assert f"the TLS authorities {tmp_path}/extensions" in start_refused(
        "pinhole-gateway", "--backend", "grpcs://127.0.0.1:1", "--backend-ca",
        tmp_path / "extensions", *check)


def test_grpcurl_is_served(careful_server, authority, grpcurl):
    client = authority.sign("client")
    listed = subprocess.run(
        [grpcurl, "-cacert", authority.file, "-cert", client, "-key",
         client.with_suffix(".key"), careful_server.grpc, "list"], text=True,
        capture_output=True, timeout=60, check=False)
    assert "pinhole.v1.PhotoService" in listed.stdout, listed.stderr


def test_a_unix_socket_stays_plain(tmp_path, authority):
    path = pathlib.Path(tmp_path / "pinhole.sock")
    with running(Server(
            tmp_path / "data", *of_server(authority.sign("server")),
            "--grpc-listen", f"127.0.0.1:0,unix:{path}")) as server:
        done = subprocess.run(
            [BIN / "pinhole", "--target", f"unix:{path}", "health"],
            text=True, capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
    assert server.addresses
