# SPDX-License-Identifier: Apache-2.0
"""`pinhole lab` against a real server: what it prints, writes and returns."""

import copy
import html.parser
import json
import signal
import subprocess

import pytest

from lab_runs import SHORT, lab, lab_server, pinhole
from processes import BIN, Server, eventually, running


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
            assert "pinhole seed" in done.stderr
        done = lab(empty, "diagnostic")
        assert done.returncode == 1
        assert "pinhole seed" in done.stdout


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


def test_the_page_stands_alone(server, tmp_path):
    stress(server, tmp_path, "report.json")

    done = lab(server, "report", tmp_path / "report.json", "--html",
               tmp_path / "report.html", "--markdown", tmp_path / "report.md")

    assert done.returncode == 0, done.stderr
    page = (tmp_path / "report.html").read_text()
    html.parser.HTMLParser().feed(page)
    assert "<svg" in page
    assert "default-src 'none'" in page
    assert " src=" not in page and "@import" not in page
    assert "| users |" in (tmp_path / "report.md").read_text()


@pytest.fixture
def twenty_seconds(server, tmp_path):
    """A report whose steps, of one second, say that they took twenty."""
    _, report = stress(server, tmp_path, "one_second.json")
    for step in report["steps"]:
        step["timeline"] = [{"ok": 100 + i % 3, "p50Ms": 4 + i % 2, "p99Ms": 9}
                            for i in range(20)]
    return report


def compare(server, tmp_path, before, after, *arguments):
    (tmp_path / "before.json").write_text(json.dumps(before))
    (tmp_path / "after.json").write_text(json.dumps(after))
    return lab(server, "compare", tmp_path / "before.json",
               tmp_path / "after.json", *arguments)


def test_a_report_is_like_itself(server, tmp_path, twenty_seconds):
    done = compare(server, tmp_path, twenty_seconds, twenty_seconds,
                   "--fail-on-regression", "5%")

    assert done.returncode == 0, done.stderr
    assert "Nothing changed" in done.stdout


def test_a_slower_run_is_a_regression(server, tmp_path, twenty_seconds):
    slower = copy.deepcopy(twenty_seconds)
    for step in slower["steps"]:
        for second in step["timeline"]:
            second["ok"] //= 2

    done = compare(server, tmp_path, twenty_seconds, slower,
                   "--fail-on-regression", "10%")

    assert done.returncode == 1
    assert "rate" in done.stdout and "-50" in done.stdout


def test_steps_of_one_second_say_nothing_about_a_regression(server, tmp_path):
    _, report = stress(server, tmp_path, "report.json")

    done = compare(server, tmp_path, report, report,
                   "--fail-on-regression", "10%")

    assert done.returncode == 4, done.stderr
    assert "No interval is possible for 2 users" in done.stdout


def test_unlike_runs_are_only_compared_by_force(server, tmp_path,
                                                twenty_seconds):
    unlike = copy.deepcopy(twenty_seconds)
    unlike["config"]["mix"] = {"feed": 100}

    done = compare(server, tmp_path, twenty_seconds, unlike)
    forced = compare(server, tmp_path, twenty_seconds, unlike, "--force")

    assert done.returncode == 4
    assert "--force" in done.stderr
    assert forced.returncode == 0


def test_what_is_no_report_is_named(server, tmp_path):
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"schema": "another/1"}')

    for path in (wrong, tmp_path / "missing.json"):
        done = lab(server, "report", path)
        assert done.returncode in (1, 2)
        assert path.name in done.stderr


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
