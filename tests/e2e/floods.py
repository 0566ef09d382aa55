# SPDX-License-Identifier: Apache-2.0
"""What somebody who means harm sends, in amounts that a test can afford."""

import contextlib
import json
import pathlib
import resource
import socket
import subprocess
import sys
import threading
import time

from processes import PATIENCE

PROBER = pathlib.Path(__file__).with_name("prober.py")
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\x04\0\0\0\0\0"


def raise_file_limit():
    """How many connections a flood may have, of at most 2000."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(2000, hard // 2)


def memory_mib(process):
    """What it has, and the most that it ever had."""
    lines = pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
    kib = {line.split(":")[0]: int(line.split()[1])
           for line in lines if line.startswith(("VmRSS", "VmHWM"))}
    return kib["VmRSS"] / 1024, kib["VmHWM"] / 1024


@contextlib.contextmanager
def probed(server):
    """Asks after the server's health meanwhile; yields where the figures are
    put in the end."""
    figures = {}
    with subprocess.Popen(
            [sys.executable, "-B", PROBER, server.http, server.grpc],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True) as prober:
        assert prober.stdout.readline() == "ready\n"
        try:
            yield figures
        finally:
            out, _ = prober.communicate(timeout=2 * PATIENCE)
    figures.update(json.loads(out))


def during(seconds, workers, work):
    """Runs `work(number)` over and over on threads; how often that was."""
    end = time.monotonic() + seconds
    counts = [0] * workers

    def repeat(worker):
        while time.monotonic() < end:
            work(worker * 1_000_000 + counts[worker])
            counts[worker] += 1

    threads = [threading.Thread(target=repeat, args=(worker,))
               for worker in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


def connect(address):
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=PATIENCE)


@contextlib.contextmanager
def connections(address, count, first=b""):
    """So many at a time, each having sent `first`."""
    with contextlib.ExitStack() as stack:
        made = []
        for _ in range(count):
            made.append(stack.enter_context(connect(address)))
            if first:
                made[-1].sendall(first)
        yield made


def reply(connection):
    """What comes until the other side closes."""
    answer = b""
    try:
        while part := connection.recv(65536):
            answer += part
    except ConnectionResetError:
        pass
    return answer


def is_open(connection):
    """Whether the other side has not closed it; what it sent is dropped."""
    connection.settimeout(0)
    try:
        while connection.recv(65536):
            pass
        return False
    except BlockingIOError:
        return True
    except ConnectionResetError:
        return False
