# SPDX-License-Identifier: Apache-2.0
"""A clean system of the running Debian in a folder, in which commands run as on
a machine of its own: with its own processes and its own loopback."""

import contextlib
import os
import pathlib
import platform
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
               "DEBIAN_FRONTEND": "noninteractive"}


def say(line):
    print(f"check: {line}", flush=True)


def pristine():
    """The folder of a clean system, to be copied."""
    version = platform.freedesktop_os_release().get("VERSION_ID", "unknown")
    made = subprocess.run([ROOT / "script/debian-root", version], text=True,
                          stdout=subprocess.PIPE, timeout=900, check=False)
    if made.returncode != 0:
        raise SystemExit("no clean system could be made (see above)")
    return pathlib.Path(made.stdout.strip())


class Root:
    """A copy of the clean system at `path`."""

    def __init__(self, path):
        self.path = path

    def run(self, *command, timeout=600, **options):
        """Runs `command` as root in it, with our network; fails if it does."""
        done = subprocess.run(
            ["chroot", self.path, *command], env=ENVIRONMENT, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=timeout, check=False, **options)
        if done.returncode != 0:
            raise SystemExit(f"failed with {done.returncode}: "
                             f"{' '.join(map(str, command))}\n{done.stdout}")
        return done.stdout

    def run_alone(self, script, read_only=False, timeout=120):
        """Runs a shell script in it, with processes and a loopback of its own;
        what it leaves running ends with it."""
        inside = self.path / "inside.sh"
        inside.write_text(f"set -eu\n{script}")
        mounts = f"""
            ip link set lo up
            mount --bind {self.path} {self.path}
            cd {self.path}
            mount -t proc proc proc"""
        if read_only:
            mounts += """
            mount -t tmpfs tmpfs tmp
            mkdir -p var/lib/pinhole
            mount --bind var/lib/pinhole var/lib/pinhole
            mount -o remount,ro,bind ."""
        log = BUILD / "clean-root.log"
        with log.open("wb") as out:
            done = subprocess.run(
                ["unshare", "--net", "--pid", "--mount", "--fork",
                 "--kill-child", "sh", "-ec",
                 f"{mounts}\nexec chroot . sh /inside.sh"],
                env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=out,
                stderr=out, timeout=timeout, check=False)
        inside.unlink()
        if done.returncode != 0:
            raise SystemExit(f"{log.read_text(errors='replace')[-8000:]}\n"
                             f"a script failed with {done.returncode}, above; "
                             f"all of it is in {log}")

    def has(self, path):
        return os.path.lexists(self.path / path.lstrip("/"))

    def read(self, path):
        return (self.path / path.lstrip("/")).read_text()


@contextlib.contextmanager
def clean_root():
    source = pristine()
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="root-", dir=BUILD) as folder:
        path = pathlib.Path(folder) / "root"
        subprocess.run(["cp", "-a", source, path], check=True)
        shutil.copyfile("/etc/resolv.conf", path / "etc/resolv.conf")
        yield Root(path)
