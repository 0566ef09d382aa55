# SPDX-License-Identifier: Apache-2.0
"""What was acknowledged outlives the process, however it ends."""

import threading

import pytest

import drivers
from drivers import CallFailed
from processes import Server, eventually, running


def leave_traces(people, snapshot):
    """One of everything that is remembered, and the sessions that made it."""
    ansel = people("ansel", display_name="Ansel")
    dorothea = people("dorothea")
    photo = ansel.upload(snapshot, caption="Half Dome")["name"]
    dorothea.follow("users/ansel")
    dorothea.like(photo)
    dorothea.comment(photo, "Tall")
    return ansel, dorothea, photo


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_restart_keeps_what_was_acknowledged(end, tmp_path, stubs, snapshot):
    from conftest import People
    data = tmp_path / "data"
    first = Server(data)
    people = People(drivers.GrpcDriver, first, stubs, tmp_path)
    ansel, dorothea, photo = leave_traces(people, snapshot)
    tokens = ansel.token, dorothea.token
    large = ansel.download(photo, "large")
    people.close()
    getattr(first, end)()

    with running(Server(data)) as second:
        after = People(drivers.GrpcDriver, second, stubs, tmp_path / "after")
        (tmp_path / "after").mkdir()
        ansel, dorothea = after.stranger(), after.stranger()
        ansel.token, dorothea.token = tokens
        assert ansel.whoami()["displayName"] == "Ansel"
        seen = dorothea.feed()[0]
        assert seen["name"] == photo
        assert (seen["likeCount"], seen["commentCount"]) == (1, 1)
        assert seen["liked"]
        assert dorothea.comments(photo)[0]["text"] == "Tall"
        assert [n["kind"] for n in ansel.notifications()] == [
            "KIND_COMMENT", "KIND_LIKE", "KIND_FOLLOW"]
        assert ansel.download(photo, "large") == large
        after.close()


def test_crash_under_load_loses_no_acknowledged_comment(
        tmp_path, stubs, snapshot):
    from conftest import People
    data = tmp_path / "data"
    first = Server(data)
    people = People(drivers.GrpcDriver, first, stubs, tmp_path)
    photo = people("owner").upload(snapshot)["name"]
    writers = [people(f"writer{i}") for i in range(4)]
    acknowledged = []

    def write(client):
        number = 0
        try:
            while True:
                comment = client.comment(photo, f"number {number}")
                acknowledged.append(comment["name"])
                number += 1
        except CallFailed:
            return

    threads = [threading.Thread(target=write, args=[w]) for w in writers]
    for thread in threads:
        thread.start()
    eventually(lambda: len(acknowledged) > 200, "comments")
    first.kill()
    for thread in threads:
        thread.join()
    people.close()

    with running(Server(data)) as second:
        stranger = drivers.RestDriver(second)
        kept = set(all_comments(stranger, photo))
        count = stranger.get_photo(photo)["commentCount"]
        stranger.close()
    assert set(acknowledged) <= kept
    assert count == len(kept)


def all_comments(rest, photo):
    token = ""
    while True:
        page = rest.call("GET", f"{photo}/comments", page_size=100,
                         page_token=token)
        yield from (comment["name"] for comment in page["comments"])
        token = page.get("nextPageToken", "")
        if not token:
            return
