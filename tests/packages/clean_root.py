# SPDX-License-Identifier: Apache-2.0
"""A clean Debian 12 in a folder, in which commands run as on a machine of its
own: with its own processes and its own loopback."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile

# Or debootstrap's own.
MIRROR = os.environ.get("PINHOLE_MIRROR")
BUILD = pathlib.Path(__file__).resolve().parents[2] / "build"
# Made once and copied; or some other that debootstrap made.
PRISTINE = pathlib.Path(
    os.environ.get("PINHOLE_CLEAN_ROOT", BUILD / "clean-root"))
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
               "DEBIAN_FRONTEND": "noninteractive"}


def bootstrap():
    """The pristine folder, from the mirror if there is none."""
    if PRISTINE.is_dir():
        return PRISTINE
    making = PRISTINE.with_name(f"{PRISTINE.name}-making")
    shutil.rmtree(making, ignore_errors=True)
    log = BUILD / "debootstrap.log"
    mirror = [MIRROR] if MIRROR else []
    print("debootstrap of bookworm ...", flush=True)
    with log.open("wb") as out:
        made = subprocess.run(
            ["debootstrap", "--variant=minbase", "bookworm", making, *mirror],
            stdout=out, stderr=out, timeout=900, check=False)
    if made.returncode != 0:
        shutil.rmtree(making, ignore_errors=True)
        raise SystemExit(
            "debootstrap failed, so no clean system could be made "
            "(PINHOLE_MIRROR names another mirror):\n"
            + "\n".join(log.read_text(errors="replace").splitlines()[-10:]))
    making.rename(PRISTINE)
    return PRISTINE


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
    pristine = bootstrap()
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="root-", dir=BUILD) as folder:
        path = pathlib.Path(folder) / "root"
        subprocess.run(["cp", "-a", pristine, path], check=True)
        shutil.copyfile("/etc/resolv.conf", path / "etc/resolv.conf")
        # It is thrown away, so nothing need be safe on the disk.
        (path / "etc/dpkg/dpkg.cfg.d/unsafe-io").write_text("force-unsafe-io\n")
        # Nobody may start services of a system that does not run.
        policy = path / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        yield Root(path)
