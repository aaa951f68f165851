"""A headless Chromium, driven over a pipe by the DevTools protocol: no driver, no port, no library.

Every message is a JSON object that ends in a NUL, on the descriptors 3 (to the browser) and 4.
"""

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless=new", "--remote-debugging-pipe", "--no-first-run", "--hide-scrollbars",
    "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--force-color-profile=srgb",
)  # fmt: skip
PATIENCE = 60.0
"""Seconds that an answer may take."""


class BrowserError(Exception):
    """The browser is gone, silent, or says that a command failed."""


def find_browser() -> str | None:
    """Return the path of a Chromium: ``$ONNXWRIGHT_BROWSER`` or the first on the PATH."""
    named = os.environ.get("ONNXWRIGHT_BROWSER")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


@contextlib.contextmanager
def browser(path: str) -> Iterator["Page"]:
    """Start the browser with a page and a profile of its own; both go at the end."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        from_us, to_browser = os.pipe()
        from_browser, to_us = os.pipe()
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        process = subprocess.Popen(
            [path, *FLAGS, *sandbox, f"--user-data-dir={profile}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=lambda: _take(from_us, to_us),
        )
        os.close(from_us)
        os.close(to_us)
        try:
            yield Page(to_browser, from_browser)
        finally:
            process.kill()
            process.wait()
            os.close(to_browser)
            os.close(from_browser)


def _take(reading: int, writing: int) -> None:
    """Give the two pipes the numbers that the browser reads and writes."""
    above = [fcntl.fcntl(each, fcntl.F_DUPFD, 10) for each in (reading, writing)]
    for number, each in enumerate(above, 3):
        os.dup2(each, number)
        os.close(each)


class Page:
    """A page, what it said and what it asked of a network."""

    def __init__(self, writing: int, reading: int) -> None:
        """Attach to the first page of the browser behind the two pipes."""
        self._writing, self._reading = writing, reading
        self._pending, self._number, self._session = b"", 0, None
        self.messages: list[str] = []
        self.requests: list[str] = []
        targets = self.send("Target.getTargets")["targetInfos"]
        page = next(each["targetId"] for each in targets if each["type"] == "page")
        attached = self.send("Target.attachToTarget", targetId=page, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; events that come before it are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']['message']}")
                result: dict[str, Any] = answer["result"]
                return result
            self._keep(answer)

    def open(self, path: Path) -> None:
        """Open a file and wait until it is loaded."""
        self.send("Page.navigate", url=path.resolve().as_uri())
        self.wait_for("document.readyState === 'complete'")

    def size(self, width: int, height: int, scale: float = 1.0) -> None:
        """Make the page so many pixels large, as a phone's or a desk's screen."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=scale, mobile=False,
        )  # fmt: skip

    def prefer(self, scheme: str) -> None:
        """Say which colour scheme the system has: ``light`` or ``dark``."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.send("Emulation.setEmulatedMedia", features=features)

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression, once its promise is kept where it is one."""
        answer = self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise BrowserError(json.dumps(answer["exceptionDetails"])[:500])
        return answer["result"].get("value")

    def wait_for(self, expression: str) -> None:
        """Wait until an expression is true."""
        ends = time.monotonic() + PATIENCE
        while not self.evaluate(expression):
            if time.monotonic() > ends:
                raise BrowserError(f"never true: {expression}")
            time.sleep(0.02)

    def press(self, key: str) -> None:
        """Press and release a key by its name."""
        codes = {"Tab": 9, "Enter": 13}
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.send(
                "Input.dispatchKeyEvent",
                type=kind, key=key, code=key, windowsVirtualKeyCode=codes[key], **text,
            )  # fmt: skip

    def picture(self, path: Path, **clip: float) -> None:
        """Save a picture of what is in sight, or of x, y, width, height of the page."""
        wanted = {"clip": {**clip, "scale": 1}, "captureBeyondViewport": True} if clip else {}
        taken = self.send("Page.captureScreenshot", format="png", **wanted)
        path.write_bytes(base64.b64decode(taken["data"]))

    def pdf(self) -> bytes:
        """Return the page as it is printed."""
        printed = self.send("Page.printToPDF", printBackground=True)
        return base64.b64decode(printed["data"])

    def _keep(self, event: dict[str, Any]) -> None:
        parameters = event.get("params", {})
        if event.get("method") == "Runtime.consoleAPICalled":
            told = [str(each.get("value", each.get("description"))) for each in parameters["args"]]
            self.messages.append(f"{parameters['type']}: {' '.join(told)}")
        elif event.get("method") == "Runtime.exceptionThrown":
            self.messages.append(json.dumps(parameters["exceptionDetails"])[:500])
        elif event.get("method") == "Log.entryAdded":
            self.messages.append(parameters["entry"]["text"])
        elif event.get("method") == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._writing, data) :]

    def _next(self) -> dict[str, Any]:
        """Return the next message, waiting for it no longer than one may."""
        while b"\0" not in self._pending:
            ready, *_ = select.select([self._reading], [], [], PATIENCE)
            more = os.read(self._reading, 1 << 20) if ready else b""
            if not more:
                raise BrowserError("the browser is gone or does not answer")
            self._pending += more
        message, _, self._pending = self._pending.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer
