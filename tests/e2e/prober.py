# SPDX-License-Identifier: Apache-2.0
"""Asks a server again and again how it is: prober.py HTTP GRPC.

A process of its own, so that what makes the load does not slow it down. Every
question over HTTP comes on a new connection, as an orchestrator's does. At the
end of its standard input it prints what came of it, as JSON.
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


def asker_grpc(address):
    check = grpc.insecure_channel(address).unary_unary(
        "/grpc.health.v1.Health/Check", request_serializer=bytes,
        response_deserializer=bytes)
    # HealthCheckResponse{status: SERVING}
    return lambda: check(b"", timeout=PATIENCE) == b"\x08\x01"


def ask_on(ask, ended, told):
    times, failures = [], []
    while not ended.is_set():
        begin = time.monotonic()
        try:
            if not ask():
                failures.append("not serving")
        except (OSError, http.client.HTTPException, grpc.RpcError) as error:
            failures.append(f"{type(error).__name__}: {error}"[:200])
        times.append(time.monotonic() - begin)
        time.sleep(PAUSE)
    times.sort()
    told.update(asked=len(times), median_ms=1000 * times[len(times) // 2],
                p99_ms=1000 * times[len(times) * 99 // 100],
                worst_ms=1000 * times[-1], failures=failures[:5])


def main():
    http_address, grpc_address = sys.argv[1:]
    ended = threading.Event()
    told = {"HTTP": {}, "gRPC": {}}
    ways = {"HTTP": lambda: ask_http(http_address),
            "gRPC": asker_grpc(grpc_address)}
    threads = [threading.Thread(target=ask_on, args=(ask, ended, told[way]))
               for way, ask in ways.items()]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    sys.stdin.read()
    ended.set()
    for thread in threads:
        thread.join()
    print(json.dumps(told))


if __name__ == "__main__":
    main()
