# SPDX-License-Identifier: Apache-2.0
"""`pinhole lab report` and `lab compare`, and the page in a real browser."""

import copy
import json
import subprocess

import pytest

import browser as chromium
from lab_runs import SHORT, lab_server
from lab_runs import lab as lab_with
from processes import BIN

HOSTILE = "</script><img src=x onerror=console.error(1)>"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with lab_server(tmp_path_factory.mktemp("lab")) as process:
        yield process


@pytest.fixture(scope="module")
def made(server, tmp_path_factory):
    """The file of a report of two short steps."""
    path = tmp_path_factory.mktemp("report") / "report.json"
    done = lab_with(server, "stress", *SHORT, "--users", "1,2", "--mix",
                    "feed=60,photo=30,like=10", "--output", path)
    assert done.returncode in (0, 4), done.stderr
    return path


@pytest.fixture
def report(made):
    report = json.loads(made.read_text())
    for step in report["steps"]:
        # A busy machine is not what is tested here.
        step["generatorLimited"] = False
    return report


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    started = chromium.start(tmp_path_factory.mktemp("profile"))
    yield started
    started.close()


@pytest.fixture
def page(browser):
    opened = browser.page()
    yield opened
    opened.close()


def lab(*arguments):
    return subprocess.run([BIN / "pinhole", "lab", *arguments],
                          capture_output=True, text=True, timeout=60)


def show(page, tmp_path, report):
    (tmp_path / "shown.json").write_text(json.dumps(report))
    done = lab("report", tmp_path / "shown.json", "--html",
               tmp_path / "shown.html")
    assert done.returncode == 0, done.stderr
    page.open((tmp_path / "shown.html").as_uri())
    assert page.complaints == []
    assert page.requests == [(tmp_path / "shown.html").as_uri()]


def charts(page):
    return page.run("[...document.querySelectorAll('figure')]"
                    ".filter(figure => figure.querySelector('canvas').width)"
                    ".map(figure => figure.dataset.chart)")


def test_the_page_shows_its_tables_and_charts(page, tmp_path, report):
    show(page, tmp_path, twenty_seconds(report))

    headings = page.run("[...document.querySelectorAll('h2, summary')]"
                        ".map(heading => heading.textContent)")
    assert {"Result", "Steps by users", "Operations at 2 users",
            "Server resources by step", "Environment",
            "Configuration"} <= set(headings)
    cells = page.run("[...document.querySelectorAll('th, td')]"
                     ".map(cell => cell.textContent)")
    assert {"mean ms", "p99 ms", "feed", "photo", "like", "all"} <= set(cells)
    assert charts(page) == ["Throughput by users", "Latency by users, ms",
                            "Operations each second",
                            "Latency each second, ms", "Calls in flight"]


def test_the_page_fits_a_phone_and_the_dark(page, tmp_path, report):
    background = "getComputedStyle(document.body).backgroundColor"
    page.resize(390, 844, mobile=True)
    page.scheme("light")
    show(page, tmp_path, twenty_seconds(report))
    light = page.run(background)

    page.scheme("dark")

    page.until(f"{background} !== '{light}'")
    assert page.run("document.documentElement.scrollWidth") <= 390
    assert len(charts(page)) == 5
    assert page.complaints == []


def test_hostile_text_is_only_text_on_the_page(page, tmp_path, report):
    report["config"]["arguments"] = HOSTILE
    report["environment"]["serverVersion"] = HOSTILE
    report["steps"][0]["operations"][0]["name"] = HOSTILE

    show(page, tmp_path, report)

    assert page.run("document.querySelector('img')") is None
    assert HOSTILE in page.run("document.getElementById('main').textContent")


@pytest.mark.parametrize("partial", [
    {}, {"command": "stress", "partial": True},
    {"steps": [{"kind": "closed", "users": 1}, {"kind": "open"}]}])
def test_a_page_of_a_partial_report_is_not_blank(page, tmp_path, partial):
    show(page, tmp_path, {"schema": "pinhole.lab/1", **partial})

    assert "Result" in page.run("document.getElementById('main').textContent")
    assert charts(page) == []


def test_each_form_is_a_file(tmp_path, made):
    done = lab("report", made, "--html", tmp_path / "report.html", "--markdown",
               tmp_path / "report.md", "--output", tmp_path / "again.json")

    assert done.returncode == 0, done.stderr
    assert "success %" in done.stdout
    assert "default-src 'none'" in (tmp_path / "report.html").read_text()
    assert "| users |" in (tmp_path / "report.md").read_text()
    assert json.loads((tmp_path / "again.json").read_text()) == json.loads(
        made.read_text())


@pytest.mark.parametrize("option, start", [
    ("--output", "{"), ("--html", "<!DOCTYPE html>"), ("--markdown", "## ")])
def test_standard_output_has_one_form_of_the_report(made, option, start):
    done = lab("report", made, option, "-")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(start)
    assert "\nResult\n" not in done.stdout.split("<noscript>")[0]


