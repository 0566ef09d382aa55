# SPDX-License-Identifier: Apache-2.0
"""`pinhole lab` with every kind of load, the search and the ablation."""

import json
import re
import signal
import subprocess

import pytest
import requests

from lab_runs import SHORT, TOWN, lab, lab_server, pinhole
from processes import BIN


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with lab_server(tmp_path_factory.mktemp("lab")) as process:
        yield process


@pytest.mark.parametrize("profile, operations", [
    ("reader", {"feed", "profile", "upload"}),
    ("writer", {"upload", "like", "comment", "follow"}),
    ("hotspot", {"photo", "profile", "like", "comment"}),
    ("login_storm", {"login"}),
])
@pytest.mark.parametrize("door", ["grpc", "http"])
def test_every_profile_does_what_it_says_in_either_dialect(
        server, tmp_path, profile, operations, door):
    target = server.grpc if door == "grpc" else f"http://{server.http}"
    done = lab(server, "stress", "--duration", "3", "--warmup", "0.2",
               "--users", "4", "--profile", profile, "--output",
               tmp_path / "report.json", target=target)

    assert done.returncode in (0, 4), done.stderr
    step = json.loads((tmp_path / "report.json").read_text())["steps"][0]
    done_well = {operation["name"] for operation in step["operations"]
                 if operation["ok"] > 0}
    assert done_well == operations
    assert not step["total"].get("errors")


def users_of(server):
    metrics = requests.get(f"http://{server.metrics}/metrics", timeout=30)
    return re.search(r"^pinhole_users (\S+)$", metrics.text, re.M).group(1)


def test_load_comes_from_the_sessions_of_a_file(server, tmp_path):
    sessions = tmp_path / "sessions"
    seed = pinhole(server, "seed", *TOWN, "--sessions", sessions)
    assert seed.returncode == 0, seed.stderr
    users = users_of(server)

    done = lab(server, "stress", *SHORT, "--users", "4", "--mix",
               "feed=50,follow=50", "--sessions", sessions)

    assert done.returncode in (0, 4), done.stderr
    assert users_of(server) == users  # Nobody was made for the run.
    wrong = lab(server, "stress", *SHORT, "--profile", "login_storm",
                "--sessions", sessions)
    assert wrong.returncode == 2
    assert "--sessions" in wrong.stderr


def test_newcomers_do_the_nine_operations(server, tmp_path):
    done = lab(server, "stress", "--duration", "5", "--warmup", "0.2",
               "--users", "1", "--output", tmp_path / "report.json")

    assert done.returncode in (0, 4), done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    operations = {operation["name"]: operation
                  for operation in report["steps"][0]["operations"]}
    assert operations.keys() == {"register", "login", "feed", "photo", "like",
                                 "follow"}
    assert not any(operation.get("errors")
                   for operation in operations.values())


def accounts(server):
    """The accounts that runs of the lab left."""
    found = pinhole(server, "--json", "search", "lab", "--limit", "0")
    return json.loads(found.stdout)["items"]


@pytest.mark.parametrize("door", ["grpc", "http"])
def test_newcomers_are_counted_and_deleted_on_request(server, door):
    target = server.grpc if door == "grpc" else f"http://{server.http}"
    users = users_of(server)
    left = lab(server, "stress", *SHORT, "--users", "1", target=target)
    said = re.search(r"left (\d+) accounts whose handles begin with (lab\w+);",
                     left.stderr)
    assert said, left.stderr
    run = [user["name"] for user in accounts(server)
           if user["name"].startswith(f"users/{said[2]}")]
    assert len(run) >= int(said[1]) > 0
    assert f"pinhole lab clean {said[2]}" in left.stderr

    clean = lab(server, "stress", *SHORT, "--users", "1", "--clean",
                target=target)
    assert clean.returncode in (0, 4), clean.stderr
    assert re.search(r"Deleted [1-9]\d* accounts", clean.stderr)
    # The accounts of the other run are still there.
    assert {user["name"] for user in accounts(server)} >= set(run)

    done = pinhole(server, "lab", "clean", target=target)
    assert done.returncode == 0, done.stderr
    assert accounts(server) == []
    assert users_of(server) == users
    wrong = pinhole(server, "lab", "clean", "ansel", target=target)
    assert wrong.returncode == 2


def test_an_interrupted_run_cleans_up_too(server):
    process = subprocess.Popen(
        [BIN / "pinhole", "--target", server.grpc, "lab", "stress", "--clean",
         "--users", "1", "--duration", "60", "--warmup", "0.1", "--metrics",
         "off"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not process.stderr.readline().startswith("["):
        pass  # Until the first second's line.
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 130, err
    assert re.search(r"Deleted [1-9]\d* accounts", err)
    assert accounts(server) == []


def test_breaking_searches_both_ways(server, tmp_path):
    done = lab(server, "breaking", *SHORT, "--max", "40", "--max-users", "2",
               "--confirm", "3", "--precision", "1.5", "--mix", "feed=1",
               "--output", tmp_path / "report.json")

    report = json.loads((tmp_path / "report.json").read_text())
    assert done.returncode in (0, 4), done.stderr
    assert report["rateLimit"]["outcome"] in ("never_broke",
                                              "generator_limited", "found")
    assert report["usersLimit"]["summary"]


def test_an_ablation_measures_every_setting(server, tmp_path):
    done = pinhole(server, "lab", "ablation", *SHORT, "--users", "2",
                   "--seed-users", "3", "--seed-photos", "4", "--no-search",
                   "--mix", "feed=70,like=30", "--output",
                   tmp_path / "report.json")

    report = json.loads((tmp_path / "report.json").read_text())
    # A machine with other work may keep the lab from making the load.
    limited = report["inconclusive"] != ""
    assert done.returncode == (4 if limited else 0), done.stderr
    assert ("inconclusive" in done.stdout) == limited
    names = [variant["name"] for variant in report["variants"]]
    assert names[0] == "naive"
    assert names[-1].startswith("default")
    assert len(names) == 6
    flags = [variant.get("flags", "") for variant in report["variants"]]
    assert flags[0] == "--profile naive"
    for before, after in zip(flags, flags[1:]):
        assert after.startswith(before) and after != before
    for variant in report["variants"]:
        assert variant["steps"][0]["total"]["ok"] > 0
        assert variant["name"] in done.stdout
