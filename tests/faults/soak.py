# SPDX-License-Identifier: Apache-2.0
"""script/soak: cycles of kill -9 and of power cuts for as long as asked."""

import argparse
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import stubs as stub_maker  # noqa: E402  pylint: disable=wrong-import-position
from faults import FaultDisk, kill  # noqa: E402
from test_kill import (AT_REST, UNDER_LOAD, die, die_anywhere,  # noqa: E402
                       start_and_check)
from test_power_cut import Cuts, use  # noqa: E402
from world import World  # noqa: E402

# After so many the data folder is begun anew, so that checks stay quick.
KILLS_PER_WORLD = 40
CUTS_PER_WORLD = 20


class Soak:
    def __init__(self, stubs, picture, folder):
        self.stubs = stubs
        self.picture = picture
        self.folder = folder
        self.kills = self.cuts = self.acknowledged = 0

    def kill_cycles(self, seed):
        generator = random.Random(seed)
        world = World(self.stubs, self.picture, seed)
        disk = FaultDisk(self.folder / f"kill{seed}")
        for _ in range(KILLS_PER_WORLD):
            moment = generator.choice(["before", "after"])
            chance = generator.random()
            if chance < 0.5:
                die_anywhere(disk, world, generator)
            elif chance < 0.9:
                die(disk, world, kill(moment, *generator.choice(UNDER_LOAD),
                                      generator.randint(1, 10)))
            else:
                die(disk, world, kill(moment, *generator.choice(AT_REST)),
                    idle=True)
            self.kills += 1
        start_and_check(disk, world).kill()
        self.acknowledged += world.ledger.acknowledged

    def power_cuts(self, seed):
        generator = random.Random(seed)
        world = World(self.stubs, self.picture, seed)
        disk = FaultDisk(self.folder / f"cut{seed}", journal=True)
        use(disk, world)
        use(disk, world)
        cuts = Cuts(disk, world, self.folder / f"cut{seed}-cuts")
        for moment in cuts.moments(generator, CUTS_PER_WORLD):
            problems = cuts.problems(moment, generator)
            assert not problems, f"cut after {moment}:\n" + "\n".join(problems)
            self.cuts += 1
        self.acknowledged += world.ledger.acknowledged


def main():
    parser = argparse.ArgumentParser(prog="script/soak", description=__doc__)
    parser.add_argument("minutes", type=float, nargs="?", default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    end = time.monotonic() + options.minutes * 60
    failures = []
    with tempfile.TemporaryDirectory(prefix="pinhole-soak-") as name:
        folder = pathlib.Path(name)
        picture = folder / "small.jpg"
        subprocess.run(["convert", "-size", "64x48", "plasma:",
                        picture], check=True)
        (folder / "stubs").mkdir()
        soak = Soak(stub_maker.generate(folder / "stubs"),
                    picture.read_bytes(), folder)
        seed = options.seed
        while time.monotonic() < end:
            step = soak.power_cuts if seed % 2 else soak.kill_cycles
            try:
                step(seed)
            except Exception:  # pylint: disable=broad-except
                failures.append(seed)
                traceback.print_exc()
                print(f"repeat with: script/soak 0.01 --seed {seed}")
            print(f"{soak.kills} kills, {soak.cuts} power cuts, "
                  f"{soak.acknowledged} acknowledged calls, "
                  f"{len(failures)} failures", flush=True)
            seed += 1
    if failures:
        sys.exit(f"failed with the seeds {failures}")


if __name__ == "__main__":
    main()
