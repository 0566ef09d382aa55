# SPDX-License-Identifier: Apache-2.0
"""The tests of failover can fail: without what protects from a fault, and with
rows that are wrong, the same checks find it. Where the fault is made for this,
the protected case is tested beside it."""

import signal
import threading
import time

import pytest

from database_findings import DatabaseFindings
from stage import Stage, wait_for_waiting_commits
from test_failover import crash_postgres
from witnesses import Revoked


def lost(stage):
    return [problem for problem in stage.findings().problems
            if "is lost" in problem]


def test_asynchronous_standby_loses_what_was_acknowledged(staged):
    """Beside kill_primary_while_commits_wait."""
    with staged() as stage:
        stage.settle_in()
        stage.pair.primary.set("synchronous_standby_names", "")
        stage.pair.standby.kill()
        with stage.people_at_work():
            stage.progress()
        stage.pair.primary.kill()
        stage.pair.standby.start()
        stage.pair.fail_over()

        assert lost(stage)


def test_commits_that_are_not_flushed_are_lost_by_a_crash(staged):
    """Beside crash_postgres."""
    with staged() as stage:
        stage.settle_in()
        for name, value in {"wal_writer_delay": "10s",
                            "wal_writer_flush_after": "1GB",
                            "synchronous_commit": "off"}.items():
            stage.pair.primary.set(name, value)
        with stage.people_at_work():
            stage.progress()
        crash_postgres(stage)

        assert lost(stage)


def lose_an_answer(stage, same_id):
    """All servers are killed while the commit of a comment waits for the
    standby: it happens, but the author does not hear of it, and repeats it."""
    stage.settle_in()
    stage.fleet.forgets_requests = not same_id
    author = stage.world.people[0]
    author.meet(stage.fleet)
    stage.pair.standby.kill()
    commenting = threading.Thread(target=author.comment)
    commenting.start()
    wait_for_waiting_commits(stage)
    for server in stage.fleet.servers:
        server.kill()
    stage.pair.standby.start()
    stage.pair.wait_for_standby()
    for server in stage.fleet.servers:
        server.start()
    commenting.join()
    author.client.close()
    assert stage.fleet.errors


def test_repeated_request_is_done_once(staged):
    with staged() as stage:
        lose_an_answer(stage, same_id=True)
        stage.check()


def test_repeated_request_with_another_id_is_done_twice(staged):
    with staged() as stage:
        lose_an_answer(stage, same_id=False)

        assert any(problem.startswith("comment made twice")
                   for problem in stage.findings().problems)


def promote(stage, fence):
    """A photo is published through the server that uses the new primary, and
    looked at through the one that uses the old primary if it can."""
    stage.settle_in()
    pair, (old, new) = stage.pair, stage.fleet.servers
    if fence:
        pair.primary.kill()
        pair.fail_over()
    else:
        pair.standby.promote()
        pair.primary, pair.standby = pair.standby, pair.primary
    pair.primary.set("synchronous_standby_names", "")
    new.kill()
    new.start()
    author = stage.world.people[0]
    author.meet(stage.fleet.only(new))
    author.upload()
    author.client.close()
    stage.world.look_around(stage.fleet.only(old), photos=1)


def test_only_one_primary_is_used(staged):
    with staged() as stage:
        promote(stage, fence=True)


def test_two_primaries_contradict_each_other(staged):
    with staged() as stage:
        with pytest.raises(Revoked):
            promote(stage, fence=False)


def hang_server(stage):
    server = stage.fleet.servers[0]
    server.send(signal.SIGSTOP)
    time.sleep(1)
    server.send(signal.SIGCONT)


def test_health_that_hangs_is_found(staged):
    with staged() as stage:
        stage.settle_in()
        stage.slowest_ms = 900
        with pytest.raises(AssertionError, match="health was answered after"):
            stage.round(hang_server)


@pytest.fixture(scope="module")
def used(stubs, picture, tmp_path_factory):
    stage = Stage(tmp_path_factory.mktemp("used"), stubs, picture, seed=1)
    stage.settle_in()
    with stage.people_at_work():
        stage.progress(150)
    stage.check()
    yield stage
    stage.close()


@pytest.mark.parametrize("change, problem", [
    ("DELETE FROM likes WHERE id = (SELECT max(id) FROM likes)", "is lost"),
    ("DELETE FROM comments WHERE id = (SELECT max(id) FROM comments)",
     "is lost"),
    ("DELETE FROM sessions WHERE id = (SELECT max(id) FROM sessions)",
     "is lost"),
    ("INSERT INTO follows SELECT a.id, b.id, 1 FROM users a, users b "
     "WHERE (a.id, b.id) NOT IN (SELECT follower_id, followee_id FROM follows)"
     " LIMIT 1", "is there"),
    ("UPDATE photos SET like_count = like_count + 1", "wrong like_count"),
    ("UPDATE photos SET comment_count = 77", "wrong comment_count"),
    ("UPDATE users SET public_photo_count = 77", "wrong public_photo_count"),
    ("UPDATE users SET follower_count = 77", "wrong follower_count"),
    ("UPDATE users SET following_count = 77", "wrong following_count"),
    ("DELETE FROM photo_owners", "without a directory entry"),
    ("DELETE FROM notifications", "not notified once"),
    ("INSERT INTO notifications SELECT user_id, 1, kind, actor_id, photo_id, "
     "create_time FROM notifications LIMIT 1", "not notified once"),
    ("DELETE FROM requests", "does not remember its request"),
    ("INSERT INTO comments SELECT owner_id, photo_id, 1, author_id, "
     "create_time, text FROM comments LIMIT 1", "comment made twice"),
    ("INSERT INTO photos SELECT (json_populate_record(p, '{\"id\": 1}')).* "
     "FROM photos p LIMIT 1", "photo made twice"),
    ("UPDATE meta SET last_photo_id = 1", "beyond the last one given"),
    ("UPDATE photos SET digests = decode(repeat('00', 128), 'hex')",
     "other digests"),
    ("UPDATE photos SET file_key = 'none'", "files without a record"),
])
def test_changed_row_is_found(change, problem, used):
    def changed(text):
        out = used.pair.sql(f"BEGIN; {change}; {text}; ROLLBACK")
        assert not {"DELETE 0", "UPDATE 0", "INSERT 0 0"} & set(
            out.splitlines())
        return out

    findings = DatabaseFindings(changed, used.photos)
    findings.check_files(used.world.originals)
    findings.check_promises(used.world.ledger)

    assert any(problem in found for found in findings.problems)
