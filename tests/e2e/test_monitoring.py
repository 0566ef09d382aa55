# SPDX-License-Identifier: Apache-2.0
"""Rules and dashboards: well formed, tested, explained, and, with a real
Prometheus that scrapes a real server and gateway, never about nothing.

Both are Debian's package prometheus; where it is not installed the tests that
need it are skipped.
"""

import contextlib
import dataclasses
import itertools
import re
import shutil
import subprocess
import threading

import pytest
import yaml

import monitoring
from drivers import CallFailed, RestDriver
from monitoring import GRAFANA, PROMETHEUS, RULES, Prometheus
from processes import (BIN, PATIENCE, Gateway, Server, database_of, eventually,
                       running)

needs_prometheus = pytest.mark.skipif(
    shutil.which("prometheus") is None or shutil.which("promtool") is None,
    reason="prometheus is not installed")

RULE_TESTS = PROMETHEUS / "pinhole.rules.test.yml"
RUNBOOK = (PROMETHEUS / "RUNBOOK.md").read_text()
ALERTS = monitoring.alerts()
DASHBOARDS = {one["uid"]: one for one in monitoring.dashboards()}


@needs_prometheus
def test_configuration_and_rules_are_accepted():
    assert monitoring.promtool(
        "check", "config", PROMETHEUS / "prometheus.yml") == ""
    assert monitoring.promtool(
        "check", "rules", "--lint=all", "--lint-fatal", RULES) == ""


@needs_prometheus
def test_the_configuration_that_the_readme_shows_is_accepted(tmp_path):
    readme = (PROMETHEUS / "README.md").read_text()
    [shown] = re.findall(r"^```yaml\n(.*?)^```$", readme,
                         re.MULTILINE | re.DOTALL)
    (tmp_path / "prometheus.yml").write_text(shown)
    shutil.copy(RULES, tmp_path)

    assert monitoring.promtool("check", "config",
                               tmp_path / "prometheus.yml") == ""


@needs_prometheus
def test_alerts_fire_when_they_should_and_only_then():
    assert monitoring.promtool("test", "rules", RULE_TESTS) == ""


def test_every_alert_is_tested_both_ways():
    tests = [test for group in yaml.safe_load(RULE_TESTS.read_text())["tests"]
             for test in group["alert_rule_test"]]

    fires = {test["alertname"] for test in tests if test["exp_alerts"]}
    silent = {test["alertname"] for test in tests if not test["exp_alerts"]}

    assert fires == ALERTS.keys()
    assert silent == ALERTS.keys()


def test_every_alert_has_its_section_in_the_runbook_and_the_reverse():
    sections = dict(re.findall(r"^### (\w+)\n\n\*(\w+)\.\*", RUNBOOK,
                               re.MULTILINE))

    assert sections == {name: alert["labels"]["severity"]
                        for name, alert in ALERTS.items()}
    for name, alert in ALERTS.items():
        file, _, anchor = alert["annotations"]["runbook"].partition("#")
        assert file == "docker/prometheus/RUNBOOK.md"
        assert anchor == name.lower()
        assert alert["annotations"]["summary"]
    assert re.findall(r"^### (.*)", RUNBOOK, re.MULTILINE) == list(sections)


def test_the_runbook_speaks_of_what_there_is():
    known = {panel["title"] for one in DASHBOARDS.values()
             for panel in one["panels"]}
    help_texts = "".join(
        subprocess.run([BIN / name, "--help"], capture_output=True, text=True,
                       timeout=PATIENCE, check=True).stdout
        for name in ("pinhole-server", "pinhole-gateway"))

    assert set(re.findall(r'"([A-Z][\w ]+)"', RUNBOOK)) <= known
    assert set(re.findall(r"\bPinhole[A-Z]\w+", RUNBOOK)) == ALERTS.keys()
    for flag in set(re.findall(r"`(--[\w-]+)", RUNBOOK)):
        assert f"{flag} " in help_texts, flag


def test_dashboards_are_what_the_script_makes():
    done = subprocess.run([GRAFANA / "make", "--check"], capture_output=True,
                          text=True, check=False)

    assert done.stdout + done.stderr == ""
    assert done.returncode == 0


