# SPDX-License-Identifier: Apache-2.0
"""Where several servers keep their photos: a shared directory, on the file
system of their scratch space or on another one, or a bucket.

One of the servers, the victim, reaches the place through faults: a preloaded
library (faults.py) or a proxy (s3_proxy.py).
"""

import collections
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading

import s3_server
from faults import ONLY_GRPC, FaultDisk, kill, stall
from processes import Server
from s3_proxy import Fault, S3Proxy


class Directory:
    """`uploads` and `deletions` are the moments at which the victim can be
    killed, by name, in the order in which they come."""

    deletions = {
        "before the first file": kill("before", "unlink", "media/??/*/*", 1),
        "between two files": kill("before", "unlink", "media/??/*/*", 3),
        "after all files": kill("before", "fsync", "media/??/"),
    }

    def __init__(self, folder, root):
        self.disk = FaultDisk(root)
        self.media = self.disk.root / "media"
        self.folder = folder

    def healthy(self, *options):
        return Server(self.folder / "healthy", *ONLY_GRPC, "--media-dir",
                      self.media, *options)

    def victim(self, *options):
        self.disk.plan()
        return self.disk.start("--media-dir", self.media, *options)

    def kill_at(self, _server, moment):
        self.disk.plan(moment)

    def hold(self):
        """Publications of the victim stop in the middle until `release`."""
        self.disk.plan(self.holding)

    def held(self):
        """Whether there is something to hold, and it is held."""
        return any(self.media.glob(self.shown))

    def release(self):
        self.disk.plan()

    def names(self):
        """The names of the files in every photo's directory."""
        return {folder.name: {path.name for path in folder.iterdir()}
                for folder in self.media.glob("??/*")}

    def read(self, key, name):
        return (self.media / key[:2] / key / name).read_bytes()

    def remove(self, key, name):
        (self.media / key[:2] / key / name).unlink()

    def scratch(self):
        """What is left of uploads in the victim's scratch space."""
        return list((self.disk.data / "tmp").iterdir())

    def close(self):
        pass


class SameFileSystem(Directory):
    uploads = {
        "recorded": kill("before", "rename", "media/??/*"),
        "published": kill("after", "rename", "media/??/*"),
        "durable": kill("after", "fsync", "media/"),
    }
    holding = stall("fsync", "media/??/")
    shown = "??/*"

    def __init__(self, folder):
        super().__init__(folder, folder / "disk")


class AnotherFileSystem(Directory):
    uploads = {
        "recorded": kill("before", "create", "media/??/*.part/original"),
        "original written": kill("after", "fsync", "media/??/*.part/original"),
        "between renditions": kill("before", "create",
                                   "media/??/*.part/medium.jpg"),
        "all written": kill("before", "rename", "media/??/*"),
        "durable": kill("after", "fsync", "media/"),
    }
    holding = stall("fsync", "media/??/*.part/medium.jpg")
    shown = "??/*.part/medium.jpg"

    def __init__(self, folder):
        self._shared = pathlib.Path(tempfile.mkdtemp(dir="/dev/shm"))
        assert self._shared.stat().st_dev != folder.stat().st_dev
        super().__init__(folder, self._shared / "disk")
        self.disk.data = folder / "victim"

    def close(self):
        shutil.rmtree(self._shared)


class Bucket:
    """Only the victim calls the S3 server through the proxy."""

    uploads = {
        "recorded": ("PUT", 1, "before"),
        "within the original": ("PUT", 1, "between"),
        "original written": ("PUT", 1, "after"),
        "between renditions": ("PUT", 3, "before"),
        "all written": ("PUT", 4, "after"),
    }
    deletions = {
        "before the first file": ("DELETE", 1, "before"),
        "between two files": ("DELETE", 3, "before"),
        "after all files": ("DELETE", 4, "after"),
    }

    def __init__(self, folder, endpoint):
        self.folder = folder
        self.endpoint = endpoint
        self.prefix = folder.name.replace("_", "-")
        self.proxy = S3Proxy(endpoint)
        self._released = threading.Event()
        self._holding = None

    def _start(self, name, endpoint, options):
        return Server(self.folder / name, *ONLY_GRPC, "--media",
                      f"s3://{s3_server.BUCKET}/{self.prefix}",
                      "--s3-endpoint", endpoint, *options,
                      environment=s3_server.KEYS)

    def healthy(self, *options):
        return self._start("healthy", self.endpoint, options)

    def victim(self, *options):
        self.proxy.plan()
        return self._start("victim", self.proxy.endpoint, options)

    def kill_at(self, server, moment):
        def die():
            os.kill(server.pid, signal.SIGKILL)
            return False

        method, turn, when = moment
        self.proxy.plan(Fault(method, turn, **{when: die}))

    def hold(self):
        self._released.clear()
        self._holding = self.proxy.plan(
            Fault("PUT", 3, before=self._released.wait))

    def held(self):
        return self._holding.met.is_set()

    def release(self):
        self.proxy.plan()
        self._released.set()

    def _curl(self, path, *options):
        keys = s3_server.KEYS
        return subprocess.run(
            ["curl", "-sSf", "--aws-sigv4", "aws:amz:us-east-1:s3", "-u",
             f"{keys['AWS_ACCESS_KEY_ID']}:{keys['AWS_SECRET_ACCESS_KEY']}",
             f"{self.endpoint}/{s3_server.BUCKET}{path}", *options],
            capture_output=True, check=True).stdout

    def names(self):
        listing = self._curl(
            f"?list-type=2&prefix={self.prefix}%2F").decode()
        assert "<IsTruncated>false<" in listing, listing
        found = collections.defaultdict(set)
        for path in re.findall("<Key>([^<]*)</Key>", listing):
            _, *inner = path.split("/")
            if len(inner) == 3:
                _, key, name = inner
                found[key].add(name)
        return dict(found)

    def _path(self, key, name):
        return f"/{self.prefix}/{key[:2]}/{key}/{name}"

    def read(self, key, name):
        return self._curl(self._path(key, name))

    def remove(self, key, name):
        self._curl(self._path(key, name), "-X", "DELETE")

    def scratch(self):
        return list((self.folder / "victim/tmp").iterdir())

    def close(self):
        self.release()
        self.proxy.close()
