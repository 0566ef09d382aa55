# SPDX-License-Identifier: Apache-2.0
"""The processes that decode pictures: what they may do, what happens when one
fails, and that nobody waits for somebody else's pictures."""

import os
import pathlib
import shutil
import signal
import threading

import grpc
import pytest

import drivers
from drivers import CallFailed
from metrics_page import scrape, series
from processes import BIN, PATIENCE, ROOT, Server, eventually, running

FIXTURES = ROOT / "tests/fixtures/pictures"
LIBRARIES = ("libvips", "libheif", "libde265", "libjpeg", "libpng", "libexif",
             "libwebp", "liblcms")


def decoders(server):
    """The pids of the server's decoders."""
    pids = []
    for task in pathlib.Path(f"/proc/{server.pid}/task").iterdir():
        pids += map(int, (task / "children").read_text().split())
    return sorted(pids)


def ready_decoders(server, count=2):
    eventually(lambda: value(server, "pinhole_decoders", state="idle") == count,
               f"{count} idle decoders")
    return decoders(server)


def value(server, name, **labels):
    for found, its_labels, number in series(scrape(server)):
        if found == name and labels.items() <= its_labels.items():
            return number
    raise AssertionError(f"no series {name} {labels}")


def status_of(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return dict(line.split(":\t", 1) for line in text.splitlines())


def health(server, stubs, service):
    with grpc.insecure_channel(server.grpc) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=lambda name: b"\n" + bytes([len(name)]) +
            name.encode(),
            response_deserializer=lambda answer: answer)
        return check(service, timeout=PATIENCE)


SERVING, NOT_SERVING = b"\x08\x01", b"\x08\x02"
UPLOADS = "pinhole.v1.PhotoService.UploadPhoto"


def test_only_decoders_have_the_picture_libraries(server, people, snapshot):
    people("ansel").upload(snapshot)

    maps = pathlib.Path(f"/proc/{server.pid}/maps").read_text()
    assert not [name for name in LIBRARIES if name in maps]
    for pid in ready_decoders(server):
        assert "libvips" in pathlib.Path(f"/proc/{pid}/maps").read_text()


def test_decoders_are_confined(server):
    for pid in ready_decoders(server):
        status = status_of(pid)
        assert status["Seccomp"].strip() == "2"
        assert status["NoNewPrivs"].strip() == "1"
        # Standard streams and the socket to the server.
        descriptors = pathlib.Path(f"/proc/{pid}/fd")
        assert sorted(int(fd.name) for fd in descriptors.iterdir()) == [
            0, 1, 2, 3]
        limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
        assert "Max address space         unlimited" not in limits
        assert "Max core file size        0 " in limits


def test_a_killed_decoder_costs_nobody_a_photo(server, people, snapshot):
    ansel = people("ansel")
    before = ready_decoders(server)

    for pid in before:
        os.kill(pid, signal.SIGKILL)

    assert ansel.upload(snapshot)["name"]
    assert not set(ready_decoders(server)) & set(before)


def test_signals_to_the_group_end_the_server_in_order(server, people, snapshot):
    """As a terminal and a service manager send them."""
    ansel = people("ansel")
    pids = ready_decoders(server)

    for pid in pids:
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGINT)

    assert ansel.upload(snapshot)["name"]
    assert decoders(server) == pids


def niceness(stat):
    """What the text of a stat file in /proc says."""
    return int(stat.read_text().rsplit(")", 1)[1].split()[16])


def test_work_that_callers_wait_for_has_the_priority_of_the_server(
        server, people, snapshot):
    """So that it gets a fair share of a machine that other programs keep busy:
    with a nice value, passwords were hashed at a tenth of it."""
    people("ansel").upload(snapshot)
    own = niceness(pathlib.Path(f"/proc/{server.pid}/stat"))

    threads = {(task / "comm").read_text().strip(): niceness(task / "stat")
               for task in pathlib.Path(f"/proc/{server.pid}/task").iterdir()}
    assert {"hash", "backup", "decode", "loop"} <= threads.keys()
    assert set(threads.values()) == {own}, threads
    for pid in ready_decoders(server):
        assert niceness(pathlib.Path(f"/proc/{pid}/stat")) == own