def test_provisioning_finds_the_dashboards_and_prometheus():
    folder = GRAFANA / "provisioning"
    [source] = yaml.safe_load(
        (folder / "datasources/prometheus.yml").read_text())["datasources"]
    [provider] = yaml.safe_load(
        (folder / "dashboards/pinhole.yml").read_text())["providers"]
    scraped = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())

    assert source["uid"] == "pinhole-prometheus"
    assert (source["jsonData"]["timeInterval"]
            == scraped["global"]["scrape_interval"])
    assert provider["type"] == "file" and not provider["allowUiUpdates"]
    assert ({job["job_name"] for job in scraped["scrape_configs"]}
            == {monitoring.variables(one)["job"]["current"]["value"]
                for one in DASHBOARDS.values()})


@pytest.mark.parametrize("uid", ["pinhole", "pinhole-gateway"])
def test_a_dashboard_is_well_formed(uid):
    dashboard = DASHBOARDS[uid]
    panels = dashboard["panels"]

    assert dashboard["id"] is None
    assert dashboard["schemaVersion"] >= 36
    ids = [panel["id"] for panel in panels]
    assert len(set(ids)) == len(ids)
    titles = [panel["title"] for panel in panels if panel["type"] != "row"]
    for panel in panels:
        if panel["type"] == "row":
            continue
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert panel["title"] and panel["targets"]
        refs = [target["refId"] for target in panel["targets"]]
        assert len(set(refs)) == len(refs)
        for part in (panel, *panel["targets"]):
            assert part["datasource"]["uid"] == "${datasource}"
        if panel["type"] == "timeseries":
            assert all(target["legendFormat"] for target in panel["targets"])
    assert titles


@pytest.mark.parametrize("uid", ["pinhole", "pinhole-gateway"])
def test_panels_are_on_the_grid_and_on_no_other(uid):
    taken = {}
    for panel in DASHBOARDS[uid]["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        for cell in itertools.product(range(at["x"], at["x"] + at["w"]),
                                      range(at["y"], at["y"] + at["h"])):
            assert taken.setdefault(cell, panel["title"]) == panel["title"]


@needs_prometheus
def test_every_query_of_the_dashboards_parses(tmp_path):
    queries = [query for one in DASHBOARDS.values()
               for query in monitoring.dashboard_queries(one)]
    generated = tmp_path / "queries.yml"
    generated.write_text(yaml.safe_dump({"groups": [{
        "name": "dashboards",
        "rules": [{"record": f"query:{number}", "expr": query.expr}
                  for number, query in enumerate(queries)]}]}))

    assert monitoring.promtool("check", "rules", generated) == ""


