# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments and at named points: what was acknowledged is
there afterwards, and nothing is half done."""

import contextlib
import random
import signal
import time

import pytest

from faults import kill
from world import Load

WAL = "data/pinhole.db-wal"
DATABASE = "data/pinhole.db"


def start_and_check(disk, world):
    """A server whose data folder is whole and holds what was promised."""
    server = disk.start()
    try:
        problems = world.check(disk.data)
        assert not problems, "\n".join(problems)
        world.read_back(server)
    except BaseException:
        server.kill()
        raise
    return server


def die(disk, world, *rules, idle=False):
    """One cycle: start, check, load, death at the point that `rules` name.
    With `idle` the clients rest, so that the server does its upkeep."""
    server = start_and_check(disk, world)
    load = Load(world, server)
    if idle:
        time.sleep(0.2)
        load.stop()
    disk.plan(*rules)
    code = server.wait()
    load.stop()
    server.kill()
    disk.plan()
    assert code == -signal.SIGKILL, f"{rules}: {code}\n{server.log()}"


def die_anywhere(disk, world, generator):
    server = start_and_check(disk, world)
    load = Load(world, server)
    time.sleep(generator.uniform(0.01, 0.4))
    server.kill()
    load.stop()


# Before or after these, while clients are at work.
UNDER_LOAD = [
    ("sql", "BEGIN IMMEDIATE"),
    ("sql", "SAVEPOINT command"),
    ("sql", "RELEASE command"),
    ("sql", "COMMIT"),
    ("write", WAL),
    ("fdatasync", WAL),
    ("create", "data/tmp/*/thumbnail.jpg"),
    ("fsync", "data/tmp/*/original"),
    ("mkdir", "data/photos/??/"),
    ("rename", "data/photos/*"),
    ("fsync", "data/photos/??/"),
    ("fsync", "data/photos/"),
    ("unlink", "data/photos/*"),
]

# Before or after these, when clients pause.
AT_REST = [
    ("checkpoint", "passive"),
    ("write", DATABASE),
    ("fdatasync", DATABASE),
]

# Before or after these, on the way down.
ON_SHUTDOWN = [
    ("checkpoint", "truncate"),
    ("truncate", WAL),
    ("unlink", WAL),
]


def test_killed_under_load(disk, world, seed):
    generator = random.Random(seed)
    for operation, pattern in UNDER_LOAD:
        for moment in ("before", "after"):
            die(disk, world,
                kill(moment, operation, pattern, generator.randint(1, 8)))
    start_and_check(disk, world).kill()
    assert world.ledger.acknowledged > 100


def test_killed_at_rest(disk, world):
    for operation, pattern in AT_REST:
        for moment in ("before", "after"):
            die(disk, world, kill(moment, operation, pattern), idle=True)
    start_and_check(disk, world).kill()


def test_killed_on_shutdown(disk, world):
    for operation, pattern in ON_SHUTDOWN:
        for moment in ("before", "after"):
            server = start_and_check(disk, world)
            load = Load(world, server)
            time.sleep(0.1)
            load.stop()
            disk.plan(kill(moment, operation, pattern))
            server.send(signal.SIGTERM)
            assert server.wait() == -signal.SIGKILL, server.log()
            server.kill()
            disk.plan()
    start_and_check(disk, world).stop()


def test_killed_anywhere(disk, world, seed):
    generator = random.Random(seed)
    for _ in range(20):
        die_anywhere(disk, world, generator)
    start_and_check(disk, world).stop()


def test_killed_while_it_recovers(disk, world):
    for turn in range(1, 8):
        server = start_and_check(disk, world)
        load = Load(world, server)
        time.sleep(0.2)
        server.kill()
        load.stop()
        disk.plan(kill("before", "change", "*", turn))
        with pytest.raises(AssertionError, match="ended with -9"):
            disk.start()
        disk.plan()
    start_and_check(disk, world).stop()


STEPS_OF_FIRST_START = [
    kill(moment, "sql", statement, turn)
    for moment in ("before", "after")
    for statement, turn in [
        ("BEGIN IMMEDIATE", 2), ("*CREATE TABLE meta*", 1),
        ("*CREATE TABLE garbage*", 1), ("*INSERT INTO meta*", 1),
        ("PRAGMA user_version=*", 1), ("COMMIT", 1)]
] + [kill("before", "change", "*", turn) for turn in range(1, 25, 2)]


@pytest.mark.parametrize("rule", STEPS_OF_FIRST_START,
                         ids=lambda rule: rule.replace("\t", " "))
def test_killed_while_the_schema_is_made(rule, disk, world):
    disk.plan(rule)
    with contextlib.suppress(AssertionError):
        disk.start().kill()
        pytest.fail(f"the server lived through {rule}")
    disk.plan()

    server = start_and_check(disk, world)
    load = Load(world, server)
    time.sleep(0.1)
    load.stop()
    server.stop()
    assert world.ledger.acknowledged > 0
