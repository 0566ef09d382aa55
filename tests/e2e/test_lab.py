# SPDX-License-Identifier: Apache-2.0
"""`pinhole lab` against a real server: what it prints, writes and returns."""

import json
import signal
import subprocess

import pytest

from lab_runs import SHORT, lab, lab_server, pinhole
from processes import BIN, ENGINE, Server, eventually, running


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with lab_server(tmp_path_factory.mktemp("lab")) as process:
        yield process


def stress(server, tmp_path, name, *arguments):
    done = lab(server, "stress", *SHORT, "--users", "1,2", "--mix",
               "feed=60,photo=30,like=10", "--output", tmp_path / name,
               *arguments)
    return done, json.loads((tmp_path / name).read_text())


def test_the_diagnostic_finds_a_healthy_server_and_leaves_nothing(server):
    done = lab(server, "--json", "diagnostic")

    checks = {check["name"]: check
              for check in json.loads(done.stdout)["checks"]}
    failed = [check for check in checks.values() if check["result"] == "FAIL"]
    assert not failed
    assert done.returncode == 0
    assert {"health", "version", "feed", "small write",
            "upload", "the user is gone"} <= checks.keys()
    of_engine = {"sqlite": "journal mode", "postgres": "PostgreSQL"}
    assert checks.keys() & set(of_engine.values()) == {of_engine[ENGINE]}
    found = pinhole(server, "--json", "search", "diag")
    assert json.loads(found.stdout) == {"items": []}


def test_an_interrupted_diagnostic_leaves_nothing_either(server):
    process = subprocess.Popen(
        [BIN / "pinhole", "--target", server.grpc, "lab", "diagnostic",
         "--metrics", "off"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True)

    def user_is_there():
        found = pinhole(server, "--json", "search", "diag")
        return json.loads(found.stdout)["items"] or process.poll() is not None
    eventually(user_is_there, "the diagnostic's user")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)

    # It may have been through already.
    assert process.returncode in (0, 130), out + err
    found = pinhole(server, "--json", "search", "diag")
    assert json.loads(found.stdout) == {"items": []}


def test_the_diagnostic_speaks_http_too(server):
    done = lab(server, "diagnostic", target=f"http://{server.http}")

    assert done.returncode == 0, done.stdout
    assert "/readyz" in done.stdout
    assert "FAIL" not in done.stdout.replace("0 FAIL", "")


def test_metrics_of_another_server_are_refused(server, tmp_path):
    with running(Server(tmp_path / "data")) as other:
        wrong = f"http://{other.metrics}/metrics"
        for target in (server.grpc, f"http://{server.http}"):
            for command in (["stress", *SHORT], ["diagnostic"]):
                done = pinhole(server, "lab", *command, "--metrics", wrong,
                               target=target)
                said = done.stdout + done.stderr
                assert done.returncode in (1, 2), said
                assert wrong in said and target in said
                assert "--metrics off" in said
    done = pinhole(server, "lab", "stress", *SHORT, "--users", "1", "--mix",
                   "feed=1", "--metrics", f"http://{server.metrics}/metrics")
    assert done.returncode in (0, 4), done.stderr
    assert f"http://{server.metrics}/metrics" in done.stderr


def test_without_photos_every_command_names_the_one_that_helps(tmp_path):
    with running(Server(tmp_path / "data")) as empty:
        for command in ("stress", "breaking"):
            done = lab(empty, command, *SHORT)
            assert done.returncode == 1
            assert f"pinhole --target {empty.grpc} seed" in done.stderr
        done = lab(empty, "diagnostic")
        assert done.returncode == 1
        assert f"pinhole --target {empty.grpc} seed" in done.stdout


def test_a_server_that_is_not_there_has_an_exit_code_of_its_own(server):
    for command in (["stress", *SHORT], ["diagnostic"]):
        done = lab(server, *command, target="127.0.0.1:1")
        assert done.returncode == 3, done.stdout + done.stderr


@pytest.mark.parametrize("arguments, rule", [
    (["stress", "--mix", "fed=1"], "fed"),
    (["stress", "--mix", "register=1"], "newcomer"),
    (["stress", "--profile", "nobody"], "newcomer"),
    (["stress", "--fail", "p99(feed)"], "p99(feed)"),
    (["stress", "--users", "0"], "--users"),
    (["stress", "--users", "1", "--rates", "5"], "--rates"),
    (["breaking", "--precision", "1"], "--precision"),
    (["report"], "file"),
    (["nonsense"], "nonsense"),
])
def test_what_is_wrong_is_named_before_any_load(server, arguments, rule):
    done = pinhole(server, "lab", *arguments)

    assert done.returncode == 2, done.stderr
    assert rule in done.stderr


def test_a_ladder_of_users_is_a_table_and_a_report(server, tmp_path):
    done, report = stress(server, tmp_path, "report.json")

    assert done.returncode in (0, 4), done.stderr
    assert "success %" in done.stdout
    assert [step["users"] for step in report["steps"]] == [1, 2]
    for step in report["steps"]:
        assert step["total"]["ok"] > 0
        assert not step["total"].get("errors")
        names = {operation["name"] for operation in step["operations"]}
        assert names == {"feed", "photo", "like"}
        each = sum(operation["ok"] for operation in step["operations"])
        assert each == step["total"]["ok"]
        assert step["resources"]["cpuCores"] > 0
    engine = {"sqlite": "sqlite", "postgres": "postgresql"}[ENGINE]
    assert report["environment"]["database"]["engine"] == engine
    if ENGINE == "sqlite":  # A server on PostgreSQL counts once a minute.
        assert report["rowsAfter"]["photos"] == 8


def test_rates_are_kept_over_http(server, tmp_path):
    done = lab(server, "stress", "--duration", "2", "--warmup", "0.5",
               "--rates", "40", "--mix", "feed=1", "--arrivals", "constant",
               "--output", tmp_path / "report.json",
               target=f"http://{server.http}")

    report = json.loads((tmp_path / "report.json").read_text())
    assert done.returncode in (0, 4), done.stderr
    step = report["steps"][0]
    assert step["rate"] == 40
    assert 75 <= step["total"]["ok"] <= 80


def test_a_crossed_threshold_is_the_exit_code(server, tmp_path):
    done, report = stress(server, tmp_path, "report.json", "--fail",
                          "rate>1000000", "--fail", "errors<50%")

    assert done.returncode == 1
    crossed = {threshold["text"]: threshold.get("crossed", False)
               for threshold in report["thresholds"]}
    assert crossed == {"rate>1000000": True, "errors<50%": False}


def test_an_interrupted_run_reports_what_there_is(server, tmp_path):
    process = subprocess.Popen(
        [BIN / "pinhole", "--target", server.grpc, "lab", "stress", "--users",
         "1,2,3", "--mix", "feed=1", "--duration", "30", "--warmup", "0.1",
         "--output", tmp_path / "report.json", "--metrics",
         f"http://{server.metrics}/metrics"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not process.stderr.readline().startswith("["):
        pass  # Until the first second's line.
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)

    assert process.returncode == 130, err
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["partial"] is True
    assert len(report["steps"]) == 1
    assert "users" in out
