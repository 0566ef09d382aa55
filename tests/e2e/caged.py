#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a program with the system calls that a unit allows, as systemd would:
caged.py UNIT PROGRAM [ARGUMENT...]. Anything else fails with EPERM. Memory that
can be written cannot become executable, where the kernel knows how (6.3)."""

import ctypes
import errno
import os
import pathlib
import re
import subprocess
import sys

import seccomp

PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 65, 1


def members(name):
    """The calls of a set of systemd's (@file-system), or the one named."""
    if not name.startswith("@"):
        return {name}
    shown = subprocess.run(
        ["systemd-analyze", "syscall-filter", name], check=True, text=True,
        capture_output=True).stdout
    lines = [line.strip() for line in shown.splitlines()[1:]]
    return set().union(*(members(line) for line in lines
                         if line and not line.startswith("#")))


def allowed(unit):
    """What the SystemCallFilter= lines come to, one after the other."""
    calls = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.MULTILINE):
        named = set().union(*map(members, line.lstrip("~").split()))
        calls = calls - named if line.startswith("~") else calls | named
    return calls


def main():
    unit = pathlib.Path(sys.argv[1]).read_text()
    cage = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
    # As systemd has it: whatever is a unit's, a program can begin and end.
    for call in allowed(unit) | members("@default") | {"execve"}:
        try:
            cage.add_rule(seccomp.ALLOW, call)
        except (RuntimeError, ValueError):
            pass  # Not of this machine, or newer than the library.
    if "MemoryDenyWriteExecute=yes" in unit:
        ctypes.CDLL(None).prctl(
            PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0)
    cage.load()
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
