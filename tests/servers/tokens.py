"""An authorization server for tests: it tells a mail server whose a token is (RFC 7662)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs

from kana_tui.domain.secret import Secret

APPLICATION: Final = "application"
"""The name that a token of the application itself is for: it opens every mailbox."""


class TokenServer:
    """Hands out tokens by method call, and answers POST /introspect on `port` of 127.0.0.1."""

    def __init__(self) -> None:
        self._users: dict[str, str] = {}
        self._handed_out = 0
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self.port: int = self._http.server_address[1]

    def issue(self, user: str, *, padding: int = 0) -> Secret:
        """A token that opens the mailbox of `user`; `padding` makes it so much longer."""
        self._handed_out += 1
        token = f"ya29.token-{self._handed_out}-{'x' * padding}"
        self._users[token] = user
        return Secret(token)

    def revoke(self, token: Secret) -> None:
        """From now on it is no better than one that has ended."""
        del self._users[token.reveal()]

    def answer(self, path: str, form: dict[str, str]) -> dict[str, Any]:
        """What is known of a token. Called by the server's threads."""
        user = self._users.get(form.get("token", "")) if path == "/introspect" else None
        return {
            "active": user is not None,
            "application": user == APPLICATION,
            "username": user or "nobody",
        }

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()


def _handler(server: TokenServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # http.server calls it by name
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            form = {key: values[0] for key, values in parse_qs(body).items()}
            answer = json.dumps(server.answer(self.path, form)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def running_tokens() -> Iterator[TokenServer]:
    server = TokenServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
