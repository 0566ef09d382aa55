# SPDX-License-Identifier: Apache-2.0
"""`pinhole lab` against a real server: what it prints, writes and returns."""

import html.parser
import json
import signal
import subprocess
import time

import pytest

from processes import BIN, Server, running

# Short, for a machine that does other things as well: what is measured does not
# matter here.
SHORT = ["--duration", "1", "--warmup", "0.2", "--slo-p99", "5000"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(Server(tmp_path_factory.mktemp("lab") / "data")) as process:
        seed = pinhole(process, "seed", "--users", "4", "--photos", "8",
                       "--follows", "8", "--likes", "8", "--comments", "4")
        assert seed.returncode == 0, seed.stderr
        yield process


def pinhole(server, *arguments, target=None):
    return subprocess.run(
        [BIN / "pinhole", "--target", target or server.grpc, *arguments],
        capture_output=True, text=True, timeout=120)


def lab(server, *arguments, target=None):
    metrics = ["--metrics", f"http://{server.metrics}/metrics"]
    if arguments[0] in ("compare", "report"):
        metrics = []
    return pinhole(server, "lab", *arguments, *metrics, target=target)


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
            "the user is gone"} <= checks.keys()
    found = pinhole(server, "--json", "search", "diag")
    assert json.loads(found.stdout) == {"items": []}


def test_the_diagnostic_speaks_http_too(server):
    done = lab(server, "diagnostic", target=f"http://{server.http}")

    assert done.returncode == 0, done.stdout
    assert "/readyz" in done.stdout
    assert "FAIL" not in done.stdout.replace("0 FAIL", "")


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


def test_a_report_is_like_itself(server, tmp_path):
    stress(server, tmp_path, "report.json")
    report = tmp_path / "report.json"

    done = lab(server, "compare", report, report, "--fail-on-regression", "5%")

    assert done.returncode == 0, done.stderr
    assert "Nothing changed" in done.stdout


def test_a_slower_run_is_a_regression_and_an_unlike_one_no_comparison(
        server, tmp_path):
    _, report = stress(server, tmp_path, "before.json")
    for step in report["steps"]:
        step["total"]["ok"] //= 2
        step["achieved"] /= 2
    (tmp_path / "after.json").write_text(json.dumps(report))
    report["config"]["mix"] = {"feed": 100}
    (tmp_path / "unlike.json").write_text(json.dumps(report))

    slower = lab(server, "compare", tmp_path / "before.json",
                 tmp_path / "after.json", "--fail-on-regression", "10%")
    unlike = lab(server, "compare", tmp_path / "before.json",
                 tmp_path / "unlike.json")
    forced = lab(server, "compare", "--force", tmp_path / "before.json",
                 tmp_path / "unlike.json")

    assert slower.returncode == 1
    assert "rate" in slower.stdout
    assert unlike.returncode == 4
    assert "--force" in unlike.stderr
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
    process.stderr.readline()  # The first second's line.
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)

    assert process.returncode == 130, err
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["partial"] is True
    assert len(report["steps"]) == 1
    assert "users" in out


def test_breaking_searches_both_ways(server, tmp_path):
    begin = time.monotonic()
    done = lab(server, "breaking", *SHORT, "--max", "40", "--max-users", "2",
               "--confirm", "3", "--precision", "1.5", "--mix", "feed=1",
               "--output", tmp_path / "report.json")

    report = json.loads((tmp_path / "report.json").read_text())
    assert done.returncode in (0, 4), done.stderr
    assert report["rateLimit"]["outcome"] in ("never_broke",
                                              "generator_limited", "found")
    assert report["usersLimit"]["summary"]
    assert report["usl"]["summary"]
    assert time.monotonic() - begin < 110


def test_an_ablation_measures_every_setting(server, tmp_path):
    done = pinhole(server, "lab", "ablation", *SHORT, "--users", "2",
                   "--no-search", "--mix", "feed=70,like=30", "--output",
                   tmp_path / "report.json")

    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    names = [variant["name"] for variant in report["variants"]]
    assert names[0] == "naive"
    assert names[-1].startswith("default")
    assert len(names) == 6
    for variant in report["variants"]:
        assert variant["steps"][0]["total"]["ok"] > 0
        assert variant["name"] in done.stdout
