# SPDX-License-Identifier: Apache-2.0
"""A disk that hangs: it gives no error, so somebody has to look at the clock."""

import threading

from faults import stall
from processes import eventually

SERVING, NOT_SERVING = b"\x08\x01", b"\x08\x02"
WAL = "data/pinhole.db-wal"


def health(client):
    check = client.channel.unary_unary(
        "/grpc.health.v1.Health/Check", lambda message: message,
        lambda message: message)
    return check(b"", timeout=10)


def test_server_is_not_ready_until_the_disk_answers_again(
        disk, sign_in, picture):
    server = disk.start("--disk-stall-seconds", "0.5")
    ansel = sign_in(server, "ansel")
    photo = ansel.upload_bytes(picture, caption="before")["name"]
    disk.plan(stall("sync", WAL))
    writing = threading.Thread(target=ansel.comment, args=(photo, "during"))
    writing.start()

    eventually(lambda: health(ansel) == NOT_SERVING, "the server to notice")

    # Its data folder is named; reads go on.
    server.wait_for_log('"critical"')
    critical = [line for line in server.log().splitlines()
                if '"critical"' in line]
    assert len(critical) == 1
    assert f"a write to {disk.data} has not returned" in critical[0]
    assert ansel.get_photo(photo)["caption"] == "before"
    assert writing.is_alive()

    disk.plan()
    writing.join(30)
    assert not writing.is_alive()
    eventually(lambda: health(ansel) == SERVING, "the server to be ready again")
    server.wait_for_log("the disk responds again")
    assert [c["text"] for c in ansel.comments(photo)] == ["during"]
    ansel.close()
    server.stop()
