#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Each benchmark runs and writes what its readers expect. What it measured is
not looked at: machines are noisy.

Usage: smoke_test.py BIN_FOLDER
"""

import json
import pathlib
import subprocess
import sys
import tempfile

FIGURE = {"name", "unit", "median", "values"}
CLAIM = {"path", "figure", "bound", "target", "median", "values", "met"}
ENVIRONMENT = {"revision", "date", "cpu", "cores", "kernel", "disk", "compiler",
               "build_type", "grpc", "protobuf", "sqlite", "load_average"}


def check(program, folder):
    written = folder / f"{program.name}.json"
    run = subprocess.run(
        [program, "--quick", "--folder", folder / "work", "--json", written],
        stdout=subprocess.PIPE, text=True, timeout=120)
    assert run.returncode == 0, run.returncode
    told = json.loads(written.read_text())
    assert ENVIRONMENT <= told["environment"].keys(), told["environment"]
    assert told["rounds"] == 1, told["rounds"]
    assert told["figures"] and told["claims"], told
    for figure in told["figures"]:
        assert FIGURE == figure.keys(), figure
        assert len(figure["values"]) == 1, figure
        assert figure["name"] in run.stdout, figure
    for claim in told["claims"]:
        assert CLAIM == claim.keys(), claim
        assert claim["path"] in run.stdout, claim
    assert not list((folder / "work").iterdir()), "something was left behind"


def main():
    programs = sorted(pathlib.Path(sys.argv[1]).glob("*_bench"))
    assert programs, "no benchmarks"
    for program in programs:
        print(program.name, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            check(program, pathlib.Path(folder))


main()
