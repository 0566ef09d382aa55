# SPDX-License-Identifier: Apache-2.0
"""Servers and databases die while people use two servers on one PostgreSQL
with a synchronous standby. Nothing that was acknowledged is lost, nothing
happens twice, no answer is revoked, and only short deadlines meet errors."""

import signal
import time

import pytest

from stage import (ROUNDS, ROUNDS_WITH_PARTITIONS, stages,
                   wait_for_waiting_commits)


def kill_server(stage):
    """Comes back only after people have gone on without it."""
    server = stage.random.choice(stage.fleet.servers)
    server.kill()
    stage.progress()
    server.start()
    return server


def restart_server(stage):
    server = stage.random.choice(stage.fleet.servers)
    server.kill()
    server.start()
    return server


def kill_server_while_commits_wait(stage):
    """They are carried out although nobody is left to answer them."""
    server = stage.random.choice(stage.fleet.servers)
    stage.pair.standby.kill()
    wait_for_waiting_commits(stage)
    server.kill()
    stage.pair.standby.start()
    stage.pair.wait_for_standby()
    server.start()
    return server


def kill_primary(stage):
    stage.pair.primary.kill()
    stage.pair.fail_over()
    stage.pair.take_back()


def kill_primary_while_commits_wait(stage):
    """What it has committed and the standby lacks was not acknowledged."""
    stage.pair.standby.kill()
    wait_for_waiting_commits(stage)
    stage.pair.primary.kill()
    stage.pair.standby.start()
    stage.pair.fail_over()
    stage.pair.take_back()


def kill_standby(stage):
    """Writes wait for it."""
    stage.pair.standby.kill()
    wait_for_waiting_commits(stage)
    stage.pair.standby.start()
    stage.pair.wait_for_standby()


def stop_postgres(stage):
    """In order."""
    restart_postgres(stage, signal.SIGINT)


def crash_postgres(stage):
    restart_postgres(stage, signal.SIGQUIT)


def restart_postgres(stage, number):
    stage.pair.primary.end(number)
    stage.pair.primary.start()
    stage.pair.wait_for_standby()


FAULTS = [kill_server, restart_server, kill_server_while_commits_wait,
          kill_primary, kill_primary_while_commits_wait, kill_standby,
          stop_postgres, crash_postgres]


@pytest.mark.parametrize("rounds", stages(ROUNDS - ROUNDS_WITH_PARTITIONS))
def test_nothing_is_lost_or_done_twice(rounds, staged, capsys):
    with staged() as stage:
        stage.rounds(rounds, FAULTS)
    with capsys.disabled():
        print(stage.report())


def keep_standby_away(stage):
    """For longer than a server waits for a lock or for the next batch."""
    stage.pair.standby.kill()
    wait_for_waiting_commits(stage)
    time.sleep(10)
    stage.pair.standby.start()
    stage.pair.wait_for_standby()


def test_writes_wait_as_long_as_their_deadlines_permit(staged):
    with staged() as stage:
        stage.rounds(1, [keep_standby_away])
