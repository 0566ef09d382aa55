#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Installs the packages on a clean system of this Debian, runs what they bring as their
units do, and removes them; then does the same with what docker/Dockerfile makes
of them, and tries pinhole-dev (try_client.py): check.py PACKAGES. Requires root;
`script/package --check` runs it."""

import json
import pathlib
import re
import shutil
import sys

from clean_root import clean_root, say
from try_client import try_client

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMES = ["pinhole-server", "pinhole-gateway", "pinhole"]

# What a person does first, once a server listens on its default addresses.
FIRST_STEPS = r"""
export PINHOLE_SESSION_FILE=/tmp/session
await() { # COMMAND...: until it succeeds, half a minute at most.
  for _ in $(seq 300); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  echo "still fails: $*" >&2
  return 1
}
first_steps() {
  await pinhole health
  pinhole seed --users 3 --photos 3 --likes 3 --follows 3 --comments 3 \
    --password 'a long password' >/dev/null
  echo 'a long password' | pinhole register ansel --password-stdin
  pinhole recent --json | grep -q '"name"'
}
stop() { # PID: in order.
  kill -TERM "$1"
  wait "$1"
}
"""


def expect(condition, what):
    if not condition:
        raise SystemExit(f"check: failed: {what}")


def unit_settings(root, name):
    """The assignments of a unit's [Service], the last of each name; all of
    Environment."""
    settings, environment = {}, []
    for line in root.read(f"/lib/systemd/system/{name}.service").splitlines():
        key, equals, value = line.partition("=")
        if not equals or key.startswith("#"):
            continue
        settings[key] = value
        if key == "Environment":
            environment.append(value)
    return settings, environment


def install(root, packages):
    shutil.copytree(packages, root.path / "packages")
    root.run("apt-get", "-q", "update")
    root.run("apt-get", "-q", "-y", "install", "--no-install-recommends",
             *[f"/packages/{path.name}" for name in NAMES
               for path in packages.glob(f"{name}_*.deb")])


def check_files(root):
    for name in NAMES:
        version = root.run(f"/usr/bin/{name}", "--version")
        expect(re.search(r"\d+\.\d+", version), f"{name} --version: {version}")
        for path in (f"/usr/share/man/man1/{name}.1.gz",
                     f"/usr/share/bash-completion/completions/{name}",
                     f"/usr/share/fish/vendor_completions.d/{name}.fish",
                     f"/usr/share/doc/{name}/copyright"):
            # Debian's container settings leave manuals and documents out.
            expect(path in root.run("dpkg", "-L", name).split(), path)
    for name in NAMES[:2]:
        conffiles = root.run("dpkg-query", "-W", "-f", "${Conffiles}", name)
        expect(f"/etc/default/{name}" in conffiles, f"{name}: {conffiles}")
        config = f"/etc/pinhole/{name.partition('-')[2]}.conf"
        expect(config in conffiles, f"{name}: {conffiles}")
    expect(root.has("/usr/share/pinhole/proto/google/api/annotations.proto") and
           root.has("/usr/share/pinhole/proto/pinhole/v1/options.proto"),
           "the protos are there")
    expect(root.run("id", "-u", "pinhole").strip() != "0", "a user of its own")


def run_as_units_do(root):
    """No systemd runs here; this does what the units ask of it, but for the
    cage."""
    server, environment = unit_settings(root, "pinhole-server")
    gateway, of_gateway = unit_settings(root, "pinhole-gateway")
    state = f"/var/lib/{server['StateDirectory']}"
    as_server = (f"setpriv --reuid={server['User']} --regid={server['Group']} "
                 f"--clear-groups env {' '.join(environment)}")
    root.run_alone(f"""{FIRST_STEPS}
install -d -o {server['User']} -g {server['Group']} \
  -m {server['StateDirectoryMode']} {state}
umask {server['UMask']}
{as_server} {server['ExecStart']} & server=$!
first_steps
setpriv --reuid=65534 --regid=65534 --clear-groups \
  env {' '.join(of_gateway)} PINHOLE_HTTP_LISTEN=127.0.0.1:8081 \
  {gateway['ExecStart']} & gateway=$!
await pinhole lab diagnostic --target http://127.0.0.1:8081 --metrics off
stop $gateway
stop $server
test -e {state}/clean
{as_server} pinhole-server admin grant ansel
{as_server} {server['ExecStart']} & server=$!
await pinhole health
stop $server
""")


def purge(root):
    root.run("apt-get", "-q", "-y", "purge", *NAMES)
    for path in ("/etc/default/pinhole-server", "/etc/default/pinhole-gateway",
                 "/etc/pinhole",
                 "/lib/systemd/system/pinhole-server.service",
                 "/usr/bin/pinhole", "/usr/share/pinhole"):
        expect(not root.has(path), f"{path} is gone")
    expect(root.has("/var/lib/pinhole/pinhole.db"), "the data stays")


def image():
    """The instructions of the Dockerfile's last stage."""
    text = (ROOT / "docker/Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines()
             if line and not line.startswith("#")]
    last = max(i for i, line in enumerate(lines) if line.startswith("FROM "))
    return [line.split(maxsplit=1) for line in lines[last:]]


def build_image(root, packages, instructions):
    # Tried here on the Debian that the packages were built on; both stages of
    # the image have the same one.
    expect(instructions[0] in (["FROM", "debian:12-slim"],
                               ["FROM", "debian:13-slim"]),
           f"a Debian that Pinhole is built on: {instructions[0]}")
    for word, rest in instructions:
        if word == "COPY":
            source, target = rest.replace("--from=build", "").split()
            expect(source == "/src/build/packages", f"what is copied: {source}")
            shutil.copytree(packages, root.path / target.lstrip("/"))
        elif word == "RUN":
            root.run("sh", "-c", rest)


def run_image(root, instructions):
    said = dict(instructions)
    user, _, group = said["USER"].partition(":")
    expect(user.isdigit() and user != "0", f"USER is a number: {user}")
    start = " ".join(json.loads(said["ENTRYPOINT"]))
    probe = " ".join(json.loads(said["HEALTHCHECK"].partition("CMD")[2]))
    as_user = (f"setpriv --reuid={user} --regid={group} --clear-groups "
               f"--no-new-privs --bounding-set=-all --inh-caps=-all")
    root.run_alone(f"""{FIRST_STEPS}
if {as_user} touch /usr/bin/x 2>/dev/null || touch /usr/bin/x 2>/dev/null
then echo 'the root is not read-only' >&2; exit 1; fi
{as_user} env {said['ENV']} {start} & server=$!
await {as_user} {probe}
first_steps
stop $server
if {as_user} {probe}; then echo 'healthy when it is gone' >&2; exit 1; fi
""", read_only=True)


def main():
    packages = pathlib.Path(sys.argv[1]).resolve()
    with clean_root() as root:
        say("installing")
        install(root, packages)
        check_files(root)
        say("running as the units do")
        run_as_units_do(root)
        say("purging")
        purge(root)
        # What the packages need stays installed, which saves half of the time;
        # that they name all of it was seen above.
        shutil.rmtree(root.path / "var/lib/pinhole")
        shutil.rmtree(root.path / "packages")
        say("building the image of docker/Dockerfile")
        instructions = image()
        build_image(root, packages, instructions)
        say("running it on a read-only root")
        run_image(root, instructions)
    try_client(packages)
    say("all is well")


if __name__ == "__main__":
    main()
