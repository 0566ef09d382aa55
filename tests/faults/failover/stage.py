# SPDX-License-Identifier: Apache-2.0
"""Servers over PostgreSQL with a synchronous standby, and people who use them
while something fails."""

import contextlib
import os
import random
import time

from database_findings import DatabaseFindings
from fleet import Fleet
from pair import Pair
from processes import eventually
from witnesses import SharedWorld
from world import Load

# Of all tests together.
ROUNDS = int(os.environ.get("PINHOLE_FAULT_ROUNDS", "20"))
ROUNDS_WITH_PARTITIONS = ROUNDS * 3 // 10
# After so many, all is begun anew, so that checks stay quick.
ROUNDS_OF_A_STAGE = 25
# The slowest answer about health, generously: 100 ms are what is aimed at.
SLOWEST_MS = 5000


def stages(rounds):
    """How many rounds each stage has."""
    return [min(ROUNDS_OF_A_STAGE, rounds - first)
            for first in range(0, rounds, ROUNDS_OF_A_STAGE)]


def wait_for_waiting_commits(stage):
    eventually(lambda: stage.pair.waiting_commits() > 0, "commits that wait")


class Health:
    """How fast health was answered, by what failed meanwhile."""

    def __init__(self):
        self._times = {}

    def add(self, what, figures):
        for way in figures:
            self._times.setdefault((what, way), []).extend(
                figures[way]["times_ms"])

    def table(self):
        lines = [f"{'health, in ms':32} way    asked    p50    p99    max"]
        for (what, way), times in sorted(self._times.items()):
            times.sort()
            lines.append(
                f"{what:32} {way} {len(times):7} {times[len(times) // 2]:6.1f} "
                f"{times[len(times) * 99 // 100]:6.1f} {times[-1]:6.1f}")
        return "\n".join(lines)


class Stage:
    def __init__(self, folder, stubs, picture, seed, machines=None,
                 parameters=""):
        """`parameters` are added to the URI of the database."""
        self.random = random.Random(seed)
        self.machines = machines
        self.health = Health()
        self.slowest_ms = SLOWEST_MS
        self.world = SharedWorld(stubs, picture, seed)
        self.pair = Pair(machines)
        try:
            self.fleet = Fleet(folder, self.pair, parameters, machines)
        except BaseException:
            self.pair.stop()
            raise
        self.photos = folder / "photos"

    def close(self):
        self.fleet.close()
        self.pair.stop()

    @contextlib.contextmanager
    def people_at_work(self):
        """All of them, and none meets an error that is not repeated."""
        load = Load(self.world, self.fleet, endings=())
        try:
            yield
        finally:
            load.stop()

    def progress(self, calls=30):
        """Waits until so many more calls have been answered."""
        enough = self.world.ledger.acknowledged + calls
        eventually(lambda: self.world.ledger.acknowledged >= enough,
                   "people to make progress")

    def settle_in(self):
        """Everybody has signed in, and there are photos."""
        with self.people_at_work():
            eventually(lambda: self.world.photos and all(
                person.token for person in self.world.people), "everybody")
            self.progress()
        self.check()

    def round(self, fault):
        """People work, something fails, people go on working, and all that
        they were told is true."""
        self.fleet.errors.clear()
        self.take_health("")
        with self.people_at_work():
            self.progress()
            # An arbitrary moment.
            time.sleep(self.random.uniform(0, 0.2))
            excused = fault(self)
            self.fleet.wait_until_ready()
            self.progress()
        self.check()
        self.check_errors(excused)
        self.take_health(fault.__name__, excused)

    def rounds(self, count, faults):
        """Each of `faults` in turn, in an order that changes."""
        self.settle_in()
        for number in range(count):
            if number % len(faults) == 0:
                order = self.random.sample(faults, len(faults))
            fault = order[number % len(faults)]
            print(f"round {number + 1}: {fault.__name__}")
            self.round(fault)

    def report(self):
        return (f"\n{self.world.ledger.acknowledged} acknowledged calls\n"
                f"{self.health.table()}")

    def check(self):
        """Nothing is wrong, in the database or as either server shows it."""
        findings = self.findings()
        assert not findings.problems, "\n".join(findings.problems)
        self.world.photos = findings.photo_names()
        for server in self.fleet.servers:
            self.world.look_around(self.fleet.only(server), photos=12)
        findings.settle(self.world.ledger)

    def findings(self):
        """In the database and the files, against what people were told."""
        findings = DatabaseFindings(self.pair.sql, self.photos)
        findings.check_files(self.world.originals)
        findings.check_promises(self.world.ledger)
        return findings

    def check_errors(self, killed):
        """Only who is impatient or calls a server that was killed meets any."""
        for is_patient, failure in self.fleet.errors:
            if failure.status:
                permitted = not is_patient and (
                    failure.code == "DEADLINE_EXCEEDED"
                    or failure.reason == "OUTCOME_UNKNOWN")
            else:
                permitted = killed is not None or not is_patient
            assert permitted, failure

    def take_health(self, what, killed=None):
        for server, prober in zip(self.fleet.servers, self.fleet.probers):
            figures = prober.figures()
            if not what:
                continue
            for way in figures.values():
                assert server is killed or not way["failures"], way["failures"]
                assert way["worst_ms"] < self.slowest_ms, (
                    f"health was answered after {way['worst_ms']:.0f} ms")
            self.health.add(what, figures)
