# SPDX-License-Identifier: Apache-2.0
"""What differs between the engines for tests."""

import contextlib
import sqlite3

import pytest

import postgres
from processes import ENGINE

# The tests that a run on PostgreSQL leaves out, with the reason.
ABOUT_SQLITE = {
    "test_limits.py": {
        "test_a_restart_forgets_who_was_wrong":
            "wrong passwords are counted in PostgreSQL, for all servers"},
    "test_metrics.py": {
        "test_it_counts_what_there_is":
            "a server on PostgreSQL counts rows once a minute"},
    "test_renditions.py": dict.fromkeys((
        "test_operator_rebuilds_them_with_the_server_stopped",
        "test_operators_command_killed_in_the_middle_can_be_repeated",
        "test_running_server_is_left_alone"),
        "they are about the data directory of a stopped server"),
    "test_s3.py": {
        "test_backups_of_photos_in_a_bucket_are_refused":
            "all backups are refused on PostgreSQL"},
}


def skip_other_engines(items):
    """Skips those of `items` that do not apply to the engine of this run."""
    for file in {item.path for item in items}:
        for test in ABOUT_SQLITE.get(file.name, {}):
            assert f"\ndef {test}(" in file.read_text(), (file.name, test)
    if ENGINE == "sqlite":
        return
    for item in items:
        reason = ABOUT_SQLITE.get(item.path.name, {}).get(item.originalname)
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))


def query(data_dir, sql):
    """The rows of an answer, as texts, from the database of a stopped server."""
    if ENGINE == "postgres":
        cluster = postgres.shared()
        answer = cluster.sql(sql, cluster.database_for(data_dir))
        return [line.split("|") for line in answer.splitlines()]
    with contextlib.closing(sqlite3.connect(data_dir / "pinhole.db")) as found:
        with found:
            return [list(map(str, row)) for row in found.execute(sql)]
