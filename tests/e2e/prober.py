# SPDX-License-Identifier: Apache-2.0
"""Asks a server again and again how it is: prober.py HTTP GRPC.

A process of its own, so that what makes the load does not slow it down. Every
question over HTTP comes on a new connection, as an orchestrator's does. For
each line of its standard input and at the end of it, it prints what came of the
questions since the last time, as a line of JSON.
"""

import http.client
import json
import sys
import threading
import time

import grpc

PAUSE = 0.02
PATIENCE = 30


def ask_http(address):
    connection = http.client.HTTPConnection(address, timeout=PATIENCE)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        answer.read()
        return answer.status == 200
    finally:
        connection.close()


class GrpcAsker:
    """On one connection, and on a new one after a failure: gRPC would try to
    restore the old one only while it has a call to wait for."""

    def __init__(self, address):
        self._address = address
        self._connect()

    def _connect(self):
        self._channel = grpc.insecure_channel(
            self._address, options=[("grpc.use_local_subchannel_pool", 1)])
        self._check = self._channel.unary_unary(
            "/grpc.health.v1.Health/Check", request_serializer=bytes,
            response_deserializer=bytes)

    def __call__(self):
        try:
            # HealthCheckResponse{status: SERVING}
            return self._check(b"", timeout=PATIENCE) == b"\x08\x01"
        except grpc.RpcError:
            self._channel.close()
            self._connect()
            raise


class Way:
    """What came of asking in one way; `ask` returns whether it is ready."""

    def __init__(self, ask):
        self._ask = ask
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._times, self._unready, self._failures = [], 0, []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        while not self._ended.wait(PAUSE):
            begin = time.monotonic()
            try:
                ready, failure = self._ask(), None
            except (OSError, http.client.HTTPException,
                    grpc.RpcError) as error:
                failure = f"{type(error).__name__}: {error}"[:200]
            elapsed = time.monotonic() - begin
            with self._lock:
                if failure is None:
                    self._times.append(1000 * elapsed)
                    self._unready += not ready
                else:
                    self._failures.append(failure)

    def take(self):
        with self._lock:
            times, unready, failures = (self._times, self._unready,
                                        self._failures)
            self._times, self._unready, self._failures = [], 0, []
        times.sort()
        figures = {"asked": len(times) + len(failures), "unready": unready,
                   "failures": failures[:5], "times_ms": times}
        if times:
            figures.update(median_ms=times[len(times) // 2],
                           p99_ms=times[len(times) * 99 // 100],
                           worst_ms=times[-1])
        return figures

    def end(self):
        self._ended.set()
        self._thread.join()


def main():
    http_address, grpc_address = sys.argv[1:]
    ways = {"HTTP": Way(lambda: ask_http(http_address)),
            "gRPC": Way(GrpcAsker(grpc_address))}
    print("ready", flush=True)
    for _ in sys.stdin:
        print(json.dumps({name: way.take() for name, way in ways.items()}),
              flush=True)
    for way in ways.values():
        way.end()
    print(json.dumps({name: way.take() for name, way in ways.items()}))


if __name__ == "__main__":
    main()
