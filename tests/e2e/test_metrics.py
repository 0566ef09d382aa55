# SPDX-License-Identifier: Apache-2.0
"""The metrics page: complete, clean, as its table says, and to the point.

`promtool` comes with Debian's package prometheus; where it is not installed the
tests that ask it are skipped.
"""

import shutil
import time

import pytest

import metrics_page
from drivers import CallFailed, RestDriver
from metrics_page import scrape
from processes import ENGINE, Server, running

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed")

ROWS = "| name | type | labels | meaning |\n|---|---|---|---|\n"
OF_ENGINE = {"sqlite": "Only with SQLite", "postgres": "Only with PostgreSQL"}


def busy_day(people, snapshot):
    """Something of every kind."""
    ansel = people("ansel")
    photo = ansel.upload(snapshot)["name"]
    dorothea = people("dorothea", RestDriver)
    dorothea.follow("users/ansel")
    dorothea.like(photo)
    dorothea.comment(photo, "What a rocket.")
    dorothea.feed()
    dorothea.download(photo, "thumbnail")
    with pytest.raises(CallFailed):
        people.stranger().login("nobody")
    ansel.delete_photo(photo)


def rows_below(heading):
    _, found, text = metrics_page.TABLE.read_text().partition(f"# {heading}\n")
    assert found
    _, found, rows = text.partition(ROWS)
    assert found
    return rows.split("\n\n")[0].strip().splitlines()


def test_the_tables_of_the_readme_are_what_the_server_says(server):
    of_all = rows_below("All of them")
    of_engine = rows_below(OF_ENGINE[ENGINE])

    def name(row):
        return row.split("`")[1]

    for rows in (of_all, of_engine):
        assert rows == sorted(rows, key=name)
    assert sorted(of_all + of_engine, key=name) == metrics_page.table(
        scrape(server))


@pytest.mark.parametrize("options, threads", [
    (["--hash-threads", "3"], 3), (["--hashing", "inline", "--loops", "2"], 2)])
def test_threads_that_can_hash_passwords_are_told(tmp_path, options, threads):
    with running(Server(tmp_path / "data", *options)) as server:
        assert f"\npinhole_password_hash_threads {threads}\n" in scrape(server)


@needs_promtool
def test_the_page_is_clean_before_the_first_call_and_after_many(
        server, people, snapshot):
    assert metrics_page.check(scrape(server)) == ""

    busy_day(people, snapshot)

    assert metrics_page.check(scrape(server)) == ""


def test_nothing_appears_later_but_codes_and_routes(server, people, snapshot):
    def known():
        return {(name, tuple(sorted(labels.items())))
                for name, labels, _ in metrics_page.series(scrape(server))
                if not name.startswith("http_server_")
                and labels.get("grpc_code", "OK") == "OK"}
    before = known()

    busy_day(people, snapshot)

    assert known() == before


def test_series_stay_few(server, people, snapshot):
    busy_day(people, snapshot)

    assert len(list(metrics_page.series(scrape(server)))) < 2000


def test_the_page_says_where_the_time_of_calls_goes(server, people, snapshot):
    busy_day(people, snapshot)

    parts, whole = {}, {}
    for name, labels, value in metrics_page.series(scrape(server)):
        method = labels.get("grpc_method")
        if name == "pinhole_rpc_part_seconds_total":
            parts.setdefault(method, {})[labels["part"]] = value
        if name == "grpc_server_handling_seconds_sum":
            whole[method] = value

    assert max(parts["CreateSession"], key=parts["CreateSession"].get) in (
        "hash", "hash_wait")
    assert parts["UploadPhoto"]["media"] > 0
    assert parts["LikePhoto"]["write"] > 0
    assert parts["LikePhoto"]["commit"] > 0
    if ENGINE == "sqlite":  # PostgreSQL reports a commit as a whole.
        assert parts["LikePhoto"]["fsync"] > 0
    assert parts["LikePhoto"]["hash"] == 0
    assert parts["GetFeed"]["query"] > 0
    for method, seconds in whole.items():
        assert sum(parts[method].values()) == pytest.approx(seconds, abs=1e-6)


def values_of(server):
    return {(name, *labels.values()): value
            for name, labels, value in metrics_page.series(scrape(server))}


def test_it_counts_what_there_is(server, people, snapshot):
    busy_day(people, snapshot)

    values = values_of(server)

    assert values["pinhole_users",] == 2
    assert values["pinhole_photos",] == 0
    assert values["pinhole_sessions_active",] == 2


def test_it_counts_what_happens(server, people, snapshot):
    busy_day(people, snapshot)

    values = values_of(server)

    assert values["pinhole_logins_total", "ok"] == 2
    assert values["pinhole_logins_total", "bad_credentials"] == 1
    assert values["pinhole_photo_upload_size_bytes_count",] == 1
    assert values["pinhole_storage_available_bytes", "data"] > 0
    assert values["pinhole_ready",] == 1


def test_the_page_does_not_delay_the_end(tmp_path):
    server = Server(tmp_path / "data")
    scrape(server)
    begin = time.monotonic()

    server.stop()

    # An idle connection of a scraper is not waited for.
    assert time.monotonic() - begin < 1.5
