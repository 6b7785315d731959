"""The HTTP server of an engine's metrics and health, in threads of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self

from attrs import frozen
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from kana_tui.domain.errors import KanaError, UnreachableError
from kana_tui.domain.visible import visible
from kana_tui.metrics.address import Address

REQUEST_S: Final = 5.0
CLIENTS_MOST: Final = 16
PLAIN: Final = "text/plain; charset=utf-8"


@frozen
class Answer:
    status: HTTPStatus
    content_type: str
    body: bytes


def plain(status: HTTPStatus, sentence: str) -> Answer:
    return Answer(status, PLAIN, f"{visible(sentence)}\n".encode())


@frozen(eq=False)
class Health:
    """What the engine is asked. Each returns what is wrong, None if nothing is.

    alive: does the engine's loop answer. ready: is the store reachable, and the
    engine's own heartbeat fresh. Both are called in the server's threads.
    """

    alive: Callable[[], str | None]
    ready: Callable[[], str | None]


class MetricsServer:
    """Serves `/metrics`, `/healthz` and `/readyz` within its block. UnreachableError: it cannot
    listen there."""

    def __init__(self, address: Address, registry: CollectorRegistry, health: Health) -> None:
        pages: Mapping[str, Callable[[str], Answer]] = {
            "/metrics": lambda accept: _metrics(registry, accept),
            "/healthz": lambda _accept: _told(health.alive()),
            "/readyz": lambda _accept: _told(health.ready()),
        }
        self._server = _listen(address, pages)
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="metrics", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _metrics(registry: CollectorRegistry, accept: str) -> Answer:
    encode, content_type = choose_encoder(accept)
    try:
        return Answer(HTTPStatus.OK, content_type, encode(registry))
    except KanaError as error:
        return plain(HTTPStatus.SERVICE_UNAVAILABLE, str(error))


def _told(wrong: str | None) -> Answer:
    if wrong is None:
        return plain(HTTPStatus.OK, "ok")
    return plain(HTTPStatus.SERVICE_UNAVAILABLE, wrong)


def _listen(address: Address, pages: Mapping[str, Callable[[str], Answer]]) -> _Server:
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        # A name of both families is mostly asked for by IPv4.
        family, _, _, _, place = min(found, key=lambda one: one[0] is not socket.AF_INET)
        return _Server(family, place, pages)
    except OSError as error:
        raise UnreachableError(
            f"Metrics cannot be served at {address}: {error.strerror}.",
            hint="Another program may listen there: name another HOST:PORT with --metrics.",
        ) from error


class _Server(ThreadingHTTPServer):
    """A thread a request, and no more than a few at once: whoever is slow keeps nobody waiting."""

    daemon_threads = True
    block_on_close = False

    def __init__(
        self,
        family: socket.AddressFamily,
        place: tuple[Any, ...],
        pages: Mapping[str, Callable[[str], Answer]],
    ) -> None:
        self.address_family = family
        self.pages = pages
        self._room = threading.BoundedSemaphore(CLIENTS_MOST)
        super().__init__(place[:2], _Request)

    def server_bind(self) -> None:
        """Without the look-up of the host's name, which may take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = "kana-tui", self.socket.getsockname()[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; whatever else failed was answered with 500."""


class _Request(BaseHTTPRequestHandler):
    server: _Server
    timeout = REQUEST_S
    server_version = "kana-tui"
    sys_version = ""

    def do_GET(self) -> None:
        page = self.server.pages.get(self.path.partition("?")[0])
        if page is None:
            known = ", ".join(self.server.pages)
            self._send(plain(HTTPStatus.NOT_FOUND, f"There is only {known}."))
            return
        try:
            answer = page(self.headers.get("Accept", ""))
        except Exception:  # noqa: BLE001  # a fault of ours costs this answer, and no more
            answer = plain(HTTPStatus.INTERNAL_SERVER_ERROR, "A fault in this program.")
        self._send(answer)

    def _refuse(self) -> None:
        refusal = plain(HTTPStatus.METHOD_NOT_ALLOWED, "Only GET is served.")
        self._send(refusal, Allow="GET")

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _refuse  # noqa: N815  # as they are called

    def _send(self, answer: Answer, **headers: str) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # its name there
        """A request is no event of the engine's."""
