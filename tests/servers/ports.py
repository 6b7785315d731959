"""Ports of servers that tests start."""

from __future__ import annotations

import itertools
import os
import select
import socket
import subprocess
import time
from collections.abc import Iterator
from typing import Final

RANGE: Final = range(10_000, 32_000)
"""Below what a system gives to connections by itself (RFC 6335; Linux from 32768 on): a port that
was free a moment ago is taken by nobody by chance."""

_SHARE: Final = 97


def free_ports(count: int) -> list[int]:
    """So many ports that nobody listens on; never the same one twice in this process."""
    return list(itertools.islice(filter(_is_free, _ports), count))


def _is_free(port: int) -> bool:
    with socket.socket() as one:
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _in_turn() -> Iterator[int]:
    """From a place of this process's own on: others that run at the same time begin elsewhere."""
    start = os.getpid() * _SHARE
    return (RANGE[(start + step) % len(RANGE)] for step in itertools.count())


_ports: Final = _in_turn()


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
