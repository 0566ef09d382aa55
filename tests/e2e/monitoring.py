# SPDX-License-Identifier: Apache-2.0
"""What docker/ gives to Prometheus and Grafana, and a Prometheus that runs."""

import dataclasses
import json
import os
import re
import subprocess

import requests
import yaml

from processes import PATIENCE, ROOT, eventually

PROMETHEUS = ROOT / "docker/prometheus"
GRAFANA = ROOT / "docker/grafana"
RULES = PROMETHEUS / "pinhole.rules.yml"

# Prometheus makes these itself; they have the labels of the target.
OF_PROMETHEUS = {"up"}
# Their values appear with their first event.
OPEN = {"grpc_code", "http_request_method", "http_response_status_code",
        "http_route"}
WORDS = {"and", "or", "unless", "by", "without", "on", "ignoring", "group_left",
         "group_right", "bool", "offset"}
SELECTOR = re.compile(
    r"(?<![\w.])([a-zA-Z_:][\w:]*)\b\s*(\{[^}]*\})?(?!\s*\()")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"')


@dataclasses.dataclass
class Query:
    where: str
    expr: str


def promtool(*arguments):
    """What it says of what is wrong."""
    # It makes a database for every test of rules, which needs no disk.
    memory = {"TMPDIR": "/dev/shm"} if os.access("/dev/shm", os.W_OK) else {}
    done = subprocess.run(["promtool", *map(str, arguments)],
                          env={**os.environ, **memory},
                          capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def rules():
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def alerts():
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def rule_queries():
    return [Query(rule.get("alert") or rule["record"], rule["expr"])
            for rule in rules()]


def dashboards():
    return [json.loads(path.read_text())
            for path in sorted((GRAFANA / "dashboards").glob("*.json"))]


def variables(dashboard):
    return {one["name"]: one for one in dashboard["templating"]["list"]}


def dashboard_queries(dashboard, window="1m"):
    """What Grafana would ask of Prometheus, with every instance chosen."""
    values = {"job": variables(dashboard)["job"]["current"]["value"],
              "instance": ".*", "__rate_interval": window}

    def query(where, expr):
        for name, value in values.items():
            expr = re.sub(rf"\${name}\b", value, expr)
        assert "$" not in expr, expr
        return Query(f"{dashboard['title']}: {where}", expr)

    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield query(f"{panel['title']}, {target['legendFormat']}",
                        target["expr"])
    for annotation in dashboard["annotations"]["list"]:
        yield query(f"annotation {annotation['name']}",
                    annotation["target"]["expr"])
    for variable in variables(dashboard).values():
        if variable["type"] == "query":
            asked, label = re.fullmatch(r"label_values\((.*), (\w+)\)",
                                        variable["query"]["query"]).groups()
            yield query(f"variable {variable['name']}",
                        f"group by ({label}) ({asked})")


def selectors(expr):
    """(metric, [(label, operator, value)]) of everything that `expr` reads."""
    expr = re.sub(r"\[[^]]*\]|\boffset\s+\w+", "", expr)
    expr = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*"
                  r"\([^)]*\)", " ", expr)
    for name, matchers in SELECTOR.findall(expr):
        if name not in WORDS:
            yield name, MATCHER.findall(matchers)


def unknown(query, known):
    """What the query selects of which `known` has no series: it would be empty
    for ever. `known` has (name, labels) of every series."""
    labels_of = {}
    for name, labels in known:
        labels_of.setdefault(name, []).append(labels)
    for name, matchers in selectors(query.expr):
        if name in OF_PROMETHEUS:
            continue
        if name not in labels_of:
            yield f"{query.where}: {name}"
            continue
        for label, operator, value in matchers:
            if label in ("job", "instance"):
                continue
            values = {labels.get(label) for labels in labels_of[name]}
            if None in values:
                yield f"{query.where}: {name} has no label {label}"
            elif label not in OPEN:
                wanted = value.split("|") if "~" in operator else [value]
                for missing in set(wanted) - values:
                    yield f"{query.where}: {name} has no {label}={missing}"


class Prometheus:
    """Debian's Prometheus with the shipped configuration, but quicker, on a
    free port; `servers` and `gateway` are their metrics addresses."""

    def __init__(self, folder, servers, gateway):
        self.log_path = folder / "prometheus.log"
        self._configure(folder, servers, gateway)
        with open(self.log_path, "wb") as log:
            self._popen = subprocess.Popen(
                ["prometheus", f"--config.file={folder}/prometheus.yml",
                 f"--storage.tsdb.path={folder}/prometheus",
                 "--web.listen-address=127.0.0.1:0"],
                stdout=log, stderr=subprocess.STDOUT)
        try:
            self.address = eventually(self._address, "Prometheus listens")
        except BaseException:
            self.stop()
            raise

    @staticmethod
    def _configure(folder, servers, gateway):
        text = (PROMETHEUS / "prometheus.yml").read_text()
        for shipped, ours in (("interval: 15s", "interval: 1s"),
                              ("pinhole:9464", '", "'.join(servers))):
            assert shipped in text
            text = text.replace(shipped, ours)
        (folder / "prometheus.yml").write_text(text)
        (folder / RULES.name).write_text(RULES.read_text())
        (folder / "gateways.yml").write_text(
            yaml.safe_dump([{"targets": [gateway]}]))

    def _address(self):
        assert self._popen.poll() is None, self.log()
        log = self.log()
        found = re.search(r'Listening on" address=(\S+)', log)
        return found and "ready to receive web requests" in log and found[1]

    def log(self):
        return self.log_path.read_text(errors="replace")[-8000:]

    def get(self, path, **query):
        answer = requests.get(f"http://{self.address}/api/v1/{path}",
                              params=query, timeout=PATIENCE,
                              proxies={"http": None}).json()
        assert answer["status"] == "success", (query, answer)
        return answer["data"]

    def ask(self, expr):
        """(labels, number) of every series in the answer that has a number."""
        answer = self.get("query", query=expr)
        assert answer["resultType"] == "vector", expr
        samples = [(sample["metric"], float(sample["value"][1]))
                   for sample in answer["result"]]
        return [(labels, number) for labels, number in samples
                if number == number]

    def known_series(self):
        """(name, labels) of everything scraped or recorded."""
        found = self.get("series", **{"match[]": '{__name__=~".+"}'})
        return [(labels.pop("__name__"), labels) for labels in found]

    def stop(self):
        self._popen.terminate()
        try:
            self._popen.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
            raise
