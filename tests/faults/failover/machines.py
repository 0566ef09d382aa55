# SPDX-License-Identifier: Apache-2.0
"""Machines with an address each, between which the network can be cut."""

import contextlib
import os
import subprocess

from networks import CLONE_NEWNET, LIBC, network


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


def name_space():
    """That of this thread; it exists for as long as this is open."""
    return open("/proc/thread-self/ns/net", "rb")


class Machines:
    """Network namespaces around a router, which has one of its own. Packets
    between machines that are cut from each other vanish, as they do when a
    cable is pulled. Skips the test where namespaces cannot be made."""

    def __init__(self):
        self._spaces = {}
        self._addresses = {}
        self._cuts = []
        with network():
            self._spaces["router"] = name_space()
            with open("/proc/sys/net/ipv4/ip_forward", "w") as forward:
                forward.write("1")

    def add(self, name):
        """A new machine; its address."""
        number = len(self._spaces)
        router, address = f"10.77.{number}.1", f"10.77.{number}.2"
        with network():
            self._spaces[name] = name_space()
            ip("link", "add", "uplink", "type", "veth", "peer", "name",
               f"to-{name}", "netns",
               f"/proc/{os.getpid()}/fd/{self._spaces['router'].fileno()}")
            ip("address", "add", f"{address}/30", "dev", "uplink")
            ip("link", "set", "uplink", "up")
            ip("route", "add", "default", "via", router)
        with self.on("router"):
            ip("address", "add", f"{router}/30", "dev", f"to-{name}")
            ip("link", "set", f"to-{name}", "up")
        self._addresses[name] = address
        return address

    @contextlib.contextmanager
    def on(self, name):
        """Processes that this thread starts meanwhile run on the machine."""
        with name_space() as before:
            enter(self._spaces[name])
            try:
                yield
            finally:
                enter(before)

    def cut(self, one, other):
        """From now on, no packet gets from either machine to the other."""
        with self.on("router"):
            for source, target in ((one, other), (other, one)):
                rule = ("from", self._addresses[source],
                        "to", self._addresses[target], "blackhole")
                ip("rule", "add", *rule)
                self._cuts.append(rule)

    def heal(self):
        with self.on("router"):
            for rule in self._cuts:
                ip("rule", "delete", *rule)
        self._cuts = []

    def close(self):
        for space in self._spaces.values():
            space.close()


def enter(space):
    assert LIBC.setns(space.fileno(), CLONE_NEWNET) == 0
