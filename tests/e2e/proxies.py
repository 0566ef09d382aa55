# SPDX-License-Identifier: Apache-2.0
"""The proxies of docker/proxy as processes of a test, on loopback."""

import contextlib
import http.client
import shutil
import socket
import ssl
import subprocess
import threading

import pytest

from processes import PATIENCE, ROOT, eventually

FILES = ROOT / "docker/proxy"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def write_certificate(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj",
         "/CN=photos.example", "-addext",
         "subjectAltName=IP:127.0.0.1,DNS:photos.example",
         "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True, capture_output=True)
    (folder / "pinhole.pem").write_text(
        (folder / "certificate.pem").read_text() +
        (folder / "key.pem").read_text())


def adapted(name, changes):
    """The file of that name with other addresses and paths."""
    text = (FILES / name).read_text()
    for old, new in changes.items():
        assert old in text, (name, old)
        text = text.replace(old, new)
    return text


def nginx(folder, server, port, appending):
    changes = {
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "127.0.0.1:8080": server.http, "127.0.0.1:50051": server.grpc,
        "/etc/pinhole/": f"{folder}/"}
    if appending:
        changes["X-Forwarded-For $remote_addr"] = (
            "X-Forwarded-For $proxy_add_x_forwarded_for")
    (folder / "pinhole.conf").write_text(adapted("nginx.conf", changes))
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in (
        "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    # One process, which does not change its user.
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/nginx.pid;\n"
        f"error_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}"
        f"include {folder}/pinhole.conf;\n}}\n")
    return ["nginx", "-p", folder, "-c", folder / "nginx.conf",
            "-e", "stderr"]


def caddy(folder, server, port, appending):
    assert not appending
    text = adapted("Caddyfile", {
        "photos.example {": f"https://127.0.0.1:{port}, "
                            f"https://photos.example:{port} {{\nbind 127.0.0.1",
        "127.0.0.1:8080": server.http, "127.0.0.1:50051": server.grpc,
        "/etc/pinhole/": f"{folder}/"})
    (folder / "Caddyfile").write_text(
        "{\nadmin off\nauto_https disable_redirects\nskip_install_trust\n"
        f"storage file_system {folder}/caddy\n}}\n" + text)
    return ["caddy", "run", "--adapter", "caddyfile",
            "--config", folder / "Caddyfile"]


def haproxy(folder, server, port, appending):
    changes = {"bind :443": f"bind 127.0.0.1:{port}",
               "127.0.0.1:8080": server.http, "127.0.0.1:50051": server.grpc,
               "/etc/haproxy/": f"{folder}/"}
    if appending:
        changes["http-request set-header X-Forwarded-For %[src]"] = (
            "option forwardfor")
    (folder / "haproxy.cfg").write_text(adapted("haproxy.cfg", changes))
    return ["haproxy", "-db", "-f", folder / "haproxy.cfg"]


KINDS = {"nginx": nginx, "caddy": caddy, "haproxy": haproxy}


class Proxy:
    """In the foreground, in front of `server`; what it says is in `log_path`."""

    def __init__(self, kind, folder, server, appending=False):
        self.folder = folder
        self.port = free_port()
        self.log_path = folder / "proxy.log"
        write_certificate(folder)
        command = KINDS[kind](folder, server, self.port, appending)
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command], stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, cwd=folder,
                env={"HOME": str(folder), "PATH": "/usr/sbin:/usr/bin:/bin",
                     "XDG_DATA_HOME": str(folder),
                     "XDG_CONFIG_HOME": str(folder)})
        try:
            eventually(self._listens, f"{kind} to listen")
        except BaseException:
            self.stop()
            raise

    def _listens(self):
        assert self.process.poll() is None, self.log_path.read_text()
        with contextlib.suppress(OSError):
            with socket.create_connection(("127.0.0.1", self.port)):
                return True
        return False

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def tls(self, protocol="http/1.1"):
        context = ssl.create_default_context(
            cafile=self.folder / "certificate.pem")
        context.check_hostname = False
        context.set_alpn_protocols([protocol])
        return context

    def get(self, path, address, headers=(), method="GET", body=None):
        """The status of a request from `address`; `headers` as they are."""
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=PATIENCE, context=self.tls(),
            source_address=(address, 0))
        try:
            connection.putrequest(method, path)
            for name, value in headers:
                connection.putheader(name, value.encode("latin-1"))
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()


def skip_without(kind):
    if shutil.which(kind, path="/usr/sbin:/usr/bin") is None:
        pytest.skip(f"{kind} is not installed; script/setup test installs it")


class Relay:
    """Passes connections on from `source`, since a gRPC channel of Python's
    cannot choose the address that it calls from."""

    def __init__(self, source, port):
        self.source = source
        self.port = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                there = socket.create_connection(
                    ("127.0.0.1", self.port), source_address=(self.source, 0))
                for one, other in ((client, there), (there, client)):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    threading.Thread(target=self._pass, args=(one, other),
                                     daemon=True).start()

    @staticmethod
    def _pass(one, other):
        with contextlib.suppress(OSError):
            while part := one.recv(65536):
                other.sendall(part)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.listener.close()
