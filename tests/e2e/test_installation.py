# SPDX-License-Identifier: Apache-2.0
"""What `cmake --install` puts where, the units, and the container's files. That
the packages work on a clean system is `script/package --check`."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from drivers import GrpcDriver, RestDriver
from processes import BIN, ROOT, Process, Server, eventually, running

SERVICES = ["pinhole-server", "pinhole-gateway"]


def tool(name):
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed (script/setup test)")
    return name


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The prefix with everything in it, in a folder that stands for the root:
    settings may be outside of the prefix."""
    build = BIN.parent
    if not (build / "packaging/man1/pinhole.1.gz").exists():
        pytest.skip("the binaries are not in a build folder")
    root = tmp_path_factory.mktemp("root")
    for component in ("server", "gateway", "client"):
        subprocess.run(
            ["cmake", "--install", build, "--component", component],
            check=True, capture_output=True,
            env={**os.environ, "DESTDIR": str(root)})
    cache = (build / "CMakeCache.txt").read_text()
    prefix = re.search(r"^CMAKE_INSTALL_PREFIX:\w+=/(.*)$", cache, re.MULTILINE)
    return root / prefix.group(1)


def relative_files(folder):
    return {path.relative_to(folder).as_posix()
            for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("program, allocator", [
    ("pinhole-server", "libtcmalloc_minimal"),
    ("pinhole-gateway", "libtcmalloc_minimal"),
    ("pinhole", "libc")])
def test_servers_allocate_with_tcmalloc(program, allocator):
    done = subprocess.run(
        [BIN / program, "--version"], text=True, capture_output=True,
        check=True, env={**os.environ, "LD_DEBUG": "bindings"})

    # Every library's malloc, as the dynamic linker tells.
    found = set(re.findall(r" to \S*/([^./]+)\S* \[0\]: normal symbol `malloc'",
                           done.stderr))
    assert found == {allocator}


def test_install_brings_programs_manuals_units_and_protos(installed):
    files = relative_files(installed)
    expected = {"lib/sysusers.d/pinhole-server.conf",
                "libexec/pinhole/pinhole-decoder",
                "share/pinhole/proto/pinhole/v1/photo_service.proto"}
    for name in (*SERVICES, "pinhole"):
        expected |= {f"bin/{name}", f"share/man/man1/{name}.1.gz",
                     f"share/bash-completion/completions/{name}",
                     f"share/fish/vendor_completions.d/{name}.fish",
                     f"share/doc/{name}/copyright"}
    for name in SERVICES:
        expected.add(f"lib/systemd/system/{name}.service")
    assert expected <= files, sorted(expected - files)
    assert not [f for f in files if f.endswith((".a", ".h", "_test"))]
    version = subprocess.run([installed / "bin/pinhole", "--version"],
                             check=True, text=True, capture_output=True)
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", version.stdout)


def test_installed_server_finds_its_decoder(
        installed, tmp_path, stubs, pictures):
    server = Process(
        [installed / "bin/pinhole-server", "--data-dir", tmp_path / "data",
         "--grpc-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0",
         "--metrics-listen", "127.0.0.1:0"], tmp_path / "server.log")
    server.grpc = server.addresses["gRPC"]
    with running(server):
        ansel = GrpcDriver(server, stubs)
        ansel.register("ansel")
        ansel.login("ansel")
        assert ansel.upload(pictures / "rocket.jpg")["name"]
        ansel.close()


@pytest.fixture(params=SERVICES)
def unit(request, tmp_path):
    """The unit as it is installed, of the binaries under test."""
    text = (ROOT / f"packaging/systemd/{request.param}.service.in").read_text()
    text = text.replace("@CMAKE_INSTALL_FULL_BINDIR@", str(BIN))
    text = text.replace("@PINHOLE_DEFAULTS_DIR@", "/etc/default")
    text = text.replace("@PINHOLE_CONFIG_DIR@", "/etc/pinhole")
    assert "@" not in re.sub("[~=]@|@(resources|privileged)", "", text)
    path = tmp_path / f"{request.param}.service"
    path.write_text(text)
    return path


def test_unit_is_valid(unit):
    verified = subprocess.run(
        [tool("systemd-analyze"), "verify", "--man=no", unit],
        text=True, capture_output=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")


def test_unit_exposes_little(unit):
    """At most 2.0 of 10; systemd counts in tenths."""
    rated = subprocess.run(
        [tool("systemd-analyze"), "security", "--offline=true",
         "--threshold=20", unit], text=True, capture_output=True, check=False)
    assert rated.returncode == 0, rated.stdout.splitlines()[-1:]


def test_unit_waits_longer_than_the_drain(unit):
    stop = int(re.search(r"^TimeoutStopSec=(\d+)s$", unit.read_text(),
                         re.MULTILINE).group(1))
    help_text = subprocess.run([BIN / unit.stem, "--help"], text=True,
                               check=True, capture_output=True).stdout
    # CLI11 2.3 writes the default as =10, 2.4 as [10].
    drain = int(re.search(r"--drain-seconds .*?(?:=| \[)(\d+)\]? +\(Env",
                          help_text).group(1))
    assert stop > drain


def test_settings_of_the_units_are_options_of_the_programs(unit):
    """A name that nobody reads would be a setting without effect."""
    settings = (ROOT / "packaging/default" / unit.stem).read_text()
    names = set(re.findall(r"PINHOLE_[A-Z_]+",
                           settings + unit.read_text()))
    help_text = subprocess.run([BIN / unit.stem, "--help"], text=True,
                               check=True, capture_output=True).stdout
    assert names
    assert names <= set(re.findall(r"Env:(PINHOLE_[A-Z_]+)", help_text))


def test_file_of_the_unit_is_good_with_all_that_it_offers(unit, tmp_path):
    """Commented lines are there to be used."""
    part = unit.stem.partition("-")[2]
    assert f"--config /etc/pinhole/{part}.conf" in unit.read_text()
    text = (ROOT / f"packaging/config/{part}.conf").read_text()
    offered = re.sub(r"^#(?=[a-z-]+ = )", "", text, flags=re.MULTILINE)
    assert offered != text
    for name in ("certificate", "key"):  # Of their names, for what they are
        made = tmp_path / f"{name}.pem"  # is not looked at here.
        made.touch()
        offered = offered.replace(f"/etc/pinhole/{name}.pem", str(made))
    for lines in (text, offered):
        config = tmp_path / f"{part}.conf"
        config.write_text(lines)
        printed = subprocess.run(
            [BIN / unit.stem, "--config", config, "--print-config"], text=True,
            capture_output=True, check=False)
        assert (printed.returncode, printed.stderr) == (0, "")
    assert f"# file {config}" in printed.stdout


def elf(program, *options):
    """What readelf says about a program."""
    return subprocess.run(
        [tool("readelf"), "--wide", *options, BIN / program], text=True,
        capture_output=True, check=True).stdout


@pytest.mark.parametrize("program", [
    "pinhole-server", "pinhole-decoder", "pinhole-gateway", "pinhole"])
def test_programs_are_hardened_as_debian_hardens_its_own(program):
    assert re.search(r"Type: +DYN", elf(program, "--file-header"))
    dynamic = elf(program, "--dynamic")
    assert "BIND_NOW" in dynamic and re.search(r"FLAGS_1.*\bPIE\b", dynamic)
    assert "GNU_RELRO" in elf(program, "--program-headers")
    assert " __stack_chk_fail" in elf(program, "--dyn-syms")


def test_functions_that_overflow_buffers_are_checked():
    """The decoder calls one whose checked form always has a name of its own;
    of what the others call, little has."""
    assert " __longjmp_chk" in elf("pinhole-decoder", "--dyn-syms")
    commands = json.loads((BIN.parent / "compile_commands.json").read_text())
    ours = {entry["file"]: entry["command"] for entry in commands
            if re.match(f"{ROOT}/(server|gateway|client)/", entry["file"])}
    assert ours
    assert [file for file, command in ours.items()
            if "-D_FORTIFY_SOURCE=2" not in command] == []


PICTURES = ["rocket.jpg", "coffee.png", "coffee.webp", "coffee.heic"]


def test_server_works_with_the_system_calls_of_its_unit(
        tmp_path, stubs, pictures):
    """All it does: passwords, pictures of every kind, a backup, an orderly
    end."""
    pytest.importorskip("seccomp", reason="python3-seccomp is not installed")
    tool("systemd-analyze")
    text = (ROOT / "packaging/systemd/pinhole-server.service.in").read_text()
    unit = tmp_path / "unit"
    unit.write_text(text)
    data = tmp_path / "data"
    server = Process(
        ["/usr/bin/python3", ROOT / "tests/e2e/caged.py", unit,
         BIN / "pinhole-server", "--data-dir", data,
         "--grpc-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0",
         "--metrics-listen", "127.0.0.1:0"], tmp_path / "server.log")
    server.grpc, server.http = server.addresses["gRPC"], server.addresses["HTTP"]
    with running(server):
        ansel = GrpcDriver(server, stubs)
        ansel.register("ansel")
        ansel.login("ansel")
        for picture in PICTURES:
            ansel.upload(pictures / picture)
        assert len(ansel.recent_photos()) == len(PICTURES)
        rest = RestDriver(server)
        assert len(rest.recent_photos()) == len(PICTURES)
        rest.close()
        ansel.close()


# --- docker/ -----------------------------------------------------------------

SERVERS = {"server1", "server2", "server3"}
COMPOSE_FILES = {
    "compose.yaml": {"pinhole", "prometheus", "grafana"},
    "compose.postgres.yaml": {"postgres", "standby", "gateway"} | SERVERS}


def read_compose(file):
    """A file as docker-compose understands it, which it checks against the
    published schema."""
    shown = subprocess.run(
        [tool("docker-compose"), "-f", ROOT / "docker" / file, "config"],
        text=True, capture_output=True, check=False)
    assert shown.returncode == 0, shown.stderr
    yaml = pytest.importorskip("yaml")
    return yaml.safe_load(shown.stdout)


@pytest.fixture(scope="module", params=COMPOSE_FILES)
def compose(request):
    return read_compose(request.param)


@pytest.fixture(scope="module")
def stage2():
    return read_compose("compose.postgres.yaml")


def sources(service):
    """The sources of its volumes by their targets."""
    volumes = [volume.split(":") if isinstance(volume, str)
               else (volume["source"], volume["target"])
               for volume in service.get("volumes", [])]
    return {volume[1]: volume[0] for volume in volumes}


def test_compose_gives_its_services_few_rights(compose):
    assert set(compose["services"]) in COMPOSE_FILES.values()
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert re.search(r":v?\d+\.\d+(\.\d+)?$", service["image"]), name
        assert "privileged" not in service, name


def test_compose_is_reachable_from_this_machine_only(compose):
    taken = set()
    for name, service in compose["services"].items():
        for port in service.get("ports", []):
            if isinstance(port, str):
                host, published, _ = port.split(":")
            else:
                host, published = port["host_ip"], str(port["published"])
            assert host == "127.0.0.1", (name, port)
            assert published not in taken, (name, port)
            taken.add(published)


def test_compose_mounts_what_there_is(compose):
    for service in compose["services"].values():
        for source in sources(service).values():
            if source.startswith("/"):
                assert os.path.exists(source), source
            else:
                assert source in compose["volumes"]


def test_scripts_that_compose_runs_can_be_executed(stage2):
    for name in ("postgres", "standby"):
        (script,) = [source for source in sources(
            stage2["services"][name]).values() if source.startswith("/")]
        assert os.access(script, os.X_OK), script


def test_servers_of_compose_share_the_database_and_the_photos_only(stage2):
    services = stage2["services"]
    environments = [services[name]["environment"] for name in SERVERS]
    assert environments == [environments[0]] * len(SERVERS)
    photos = {sources(services[name])[environments[0]["PINHOLE_MEDIA_DIR"]]
              for name in SERVERS}
    scratch = {sources(services[name])["/var/lib/pinhole"] for name in SERVERS}
    assert photos == {"photos"}
    assert len(scratch) == len(SERVERS)
    hosts = re.search("@(.*)/", environments[0]["PINHOLE_STORE"]).group(1)
    assert hosts.split(",") == ["postgres", "standby"]


def test_only_servers_reach_the_database_of_compose(stage2):
    assert stage2["networks"]["database"]["internal"] is True
    on_it = {name for name, service in stage2["services"].items()
             if "database" in service["networks"]}
    assert on_it == SERVERS | {"postgres", "standby"}
    for name in ("postgres", "standby"):
        assert set(stage2["services"][name]["networks"]) == {"database"}
        assert "ports" not in stage2["services"][name]


def test_servers_of_compose_trust_their_gateway_and_are_its_backends(stage2):
    gateway = stage2["services"]["gateway"]
    address = gateway["networks"]["pinhole"]["ipv4_address"]
    backends = gateway["environment"]["PINHOLE_BACKEND"].split(",")
    assert set(backends) == {f"{name}:50051" for name in SERVERS}
    for name in SERVERS:
        environment = stage2["services"][name]["environment"]
        assert environment["PINHOLE_TRUSTED_PROXY"] == address


def test_gateway_of_compose_is_healthy_once_it_serves(stage2, tmp_path):
    """With the environment of the image and the service, and its check."""
    image = re.search(r"^ENV (.*?)^[A-Z]",
                      (ROOT / "docker/Dockerfile").read_text(),
                      re.MULTILINE | re.DOTALL).group(1)
    environment = dict(re.findall(r"(PINHOLE_\w+)=(\S+)", image))
    service = stage2["services"]["gateway"]
    assert service["entrypoint"] == ["pinhole-gateway"]
    with running(Server(tmp_path / "data")) as server:
        environment |= {"PINHOLE_BACKEND": server.grpc,
                        "PINHOLE_HTTP_LISTEN": "0.0.0.0:0",
                        "PINHOLE_METRICS_LISTEN": "0.0.0.0:0"}
        with running(Process([BIN / "pinhole-gateway"], tmp_path / "log",
                             environment)) as gateway:
            port = gateway.addresses["HTTP"].split(":")[1]
            check = [word.replace("8080", port)
                     for word in service["healthcheck"]["test"][1:]]

            def health():
                return subprocess.run(check, check=False, timeout=30).returncode

            eventually(lambda: health() == 0, "a healthy gateway")
            server.stop()
            eventually(lambda: health() != 0, "a gateway without servers")


def test_dockerfile_copies_what_there_is_and_runs_as_nobody_in_particular():
    text = (ROOT / "docker/Dockerfile").read_text()
    assert re.search(r"^USER [1-9]\d+:[1-9]\d+$", text, re.MULTILINE)
    for source in re.findall(r"^COPY (?!--from)(\S+)", text, re.MULTILINE):
        assert (ROOT / source).exists(), source
    for image in re.findall(r"^FROM (\S+)", text, re.MULTILINE):
        assert image == "debian:13-slim"
