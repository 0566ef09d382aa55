# SPDX-License-Identifier: Apache-2.0
"""Runs `pinhole lab` against a server that has something to load."""

import contextlib
import subprocess

from processes import BIN, Server, running

TOWN = ["--users", "4", "--photos", "8", "--follows", "8", "--likes", "8",
        "--comments", "4"]
# Short, for a machine that does other things as well: what is measured does not
# matter here.
SHORT = ["--duration", "1", "--warmup", "0.2", "--slo-p99", "5000"]


@contextlib.contextmanager
def lab_server(folder):
    """A server with a small town."""
    with running(Server(folder / "data")) as process:
        seed = pinhole(process, "seed", *TOWN)
        assert seed.returncode == 0, seed.stderr
        yield process


def pinhole(server, *arguments, target=None):
    return subprocess.run(
        [BIN / "pinhole", "--target", target or server.grpc, *arguments],
        capture_output=True, text=True, timeout=240)


def lab(server, *arguments, target=None):
    metrics = ["--metrics", f"http://{server.metrics}/metrics"]
    if arguments[0] in ("compare", "report"):
        metrics = []
    return pinhole(server, "lab", *arguments, *metrics, target=target)
