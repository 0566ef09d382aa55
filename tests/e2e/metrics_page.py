# SPDX-License-Identifier: Apache-2.0
"""Reads a metrics page: its families and its series."""

import re
import subprocess

import requests

from processes import PATIENCE, ROOT

TABLE = ROOT / "server/metrics/README.md"
SERIES = re.compile(r'^(\w+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def scrape(process):
    return requests.get(f"http://{process.metrics}/metrics", timeout=PATIENCE,
                        proxies={"http": None}).text


def check(text):
    """What promtool has to say: nothing, if all is well."""
    done = subprocess.run(["promtool", "check", "metrics"], input=text,
                          capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def series(text):
    """(name, labels, value) of every line that is not a comment."""
    for line in text.splitlines():
        found = SERIES.match(line)
        if found:
            name, labels, value = found.groups()
            yield name, dict(LABEL.findall(labels or "")), float(value)


# Their values are many, or differ from one build to the next.
OPEN = re.compile(r"(grpc|http)_|build_type|commit|compiler|cpus|instance_id|version|quantile")


def describe(label, values):
    return label if OPEN.search(label) else f"{label} = {', '.join(sorted(values))}"


def table(text):
    """The families as rows of a table in Markdown, by name."""
    helps = dict(re.findall(r"^# HELP (\w+) (.*)$", text, re.MULTILINE))
    types = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    labels = {name: {} for name in types}
    for name, found, _ in series(text):
        family = name if name in types else name.rpartition("_")[0]
        for label, value in found.items():
            if label != "le":
                labels[family].setdefault(label, {})[value] = None
    return [f"| `{name}` | {types[name]} | " + "; ".join(
                describe(*label) for label in sorted(labels[name].items()))
            + f" | {helps[name]} |" for name in sorted(types)]
