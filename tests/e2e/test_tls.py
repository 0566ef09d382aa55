# SPDX-License-Identifier: Apache-2.0
"""Both HTTP doors speak TLS, and read a new certificate on SIGHUP."""

import signal
import ssl
import subprocess

import pytest
import requests

from processes import Gateway, Server, eventually, running


def write_certificate(folder, name):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj",
         f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True, capture_output=True)


def shown(address):
    host, port = address.rsplit(":", 1)
    return ssl.get_server_certificate((host, int(port)))


def accepts(address, suite):
    """Whether TLS 1.2 with no other suite comes about."""
    done = subprocess.run(
        ["openssl", "s_client", "-connect", address, "-tls1_2", "-cipher",
         # The level of security must not be what keeps OpenSSL from trying.
         f"{suite}:@SECLEVEL=0", "-alpn", "h2,http/1.1"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
        errors="replace", timeout=60, check=False)
    return f"Cipher is {suite}" in done.stdout


@pytest.fixture(params=["server", "gateway"])
def door(request, tmp_path):
    """A process whose HTTP is in TLS, and the folder of its files."""
    write_certificate(tmp_path, "first")
    options = ["--tls-certificate", tmp_path / "certificate.pem",
               "--tls-key", tmp_path / "key.pem"]
    if request.param == "server":
        with running(Server(tmp_path / "data", *options)) as server:
            yield server, tmp_path
    else:
        with running(Server(tmp_path / "data")) as server:
            with running(Gateway(server.grpc, tmp_path, *options)) as gateway:
                yield gateway, tmp_path


def test_certificate_is_read_again_while_serving(door):
    process, folder = door
    first = (folder / "certificate.pem").read_text()
    client = requests.Session()
    client.trust_env = False  # It may name other authorities.
    client.verify = str(folder / "certificate.pem")
    assert client.get(f"https://{process.http}/readyz").status_code == 200
    assert shown(process.http) == first

    write_certificate(folder, "second")
    second = (folder / "certificate.pem").read_text()
    process.send(signal.SIGHUP)
    eventually(lambda: shown(process.http) == second, "the new certificate")

    (folder / "key.pem").write_text("no key")
    process.send(signal.SIGHUP)
    eventually(lambda: "the previous one stays in use: cannot use the TLS key" in (
        process.log()),
               "the refusal in the log")
    assert shown(process.http) == second


def test_only_suites_of_authenticated_encryption_are_offered(door):
    process, _ = door
    assert accepts(process.http, "ECDHE-ECDSA-AES128-GCM-SHA256")
    assert not accepts(process.http, "ECDHE-ECDSA-AES128-SHA256")


def test_plain_http_gets_no_answer(door):
    process, _ = door
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://{process.http}/healthz", timeout=10)