class Upload(threading.Thread):
    """An upload under way; `outcome` is its photo or what went wrong."""

    def __init__(self, person, file):
        super().__init__(daemon=True)
        self.person, self.file, self.outcome = person, file, None
        self.start()

    def run(self):
        try:
            self.outcome = self.person.upload(self.file)
        except CallFailed as failure:
            self.outcome = failure


def hold_decoders(pids):
    """Stops the decoders, as if each picture took for ever. Returns what waits
    until so many are busy."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)

    def wait(server, busy):
        eventually(
            lambda: value(server, "pinhole_decoders", state="busy") == busy,
            f"{busy} busy decoders")
    return wait


def release_decoders(pids):
    for pid in pids:
        os.kill(pid, signal.SIGCONT)


def test_one_users_pictures_leave_a_decoder_for_others(
        server, people, snapshot):
    ansel, berenice = people("ansel"), people("berenice")
    pids = ready_decoders(server)
    hold = hold_decoders(pids)
    uploads = [Upload(ansel, snapshot) for _ in range(6)]
    eventually(lambda: len(server.files()) == 6, "six files")
    hold(server, busy=1)

    # Behind five of ansel's that wait, but not behind them for a decoder.
    uploads.append(Upload(berenice, snapshot))

    hold(server, busy=2)
    release_decoders(pids)
    for upload in uploads:
        upload.join(PATIENCE)
        assert isinstance(upload.outcome, dict), upload.outcome


def test_the_server_ends_in_time_whatever_a_decoder_does(
        tmp_path, stubs, snapshot):
    server = Server(tmp_path / "data", "--drain-seconds", "1")
    ansel = drivers.GrpcDriver(server, stubs)
    ansel.register("ansel")
    ansel.login("ansel")
    pids = ready_decoders(server)
    hold = hold_decoders(pids)
    Upload(ansel, snapshot)
    hold(server, busy=1)

    server.stop()

    for pid in pids:
        assert not pathlib.Path(f"/proc/{pid}").exists()
    ansel.close()


def test_decoders_end_with_a_server_that_is_killed(tmp_path):
    server = Server(tmp_path / "data")
    pids = ready_decoders(server)

    server.kill()

    eventually(lambda: not any(pathlib.Path(f"/proc/{pid}").exists()
                               for pid in pids), "decoders to end")


def test_without_decoders_all_but_uploads_is_served(
        tmp_path, stubs, snapshot, monkeypatch):
    # A server without the program that belongs to it.
    alone = tmp_path / "bin"
    alone.mkdir()
    shutil.copy(BIN / "pinhole-server", alone)
    monkeypatch.setattr("processes.BIN", alone)
    with running(Server(tmp_path / "data")) as server:
        ansel = drivers.GrpcDriver(server, stubs)
        ansel.register("ansel")
        ansel.login("ansel")
        eventually(lambda: value(server, "pinhole_decoders_available") == 0,
                   "the metric to say so")

        with pytest.raises(CallFailed) as failure:
            ansel.upload(snapshot)

        assert failure.value.code == "UNAVAILABLE"
        assert failure.value.detail("ErrorInfo")["reason"] == "NO_DECODER"
        assert health(server, stubs, UPLOADS) == NOT_SERVING
        assert health(server, stubs, "") == SERVING
        assert ansel.whoami()
        server.wait_for_log("pinhole-decoder")
        ansel.close()


def test_uploads_are_healthy(server, stubs):
    ready_decoders(server)
    assert health(server, stubs, UPLOADS) == SERVING


@pytest.mark.parametrize("file", sorted(
    path.name for path in FIXTURES.iterdir()))
def test_after_any_picture_the_next_is_accepted(
        shared_decoders, file, snapshot):
    server, ansel = shared_decoders
    began = resident(server)

    try:
        ansel.upload(FIXTURES / file)
    except CallFailed as failure:
        assert failure.code == "INVALID_ARGUMENT", failure

    assert ansel.upload(snapshot)["name"]
    assert resident(server) - began < 64 << 20


def resident(server):
    return int(status_of(server.pid)["VmRSS"].split()[0]) << 10


@pytest.fixture(scope="module")
def shared_decoders(shared_server, stubs):
    ansel = drivers.GrpcDriver(shared_server, stubs)
    ansel.register("ansel")
    ansel.login("ansel")
    yield shared_server, ansel
    ansel.close()
