"""What can be wrong with an authorization server's answer, as a fault of one of its paths."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Final

HUGE_BYTES: Final = 64 << 20
"""How much an endless answer has; a client that takes no more than it should never sees the end."""

Fault = Callable[[BaseHTTPRequestHandler], bool]
"""Does to a request what it does; whether it has answered it."""


def answered(
    status: int, body: bytes, kind: str = "application/json", headers: Mapping[str, str] = {}
) -> Fault:
    """Always that answer."""

    def fault(handler: BaseHTTPRequestHandler) -> bool:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
        return True

    return fault


def told(status: int, answer: object, headers: Mapping[str, str] = {}) -> Fault:
    """Always that JSON, such as `{"error": …}`."""
    return answered(status, json.dumps(answer).encode(), headers=headers)


def too_many(retry_after: str | None) -> Fault:
    """429, as Microsoft says it; `retry_after`: seconds or an HTTP date."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return told(429, {"error": "temporarily_unavailable"}, headers)


def broken(status: int = 500) -> Fault:
    return answered(status, b"Internal Server Error", "text/plain")


def bad_json() -> Fault:
    return answered(200, b'{"access_token": "ya29')


def html(status: int = 200) -> Fault:
    page = b"<!doctype html><html><head><title>Sign in</title></head><body>\x1b[2J</body></html>"
    return answered(status, page, "text/html")


def redirected(to: str, status: int = 302) -> Fault:
    return answered(status, b"", headers={"Location": to})


def slow(until: Event) -> Fault:
    """Nothing is said before that, but all is done as ever then."""

    def fault(_handler: BaseHTTPRequestHandler) -> bool:
        until.wait()
        return False

    return fault


def dropped(handler: BaseHTTPRequestHandler) -> bool:
    """The connection ends without an answer."""
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)
    return True


def huge(handler: BaseHTTPRequestHandler) -> bool:
    """A body that goes on and on."""
    handler.close_connection = True
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    block = b"[" * 65536
    for _ in range(HUGE_BYTES // len(block)):
        handler.wfile.write(block)
    return True


def dripping(handler: BaseHTTPRequestHandler) -> bool:
    """A header that comes byte by byte, for as long as somebody reads it."""
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        handler.wfile.write(b"x")
        time.sleep(0.02)  # a slow server's pace; no test waits for it


def cut_short(handler: BaseHTTPRequestHandler) -> bool:
    """Half the body that was announced."""
    handler.close_connection = True
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"access_token": "ya29')
    return True


def no_http(handler: BaseHTTPRequestHandler) -> bool:
    """The greeting of another protocol."""
    handler.close_connection = True
    handler.wfile.write(b"220 mx.example ESMTP\r\n")
    return True
