# SPDX-License-Identifier: Apache-2.0
"""Networks are cut while people use two servers on one PostgreSQL with a
synchronous standby, each on a machine of its own: as test_failover.py."""

import contextlib

import pytest

from drivers import CallFailed
from machines import Machines
from processes import eventually
from stage import ROUNDS_WITH_PARTITIONS, stages, wait_for_waiting_commits

# As long as a call waits here, in seconds, for an answer that never comes.
FOR_EVER = 25


@pytest.fixture
def network():
    with contextlib.closing(Machines()) as made:
        yield made


def cut_server_from_primary(stage):
    """It cannot do anything until the network has healed."""
    server = stage.random.choice(stage.fleet.servers)
    stage.machines.cut(server.name, stage.pair.primary.name)
    eventually(lambda: not server.is_ready(), "the server to notice")
    stage.machines.heal()


def cut_primary_from_standby(stage):
    """Writes wait until the network has healed."""
    stage.machines.cut("a", "b")
    wait_for_waiting_commits(stage)
    stage.machines.heal()
    stage.pair.wait_for_standby()


def lose_primary_and_its_network(stage):
    """Nobody is told that it has gone: its packets just stop."""
    primary, standby = stage.pair.primary, stage.pair.standby
    for other in (standby, *stage.fleet.servers):
        stage.machines.cut(primary.name, other.name)
    primary.kill()
    stage.pair.fail_over()


def replace_lost_primary(stage):
    lose_primary_and_its_network(stage)
    for server in stage.fleet.servers:
        stage.fleet.wait_until_answered(server, stage.world.stubs)
    stage.machines.heal()
    stage.pair.take_back()


FAULTS = [cut_server_from_primary, cut_primary_from_standby,
          replace_lost_primary]


@pytest.mark.parametrize("rounds", stages(ROUNDS_WITH_PARTITIONS))
def test_nothing_is_lost_or_done_twice(rounds, network, staged, capsys):
    with staged(machines=network) as stage:
        stage.rounds(rounds, FAULTS)
    with capsys.disabled():
        print(stage.report())


def answers_after_a_loss(stage):
    stage.settle_in()
    lose_primary_and_its_network(stage)
    stage.fleet.deadline = FOR_EVER
    stage.world.look_around(stage.fleet, photos=2)


def test_new_primary_is_found(network, staged):
    with staged(machines=network) as stage:
        answers_after_a_loss(stage)


def test_without_timeouts_of_tcp_servers_hang(network, staged):
    with staged(machines=network,
                parameters="&tcp_user_timeout=0&keepalives=0") as stage:
        with pytest.raises(CallFailed, match="DEADLINE_EXCEEDED"):
            answers_after_a_loss(stage)
