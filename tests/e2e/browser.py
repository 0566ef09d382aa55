# SPDX-License-Identifier: Apache-2.0
"""A real browser: headless Chromium, spoken to by its DevTools protocol over a
pair of pipes, so that no library is needed for it."""

import base64
import json
import os
import queue
import shutil
import subprocess
import threading

import pytest

from processes import PATIENCE, eventually


class Page:
    """A tab. Keeps what it asked for and what it complained of."""

    def __init__(self, browser, target, session):
        self.browser = browser
        self.target = target
        self.session = session
        self.requests = []
        self.complaints = []
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method, **arguments):
        return self.browser.call(method, self.session, **arguments)

    def note(self, method, event):
        if method == "Network.requestWillBeSent":
            self.requests.append(event["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(event["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(json.dumps(event["args"]))
        elif method == "Log.entryAdded":
            if event["entry"]["level"] != "verbose":  # That is advice.
                self.complaints.append(json.dumps(event["entry"]))

    def resize(self, width, height, mobile=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width,
                  height=height, deviceScaleFactor=2 if mobile else 1,
                  mobile=mobile)

    def scheme(self, name):
        """`light` or `dark`."""
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": name}])

    def open(self, url):
        self.call("Page.navigate", url=url)
        eventually(lambda: self.run("document.readyState") == "complete",
                   f"{url} to load")

    def run(self, script):
        """The value of `script`, or of what it promises; an element has none."""
        answer = self.call("Runtime.evaluate", expression=script,
                           awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def until(self, script, what=None):
        return eventually(lambda: self.run(script), what or script)

    def press(self, key, number):
        """A key by its name and its number (`keyCode`)."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      windowsVirtualKeyCode=number)

    def close(self):
        self.browser.call("Target.closeTarget", **self.target)

    def screenshot(self, path):
        answer = self.call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(answer["data"]))


class Browser:
    """Chromium with a profile of its own in `folder`."""

    def __init__(self, command, folder):
        to_read, self._write = os.pipe()
        self._read, to_write = os.pipe()

        def hand_over():
            # It reads from 3 and writes to 4. First out of each other's way.
            kept = os.dup(to_read), os.dup(to_write)
            os.dup2(kept[0], 3)
            os.dup2(kept[1], 4)

        self._process = subprocess.Popen(
            [command, "--headless=new", "--no-sandbox", "--disable-gpu",
             "--no-proxy-server", "--no-first-run", "--hide-scrollbars",
             "--disable-background-networking", "--disable-dev-shm-usage",
             f"--user-data-dir={folder}", "--remote-debugging-pipe"],
            preexec_fn=hand_over, close_fds=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self._answers = {}
        self._arrived = queue.Queue()
        self._number = 0
        self._pages = {}
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        pending = b""
        while data := os.read(self._read, 1 << 16):
            *messages, pending = (pending + data).split(b"\0")
            for text in messages:
                message = json.loads(text)
                if "id" in message:
                    self._arrived.put(message)
                elif message.get("sessionId") in self._pages:
                    self._pages[message["sessionId"]].note(
                        message["method"], message["params"])

    def call(self, method, session=None, **arguments):
        self._number += 1
        message = {"id": self._number, "method": method, "params": arguments}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._write, data):]
        answer = self._arrived.get(timeout=4 * PATIENCE)
        assert answer["id"] == self._number, answer
        assert "error" not in answer, answer
        return answer["result"]

    def page(self):
        target = self.call("Target.createTarget", url="about:blank")
        session = self.call("Target.attachToTarget", flatten=True, **target)
        page = Page.__new__(Page)
        self._pages[session["sessionId"]] = page
        page.__init__(self, target, session["sessionId"])
        return page

    def close(self):
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._write)


def start(folder):
    command = shutil.which("chromium")
    if command is None:
        pytest.skip("chromium is not on the path; see CONTRIBUTING.md")
    return Browser(command, folder)
