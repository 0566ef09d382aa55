# SPDX-License-Identifier: Apache-2.0
"""The real binaries as processes of a test."""

import contextlib
import os
import pathlib
import queue
import signal
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("PINHOLE_BIN", ROOT / "build/release/bin"))
# Slow machines and sanitizers need patience; nothing waits that long if well.
PATIENCE = float(os.environ.get("PINHOLE_TEST_PATIENCE", "30"))


def eventually(condition, what):
    """Waits until `condition()` is true and returns its value."""
    end = time.monotonic() + PATIENCE
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"timed out waiting for: {what}"
        time.sleep(0.02)


class Process:
    """A listening binary: started, ready when constructed, or as far as it has
    printed a line that begins with `until`."""

    def __init__(self, arguments, log, environment=None, until="ready"):
        self.arguments = [str(argument) for argument in arguments]
        self.log_path = pathlib.Path(log)
        self._log = open(log, "ab")
        self._popen = subprocess.Popen(
            self.arguments, stdout=subprocess.PIPE, stderr=self._log,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})})
        self._lines = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.addresses = {}
        try:
            self._wait_for_listeners(until)
        except BaseException:
            self.kill()
            raise

    def _read(self):
        for line in self._popen.stdout:
            self._lines.put(line.decode().rstrip("\n"))
        self._lines.put(None)

    def _wait_for_listeners(self, until):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                line = self._lines.get(timeout=max(0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(
                    f"not ready: {self.arguments}\n{self.log()}") from None
            if line is None:
                raise AssertionError(
                    f"ended with {self._popen.wait()} before it was ready: "
                    f"{self.arguments}\n{self.log()}")
            if " listening on " in line:
                name, address = line.split(" listening on ", 1)
                self.addresses[name] = address.strip()
            if line.startswith(until):
                return

    def wait_for_line(self, text, patience=PATIENCE):
        """The first line from now on that has `text`."""
        end = time.monotonic() + patience
        while True:
            line = self._lines.get(timeout=max(0, end - time.monotonic()))
            assert line is not None, f"ended without {text!r}:\n{self.log()}"
            if text in line:
                return line

    @property
    def pid(self):
        return self._popen.pid

    def log(self):
        return self.log_path.read_text(errors="replace")[-8000:]

    def wait_for_log(self, text):
        """Waits for `text` in the log: a thread of its own writes the log, so
        what a caller sees may be ahead of it."""
        eventually(lambda: text in self.log(), f"{text!r} in the log")

    def send(self, number):
        self._popen.send_signal(number)

    def wait(self):
        """The exit code, once the process has ended."""
        try:
            return self._popen.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"did not end:\n{self.log()}") from None

    def stop(self):
        """Ends in order; it must say so with exit code 0."""
        if self._popen.poll() is None:
            self.send(signal.SIGTERM)
        self.expect_end()

    def expect_end(self):
        """Waits for the end of one who was told to stop: a second signal would
        end it at once."""
        code = self.wait()
        self._close()
        assert code == 0, f"exit code {code}:\n{self.log()}"

    def kill(self):
        """As a crash would."""
        if self._popen.poll() is None:
            self._popen.kill()
            self._popen.wait()
        self._close()

    def _close(self):
        self._reader.join(PATIENCE)
        self._popen.stdout.close()
        self._log.close()


def free_ports(options, *listeners):
    """Options for the listeners that `options` do not set."""
    for listener in listeners:
        if f"--{listener}-listen" not in options:
            yield from (f"--{listener}-listen", "127.0.0.1:0")


# The engine of the servers: "sqlite", or "postgres", where each data directory
# has a database of its own.
ENGINE = os.environ.get("PINHOLE_TEST_ENGINE", "sqlite")


def database_of(data_dir, engine=ENGINE):
    """The environment that selects the database of `data_dir`."""
    if engine == "sqlite":
        return {}
    import postgres  # pylint: disable=import-outside-toplevel
    return {"PINHOLE_STORE": postgres.shared().database_for(data_dir)}


def ask_admin(data_dir, *arguments):
    """Runs `pinhole-server admin` on the database of `data_dir`."""
    return subprocess.run(
        [BIN / "pinhole-server", "admin", *arguments, "--data-dir", data_dir],
        env={**os.environ, **database_of(data_dir)}, capture_output=True,
        text=True, timeout=PATIENCE, check=False)


def admin(data_dir, *arguments):
    """What the command prints; it must succeed."""
    done = ask_admin(data_dir, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


class Server(Process):
    """pinhole-server, or another `program` with its options, on free ports over
    `data_dir`."""

    def __init__(self, data_dir, *options, log=None, environment=None,
                 program="pinhole-server", until="ready"):
        self.data_dir = pathlib.Path(data_dir)
        environment = {**database_of(data_dir), **(environment or {})}
        super().__init__(
            [BIN / program, "--data-dir", data_dir,
             *free_ports(options, "grpc", "http", "metrics"), *options],
            log or self.data_dir.parent / f"{self.data_dir.name}-server.log",
            environment, until)

    @property
    def grpc(self):
        return self.addresses["gRPC"]

    @property
    def http(self):
        return self.addresses["HTTP"]

    @property
    def metrics(self):
        return self.addresses["metrics"]

    def files(self):
        """Every file of a photo or of an upload under way."""
        # os.walk passes over folders that are removed meanwhile.
        return sorted(
            os.path.relpath(os.path.join(folder, name), self.data_dir)
            for part in ("photos", "tmp")
            for folder, _, names in os.walk(self.data_dir / part)
            for name in names if name != "installation")


class Gateway(Process):
    """pinhole-gateway on free ports in front of `backend`."""

    def __init__(self, backend, folder, *options):
        super().__init__(
            [BIN / "pinhole-gateway", "--backend", backend,
             *free_ports(options, "http", "metrics"), *options],
            pathlib.Path(folder) / "gateway.log")

    @property
    def http(self):
        return self.addresses["HTTP"]

    @property
    def metrics(self):
        return self.addresses["metrics"]


@contextlib.contextmanager
def running(process):
    """Stops `process` in order at the end, or kills it if the test failed."""
    try:
        yield process
    except BaseException:
        process.kill()
        raise
    process.stop()
