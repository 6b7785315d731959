"""Ports of servers that tests start."""

from __future__ import annotations

import select
import socket
import subprocess
import time


def free_ports(count: int) -> list[int]:
    """So many ports that nobody listens on at the moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def wait_until_open(port: int, process: subprocess.Popen[bytes], within_s: float = 20) -> None:
    """Wait until a server of `process` accepts on `port`."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            message = f"the server ended with {process.returncode}"
            raise RuntimeError(message)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        select.select([], [], [], 0.02)
    message = f"nothing listens on port {port}"
    raise TimeoutError(message)
