# SPDX-License-Identifier: Apache-2.0
"""A proxy in front of an S3 server that interferes with requests to photos."""

import contextlib
import http.client
import http.server
import re
import socket
import threading

from processes import PATIENCE

PHOTO = re.compile(r"/[0-9a-f]{32}/[a-z.]+$")


class Fault:
    """What happens to the `turn`-th request `method` to a file of a photo.

    `before` and `between` run before it is passed on and after half of its
    body; `after` before its answer is passed back. A function that returns
    False ends the connection instead of going on. With `refuse`, the request
    seems to fail.
    """

    def __init__(self, method, turn, before=None, between=None, after=None,
                 refuse=False):
        self.method = method
        self.turn = turn
        self.before = before
        self.between = between
        self.after = after
        self.refuse = refuse
        self.requests = 0
        self.met = threading.Event()
        self.late = None  # The refused request, for S3Proxy.send.

    def meets(self, method, path):
        if method != self.method or not PHOTO.search(path):
            return False
        self.requests += 1
        if self.requests != self.turn:
            return False
        self.met.set()
        return True


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass

    def pass_on(self):
        # Another request is not read before this one is answered.
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            self.exchange(body, self.server.proxy.fault_of(self.command,
                                                           self.path))
        except (OSError, http.client.HTTPException):
            self.end()

    def exchange(self, body, fault):
        def goes_on(moment):
            act = getattr(fault, moment, None)
            return act is None or act() is not False

        request = (self.command, self.path, self.headers.items(), body)
        if fault is not None and fault.refuse:
            fault.late = request
            self.send_response_only(403)
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if not goes_on("before"):
            return self.end()
        passed = self.server.proxy.send(*request,
                                        lambda: goes_on("between"))
        if passed is None or not goes_on("after"):
            return self.end()
        answer, content = passed
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() != "transfer-encoding":
                self.send_header(name, value)
        if answer.getheader("Transfer-Encoding"):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        return None

    def end(self):
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_HEAD = do_PUT = do_DELETE = pass_on


class S3Proxy:
    """Passes requests on to `endpoint`, one fault at a time."""

    def __init__(self, endpoint):
        self.upstream = endpoint.removeprefix("http://")
        self._lock = threading.Lock()
        self._fault = None
        self._listener = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), Handler)
        self._listener.proxy = self
        self.endpoint = "http://127.0.0.1:%d" % self._listener.server_port
        self._thread = threading.Thread(target=self._listener.serve_forever)
        self._thread.start()

    def plan(self, fault=None):
        with self._lock:
            self._fault = fault
        return fault

    def fault_of(self, method, path):
        with self._lock:
            if self._fault is not None and self._fault.meets(method, path):
                return self._fault
            return None

    def send(self, method, path, headers, body, between=lambda: True):
        """The response and its body; None if `between` ends the connection."""
        with contextlib.closing(http.client.HTTPConnection(
                self.upstream, timeout=PATIENCE)) as upstream:
            upstream.putrequest(method, path, skip_host=True,
                                skip_accept_encoding=True)
            for name, value in headers:
                upstream.putheader(name, value)
            half = len(body) // 2
            upstream.endheaders(body[:half])
            if not between():
                return None
            if body:
                upstream.send(body[half:])
            answer = upstream.getresponse()
            return answer, answer.read()

    def close(self):
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join()