def test_two_forms_for_standard_output_are_an_error(made):
    done = lab("report", made, "--output", "-", "--html", "-")

    assert done.returncode == 2
    assert done.stdout == ""
    assert "standard output takes one form" in done.stderr


@pytest.mark.parametrize("options", [["--json"], []])
def test_a_run_prints_json_and_nothing_else(server, options):
    done = subprocess.run(
        [BIN / "pinhole", *options, "--target", server.grpc, "lab", "stress",
         *SHORT, "--users", "1", "--mix", "feed=1", "--metrics", "off",
         *([] if options else ["--output", "-"])],
        capture_output=True, text=True, timeout=60)

    assert done.returncode in (0, 4), done.stderr
    assert json.loads(done.stdout)["steps"][0]["users"] == 1
    assert "[stress 1 ladder]" in done.stderr


def twenty_seconds(report):
    """The same report, as if its steps had taken twenty seconds."""
    report = copy.deepcopy(report)
    for step in report["steps"]:
        step["timeline"] = [{"ok": 100 + i % 3, "p50Ms": 4 + i % 2, "p99Ms": 9}
                            for i in range(20)]
    return report


def compare(tmp_path, before, after, *arguments):
    (tmp_path / "before.json").write_text(json.dumps(before))
    (tmp_path / "after.json").write_text(json.dumps(after))
    return lab("compare", tmp_path / "before.json",
               tmp_path / "after.json", *arguments)


def test_a_report_is_like_itself(tmp_path, report):
    done = compare(tmp_path, twenty_seconds(report), twenty_seconds(report),
                   "--fail-on-regression", "5%")

    assert done.returncode == 0, done.stderr
    assert "Nothing changed" in done.stdout


def test_a_slower_run_is_a_regression(tmp_path, report):
    slower = twenty_seconds(report)
    for step in slower["steps"]:
        for second in step["timeline"]:
            second["ok"] //= 2

    done = compare(tmp_path, twenty_seconds(report), slower,
                   "--fail-on-regression", "10%")

    assert done.returncode == 1
    assert "rate" in done.stdout and "-50" in done.stdout


def test_steps_of_one_second_say_nothing_about_a_regression(tmp_path, report):
    done = compare(tmp_path, report, report,
                   "--fail-on-regression", "10%")

    assert done.returncode == 4, done.stderr
    assert "No interval is possible for 2 users" in done.stdout


def test_unlike_runs_are_only_compared_by_force(tmp_path, report):
    unlike = twenty_seconds(report)
    unlike["config"]["mix"] = {"feed": 100}

    done = compare(tmp_path, twenty_seconds(report), unlike)
    forced = compare(tmp_path, twenty_seconds(report), unlike, "--force")

    assert done.returncode == 4
    assert "--force" in done.stderr
    assert forced.returncode == 0


def stages(tmp_path, sqlite, postgres, *arguments):
    return compare(tmp_path, sqlite, postgres, "--stages", *arguments)


def on_postgres(report):
    """The same report, as if its server had stored to PostgreSQL."""
    report = copy.deepcopy(report)
    report["environment"]["database"] = {"engine": "postgresql"}
    return report


def test_two_stages_are_shown_beside_those_of_the_tutorial(tmp_path, report):
    done = stages(tmp_path, report, on_postgres(report))

    assert done.returncode == 0, done.stderr
    rows = [line.split("  ")[0] for line in done.stdout.splitlines()[1:6]]
    assert rows == ["concurrent users", "requests/s", "errors", "writes, p50",
                    "connections"]
    assert "35.71 %" in done.stdout and "500+" in done.stdout
    measured = stages(tmp_path, report, on_postgres(report), "--json")
    assert json.loads(measured.stdout)["sqlite"]["users"] in (1, 2)


def test_stages_in_the_wrong_order_are_refused(tmp_path, report):
    done = stages(tmp_path, on_postgres(report), report)

    assert done.returncode == 2
    assert done.stdout == ""
    assert "before.json was measured on PostgreSQL" in done.stderr


def test_stages_have_no_regressions(tmp_path, report):
    done = stages(tmp_path, report, on_postgres(report),
                  "--fail-on-regression", "5%")

    assert done.returncode == 2
    assert "--stages" in done.stderr


def test_unlike_stages_are_only_shown_by_force(tmp_path, report):
    unlike = on_postgres(report)
    unlike["config"]["thinkSeconds"] = 60

    done = stages(tmp_path, report, unlike)
    forced = stages(tmp_path, report, unlike, "--force")

    assert done.returncode == 4
    assert "think time" in done.stderr and "--force" in done.stderr
    assert forced.returncode == 0
    assert "PostgreSQL, measured" in forced.stdout


def test_a_file_that_is_not_a_report_is_named(tmp_path):
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"schema": "another/1"}')

    for path in (wrong, tmp_path / "missing.json"):
        done = lab("report", path)
        assert done.returncode in (1, 2)
        assert path.name in done.stderr
