# SPDX-License-Identifier: Apache-2.0
"""The server on a disk with faults on order: see disk/plan.h for the words."""

import os
import pathlib

from processes import BIN, Server

# The other doors take time to open and to close.
ONLY_GRPC = ("--http-listen", "off", "--metrics-listen", "off")
LIBRARY = BIN / "libpinhole_fault_disk.so"


def kill(moment, operation, pattern, turn=1):
    """`moment` is "before" or "after" the `turn`-th matching operation."""
    return f"kill-{moment}\t{operation}\t{pattern}\t{turn}"


def fail(operation, pattern, error):
    return f"fail\t{operation}\t{pattern}\t{error}"


def forget(operation, pattern):
    """A sync that is answered but does not happen."""
    return f"forget\t{operation}\t{pattern}\t"


def stall(operation, pattern):
    """A sync that hangs until the plan is another."""
    return f"stall\t{operation}\t{pattern}\t"


class FaultDisk:
    """The folder `root` and what is to go wrong below it. The data folder is
    `root/data`; plan, journal and logs are kept outside, in `root`'s parent."""

    def __init__(self, root, journal=False):
        self.root = pathlib.Path(root)
        self.root.mkdir()
        self.data = self.root / "data"
        self.database = self.data / "pinhole.db"
        self._plan = self.root.with_name(f"{self.root.name}-plan")
        self.journal = self.root.with_name(f"{self.root.name}-journal")
        self._journaled = journal
        self.plan()

    def plan(self, *rules):
        """From now on these go wrong, and nothing else."""
        new = self._plan.with_suffix(".new")
        new.write_text("".join(f"{rule}\n" for rule in rules))
        os.replace(new, self._plan)

    def start(self, *options):
        environment = {
            "LD_PRELOAD": str(LIBRARY),
            "PINHOLE_FAULT_ROOT": str(self.root),
            "PINHOLE_FAULT_PLAN": str(self._plan),
        }
        if self._journaled:
            environment["PINHOLE_FAULT_JOURNAL"] = str(self.journal)
        return Server(self.data, *ONLY_GRPC, *options, environment=environment,
                      log=self.root.with_name(f"{self.root.name}-server.log"))
