"""Clients that are processes of their own: each opens the model, and all begin at one moment."""

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..codec import decode, encode
from ..results.elements import Loaded, mean_share
from .wire import LoadRequest

START = os.path.join(os.path.dirname(os.path.abspath(__file__)), "start.py")
READY = "ready"
"""The stage in which a client waits for the others."""
POLL_S = 0.001
LONGEST_S = 3600.0
"""The most time that a client waits for the others."""


def load_by_processes(request: LoadRequest) -> Loaded:
    """Start the clients of a closed loop, let them go together, and return what they measured."""
    with tempfile.TemporaryDirectory() as folder:
        go = os.path.join(folder, "go")
        mine = replace(request, clients=1, processes=False, go=go)
        clients = [_start(mine) for _ in range(request.clients)]
        try:
            for client in clients:
                _until_ready(client)
            with open(go, "w"):
                pass
            return joined([_answer(client) for client in clients])
        finally:
            for client in clients:
                client.kill()
                client.communicate()


def wait_for(go: str) -> None:
    """Wait until the file `go` is there, which lets all clients begin."""
    deadline = time.monotonic() + LONGEST_S
    while not os.path.exists(go):
        if time.monotonic() > deadline:
            raise TimeoutError("the other clients did not begin")
        time.sleep(POLL_S)


def joined(parts: Sequence[Loaded]) -> Loaded:
    """Return what several clients measured side by side as one."""
    requests = sum(part.requests for part in parts)
    spent = math.fsum((part.mean_s or 0.0) * part.requests for part in parts)
    return Loaded(
        latencies_s=tuple(latency for part in parts for latency in part.latencies_s),
        requests=requests,
        wall_s=max(part.wall_s for part in parts),
        errors=sum(part.errors for part in parts),
        first_error=next((part.first_error for part in parts if part.first_error), None),
        mean_s=spent / requests if requests else None,
        server=mean_share(part.server for part in parts),
    )


def _start(request: LoadRequest) -> subprocess.Popen[str]:
    client = subprocess.Popen(
        [sys.executable, START, "load_test_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert client.stdin is not None
    client.stdin.write(json.dumps(encode(request)))
    client.stdin.close()
    client.stdin = None
    return client


def _until_ready(client: subprocess.Popen[str]) -> None:
    while _line(client).get("stage") != READY:
        pass


def _answer(client: subprocess.Popen[str]) -> Loaded:
    while "result" not in (line := _line(client)):
        pass
    return decode(Loaded, line["result"])


def _line(client: subprocess.Popen[str]) -> Mapping[str, Any]:
    """Return the next line of a client; RuntimeError where it ended or failed."""
    assert client.stdout is not None
    text = client.stdout.readline()
    said: Mapping[str, Any] = json.loads(text) if text.endswith("\n") else {"error": {}}
    if "error" in said:
        raise RuntimeError(f"a client ended: {said['error'].get('message', 'it died')}")
    return said
