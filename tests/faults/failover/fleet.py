# SPDX-License-Identifier: Apache-2.0
"""Two servers without state of their own, and clients that call both."""

import contextlib
import copy
import functools
import json
import random
import subprocess
import sys
import time
import uuid

import grpc
from google.protobuf import json_format

import floods
from drivers import GrpcDriver
from processes import BIN, PATIENCE, Process, eventually

# Longer than any failover.
DEADLINE = 60
FIRST_BACKOFF, LAST_BACKOFF = 0.05, 1
SERVING = b"\x08\x01"  # HealthCheckResponse


class StoreServer(Process):
    """pinhole-server over PostgreSQL, at addresses that it keeps."""

    def __init__(self, name, folder, store, on_machine=contextlib.nullcontext):
        self.name = name
        self.on_machine = on_machine
        self._folder = folder
        self._store = store
        # Reachable from all machines, whatever is cut.
        self.grpc = f"unix:{folder / name}.socket"
        self._http = "127.0.0.1:0"
        self.start()
        self._http = self.http

    def start(self):
        with self.on_machine():
            super().__init__(
                [BIN / "pinhole-server", "--store", self._store,
                 "--media-dir", self._folder / "photos",
                 "--data-dir", self._folder / self.name,
                 "--grpc-listen", self.grpc, "--http-listen", self._http,
                 "--metrics-listen", "off"],
                self._folder / f"{self.name}.log")

    @property
    def http(self):
        return self.addresses["HTTP"]

    def is_ready(self):
        with grpc.insecure_channel(self.grpc) as channel:
            check = channel.unary_unary(
                "/grpc.health.v1.Health/Check", request_serializer=bytes,
                response_deserializer=bytes)
            return check(b"", timeout=PATIENCE) == SERVING

    def wait_until_ready(self):
        eventually(self.is_ready, f"{self.name} to be ready")


class Client(GrpcDriver):
    """Calls the servers of `fleet` in turn, and repeats failed calls, as
    client/README.md describes, until the deadline of the fleet."""

    def __init__(self, fleet, stubs):
        channel = grpc.insecure_channel(
            "unix:" + ",".join(server.grpc.removeprefix("unix:")
                               for server in fleet.servers),
            options=[("grpc.lb_policy_name", "round_robin"),
                     ("grpc.enable_retries", 0),
                     ("grpc.use_local_subchannel_pool", 1),
                     ("grpc.initial_reconnect_backoff_ms", 100),
                     ("grpc.min_reconnect_backoff_ms", 5000),
                     ("grpc.max_reconnect_backoff_ms", 500)])
        super().__init__(None, stubs, channel=channel)
        self.fleet = fleet
        # The deadline of one attempt; those that end with it are repeated.
        self.patience = DEADLINE

    def login(self, handle, **fields):
        return super().login(handle, request_id=str(uuid.uuid4()), **fields)

    def call(self, method, request):
        parts = None if hasattr(request, "DESCRIPTOR") else list(request)
        end = time.monotonic() + self.fleet.deadline
        patience, backoff = self.patience, FIRST_BACKOFF
        while True:
            message = request if parts is None else iter(parts)
            rest = end - time.monotonic()
            try:
                return json_format.MessageToDict(
                    method(message, metadata=self.metadata(),
                           timeout=min(rest, patience)),
                    including_default_value_fields=True)
            except grpc.RpcError as error:
                failure = self.failed(error)
            if not self._is_repeated(failure):
                raise failure
            self.fleet.errors.append((self.is_patient(), failure))
            delay = max(random.uniform(backoff / 2, backoff),
                        retry_delay(failure))
            patience, backoff = 2 * patience, min(2 * backoff, LAST_BACKOFF)
            if time.monotonic() + delay > end:
                raise failure
            time.sleep(delay)
            if self.fleet.forgets_requests:
                forget(request if parts is None else parts[0].metadata)

    def is_patient(self):
        return self.patience >= self.fleet.deadline

    def comment_page(self, photo, token):
        return self._social("ListComments", "ListCommentsRequest", parent=photo,
                            page_size=100, page_token=token)

    def _is_repeated(self, failure):
        if failure.code == "DEADLINE_EXCEEDED":
            return not self.is_patient()
        if failure.code == "RESOURCE_EXHAUSTED":
            return retry_delay(failure) > 0
        # gRPC itself says INTERNAL and UNKNOWN of a connection that breaks.
        return failure.code in ("UNAVAILABLE", "ABORTED") or (
            not failure.status
            and failure.code in ("INTERNAL", "UNKNOWN", "CANCELLED"))


def retry_delay(failure):
    return float(failure.detail("RetryInfo").get("retryDelay", "0s")[:-1])


def forget(request):
    if "request_id" in request.DESCRIPTOR.fields_by_name:
        request.request_id = str(uuid.uuid4())


class Prober:
    """Asks one server again and again how it is."""

    def __init__(self, server):
        with server.on_machine():
            self._popen = subprocess.Popen(
                [sys.executable, "-B", floods.PROBER, server.http, server.grpc],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._popen.stdout.readline() == "ready\n"

    def figures(self):
        """Since the last call; by way of asking."""
        self._popen.stdin.write("\n")
        self._popen.stdin.flush()
        return json.loads(self._popen.stdout.readline())

    def close(self):
        self._popen.communicate(timeout=2 * PATIENCE)


class Fleet:
    """The servers on one database."""

    def __init__(self, folder, pair, parameters="", machines=None):
        self.folder = folder
        self.deadline = DEADLINE
        self.forgets_requests = False
        # Those that clients repeated: (whether the client is patient, error).
        self.errors = []
        self.servers = []
        self.probers = []
        try:
            for number in range(2):
                name = f"server{number + 1}"
                place = {}
                if machines is not None:
                    machines.add(name)
                    place["on_machine"] = functools.partial(machines.on, name)
                self.servers.append(StoreServer(
                    name, folder, pair.uri(number, parameters), **place))
            for server in self.servers:
                self.probers.append(Prober(server))
        except BaseException:
            self.close()
            raise

    def only(self, server):
        """For clients that call this one only."""
        view = copy.copy(self)
        view.servers = [server]
        return view

    def wait_until_ready(self):
        for server in self.servers:
            server.wait_until_ready()

    def wait_until_answered(self, server, stubs):
        """Until it reads from a primary."""
        with contextlib.closing(Client(self.only(server), stubs)) as client:
            client.recent_photos()

    def log(self):
        """The last lines of the servers, without those of calls."""
        return "\n".join(
            line for server in self.servers for line in [
                f"--- {server.name}",
                *[line for line in server.log_path.read_text().splitlines()
                  if '"msg":"call"' not in line][-20:]])

    def close(self):
        for prober in self.probers:
            prober.close()
        for server in self.servers:
            server.kill()
