# SPDX-License-Identifier: Apache-2.0
"""A network namespace with addresses that are not loopback."""

import contextlib
import ctypes
import os
import subprocess

import pytest

CLONE_NEWNET = 0x40000000  # linux/sched.h; os.unshare came with Python 3.12.
LIBC = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def network(*addresses):
    """For this thread, and for the processes and sockets that it makes."""
    with open("/proc/thread-self/ns/net", "rb") as before:
        if LIBC.unshare(CLONE_NEWNET) != 0:
            pytest.skip("a network namespace cannot be made here: "
                        + os.strerror(ctypes.get_errno()))
        try:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
            for address in addresses:
                subprocess.run(["ip", "address", "add", address, "dev", "lo"],
                               check=True)
            yield
        finally:
            assert LIBC.setns(before.fileno(), CLONE_NEWNET) == 0
