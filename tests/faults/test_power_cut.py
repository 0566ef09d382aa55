# SPDX-License-Identifier: Apache-2.0
"""The power is cut: what was acknowledged had been synced, so it is there.

One run of the server is cut at many moments. Without some sync there must be a
moment that shows the loss: otherwise these tests would prove nothing.
"""

import random
import shutil
import signal
import time

import pytest

import power_cut
from faults import ONLY_GRPC, FaultDisk, fail, forget, kill
from findings import Findings
from processes import Server
from world import Load


WAL = "data/pinhole.db-wal"
DATABASE = "data/pinhole.db"


@pytest.fixture
def disk(tmp_path):
    return FaultDisk(tmp_path / "disk", journal=True)


def use(disk, world, *rules):
    """Some seconds in the life of a server, with a checkpoint on the way."""
    server = disk.start()
    disk.plan(*rules)
    for _ in range(2):
        load = Load(world, server)
        time.sleep(0.7)
        load.stop()
        time.sleep(0.35)
    load = Load(world, server)
    time.sleep(0.3)
    end(disk, server, *rules)
    load.stop()


def end(disk, server, *rules, point=kill("before", "change", "*")):
    """By its own hand, so that nothing is done that is not in the journal."""
    disk.plan(*rules, point)
    assert server.wait() == -signal.SIGKILL
    server.kill()
    disk.plan(*rules)


class Cuts:
    """Cuts the power at chosen moments of a journal, in their order."""

    def __init__(self, disk, world, folder):
        self.records = power_cut.read_journal(disk.journal)
        self.world = world
        self.folder = folder
        self.folder.mkdir(exist_ok=True)
        self.disk = power_cut.Disk()
        self.done = 0

    def moments(self, generator, count):
        """Any moments, and as many at which a sync has just ended."""
        syncs = [number for number, record in enumerate(self.records)
                 if record.change in (power_cut.SYNC_FILE,
                                      power_cut.SYNC_FOLDER)]
        some = generator.sample(range(len(self.records)), count // 2)
        return sorted(some + generator.sample(syncs, count - count // 2))

    def replay(self, moment):
        while self.done <= moment:
            self.disk.apply(self.records[self.done])
            self.done += 1

    def problems(self, moment, generator=None):
        """What a server started after the cut has lost or made up."""
        self.replay(moment)
        target = self.folder / f"cut{moment}{'-torn' if generator else ''}"
        self.disk.rebuild(target, generator)
        last = self.records[moment].time
        later = self.records[moment + 1:moment + 2]
        following = later[0].time if later else time.monotonic_ns()
        try:
            server = Server(target / "data", *ONLY_GRPC,
                            log=target.with_suffix(".log"))
        except AssertionError as error:
            return [f"the server does not start: {error}"]
        try:
            return self.world.check_cut(target / "data", last, following)
        finally:
            server.kill()
            shutil.rmtree(target)


def test_cut_at_any_moment_loses_nothing(disk, world, seed, tmp_path):
    use(disk, world)
    use(disk, world)  # Over what a kill left.
    generator = random.Random(seed)
    cuts = Cuts(disk, world, tmp_path / "cuts")
    assert world.ledger.acknowledged > 50

    for moment in cuts.moments(generator, 16):
        for parts in (None, generator):
            problems = cuts.problems(moment, parts)
            assert not problems, f"cut after {moment}:\n" + "\n".join(problems)

    cuts.replay(len(cuts.records) - 1)
    assert not list(cuts.disk.mistakes(disk.root))


def expect_durable(disk, world, tmp_path):
    """A server starts; the power is cut at once. What it could show then is
    what must be there."""
    server = disk.start()
    Findings(disk.data).settle(world.ledger)
    server.kill()
    cuts = Cuts(disk, world, tmp_path / "cuts")
    problems = cuts.problems(len(cuts.records) - 1)
    assert not problems, "\n".join(problems)


# A killed process leaves in memory what it has not synced; whoever reads it
# after the restart must not be told so before it is durable.
def test_what_a_kill_left_unsynced_is_synced_before_it_is_shown(
        disk, world, tmp_path):
    use(disk, world)
    server = disk.start()
    world.check(disk.data)
    load = Load(world, server)
    end(disk, server, point=kill("before", "fdatasync", WAL))
    load.stop()

    expect_durable(disk, world, tmp_path)


# After a failed sync the system shows what it will never write.
def test_what_a_failed_sync_left_is_written_before_it_is_shown(
        disk, world, tmp_path):
    server = disk.start()
    load = Load(world, server)
    time.sleep(0.5)
    disk.plan(fail("fdatasync", WAL, "EIO"))
    load.join()
    disk.plan()
    server.kill()

    expect_durable(disk, world, tmp_path)


def test_failed_checkpoint_loses_nothing(disk, world, seed, tmp_path):
    use(disk, world, fail("fdatasync", DATABASE, "EIO"))
    disk.plan()
    use(disk, world)
    cuts = Cuts(disk, world, tmp_path / "cuts")
    failed = [number for number, record in enumerate(cuts.records)
              if record.change == power_cut.SYNC_FAILED]
    assert failed

    for moment in cuts.moments(random.Random(seed), 6):
        problems = cuts.problems(moment)
        assert not problems, f"cut after {moment}:\n" + "\n".join(problems)


FORGOTTEN = [
    ("fdatasync", WAL),
    ("fdatasync", DATABASE),
    ("fsync", "data/tmp/*/original"),
    ("fsync", "data/tmp/*/thumbnail.jpg"),
    ("fsync", "data/tmp/*/medium.jpg"),
    ("fsync", "data/tmp/*/large.jpg"),
    ("fsync", "data/tmp/*/"),
    ("fsync", "data/photos/??/"),
    ("fsync", "data/photos/"),
    ("fsync", "data/photos/installation.*"),
    # Both, since SQLite syncs the folder too when it makes its files: either
    # sync covers the other.
    ("sync", "data/"),
    ("fsync", "./"),
]


@pytest.mark.parametrize("sync", FORGOTTEN, ids="-".join)
def test_missing_sync_is_caught(sync, disk, world, seed, tmp_path):
    disk.plan(forget(*sync))
    use(disk, world, forget(*sync))
    cuts = Cuts(disk, world, tmp_path / "cuts")
    forgotten = [record for record in cuts.records
                 if record.change == power_cut.FORGOTTEN]
    assert forgotten

    moments = cuts.moments(random.Random(seed), 10)
    moments.append(len(cuts.records) - 1)
    assert any(cuts.problems(moment) for moment in moments)