class Load:
    """People who do something of every kind until `stop`."""

    def __init__(self, server, others, snapshot, folder):
        self._snapshot = snapshot
        self._done = threading.Event()
        self._failure = None
        self._people = [RestDriver(door) for door in (server, *others)]
        for number, person in enumerate(self._people):
            person.register(f"person{number}")
            person.login(f"person{number}")
            person.upload(snapshot)  # What newcomers look at.
        # Somebody new every moment: registers, logs in, looks, likes, follows.
        self._log = open(folder / "lab.log", "wb")
        self._newcomers = subprocess.Popen(
            [BIN / "pinhole", "--target", server.grpc, "lab", "stress",
             "--users", "2", "--duration", "600", "--metrics", "off"],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        try:
            while not self._done.wait(0.2):
                for person in self._people:
                    self._do_something(person)
        except Exception as failure:
            self._failure = failure

    def _do_something(self, person):
        # Some is meant to fail, and a slow machine may refuse any of it.
        with contextlib.suppress(CallFailed):
            photo = person.upload(self._snapshot)["name"]
            person.comment(photo, "What a rocket.")
            person.download(photo, "thumbnail")
            person.feed()
            person.get_photo("photos/none")
        with contextlib.suppress(CallFailed):
            person.login("nobody")

    def check(self):
        assert self._failure is None, self._failure
        assert self._newcomers.poll() is None, "the lab has ended"

    def stop(self):
        self._done.set()
        self._thread.join(PATIENCE)
        self._newcomers.terminate()
        self._newcomers.wait(PATIENCE)
        self._log.close()
        for person in self._people:
            person.close()


@dataclasses.dataclass
class Site:
    prometheus: Prometheus
    gateway: Gateway
    load: Load


@pytest.fixture(scope="module")
def site(tmp_path_factory, snapshot):
    """A server on SQLite and a gateway that were started twice, and a server on
    PostgreSQL, with people on them and a Prometheus that saw all of it."""
    folder = tmp_path_factory.mktemp("site")
    with contextlib.ExitStack() as stack:
        server = Server(folder / "data")
        stack.callback(server.kill)
        gateway = Gateway(server.grpc, folder)
        stack.callback(gateway.kill)
        on_postgres = stack.enter_context(running(Server(
            folder / "postgres",
            environment=database_of(folder / "postgres", "postgres"))))
        prometheus = Prometheus(folder, [server.metrics, on_postgres.metrics],
                                gateway.metrics)
        stack.callback(prometheus.stop)
        scraped = "count_over_time(up[1h]) > 1"
        eventually(lambda: len(prometheus.ask(scraped)) == 3,
                   "all are scraped twice")
        gateway.stop()
        server.stop()
        server = stack.enter_context(running(Server(
            folder / "data", "--grpc-listen", server.grpc, "--http-listen",
            server.http, "--metrics-listen", server.metrics)))
        gateway = stack.enter_context(running(Gateway(
            server.grpc, folder, "--http-listen", gateway.http,
            "--metrics-listen", gateway.metrics)))
        load = Load(server, [gateway, on_postgres], snapshot, folder)
        stack.callback(load.stop)
        yield Site(prometheus, gateway, load)


@needs_prometheus
def test_every_panel_shows_something(site):
    missing = {(query.where, query.expr) for one in DASHBOARDS.values()
               for query in monitoring.dashboard_queries(one)}
    assert len(missing) > 80

    def shown():
        missing.difference_update(
            [one for one in missing if site.prometheus.ask(one[1])])
        return not missing

    eventually(shown, missing)
    site.load.check()


@needs_prometheus
def test_every_rule_and_query_is_about_series_that_there_are(site):
    def rules_ran():
        groups = site.prometheus.get("rules")["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        assert len(rules) == len(monitoring.rules())
        return all(rule["health"] == "ok" for rule in rules)

    eventually(rules_ran, "every rule was evaluated without an error")
    queries = monitoring.rule_queries() + [
        query for one in DASHBOARDS.values()
        for query in monitoring.dashboard_queries(one)]
    faults = []

    def known():
        series = site.prometheus.known_series()
        faults[:] = [fault for query in queries
                     for fault in monitoring.unknown(query, series)]
        return not faults

    eventually(known, faults)


@needs_prometheus
def test_whoever_is_well_is_left_alone(site):
    eventually(lambda: site.prometheus.ask("pinhole:rpc_requests:rate5m > 0"),
               "people do something")

    firing = [alert for alert in site.prometheus.get("alerts")["alerts"]
              if alert["state"] == "firing"]

    assert firing == []
    site.load.check()


@needs_prometheus
def test_a_gateway_that_is_gone_is_noticed(site):
    site.load.stop()
    site.gateway.stop()

    def noticed():
        return [alert for alert in site.prometheus.get("alerts")["alerts"]
                if alert["labels"]["alertname"] == "PinholeDown"]

    [alert] = eventually(noticed, "an alert")
    assert alert["labels"]["job"] == "pinhole-gateway"
    assert site.gateway.metrics in alert["annotations"]["summary"]


@pytest.mark.parametrize("expr, fault", [
    ("rate(pinhole_lost_total[5m])", "pinhole_lost_total"),
    ('rate(a_total{kind="red"}[5m]) > 1e6', "a_total has no kind=red"),
    ('a_total{kind=~"blue|red"}', "a_total has no kind=red"),
    ('sum by (kind) (a_total{sort="blue"})', "a_total has no label sort"),
    ('a_total{kind="blue", job="x"} offset 5m or 0 * up', None)])
def test_the_check_of_names_finds_mistakes(expr, fault):
    known = [("a_total", {"kind": "blue", "job": "x", "instance": "y"})]

    found = list(monitoring.unknown(monitoring.Query("here", expr), known))

    assert found == ([f"here: {fault}"] if fault else [])
