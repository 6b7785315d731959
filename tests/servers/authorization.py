"""An authorization server for tests, as Microsoft 365 and as Google, on 127.0.0.1.

Its access tokens are those of a `TokenServer`: give it `dovecot.tokens`, and
they open that Dovecot's mailboxes.

    with running_authorization(dovecot.tokens) as server:  # tls=(cert, key): https
        fields = server.microsoft(Grant.DEVICE_CODE)  # or server.google(…): OAuthFields
        credential = Credential(…, oauth=fields, client_secret=CLIENT_SECRET)

What a test does in the place of people and of time:

- `sign_in(user)`: a refresh token, as of somebody who signed in before. `revoke(refresh)`: ends it.
- `approve(code, user)`, `decline(code)`, `lapse(code)`, `hurried(code)`: what becomes of a device's
  user code (None before any of them: pending; `hurried`: the next question gets `slow_down`).
- `browse(url, user)`: somebody signs in at an authorization URL; the address that the browser ends
  at. `refuse(url)`: somebody declines there.
- `service_account_key()`: a JSON key that may act for every address. `delegates = False`: for none.

Knobs: `client_secret` (None: a public client, which must show none), `expires_in` (None: not
told), `rotates` (a refresh gives another refresh token and ends the old one), `interval`,
`device_lasts`, `repeats` (an error's description repeats what was sent), `faults[path]` (see
`authorization_faults`; paths: `MICROSOFT_TOKEN`, `MICROSOFT_DEVICE`, `GOOGLE_TOKEN`).

`asked[path, grant type]` counts requests; `forms` holds what was sent to a POST path, in order.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from kana_tui.domain.fields.oauth import Grant, OAuthFields
from tests.servers.authorization_faults import Fault
from tests.servers.authorization_grants import CLIENT_ID, CLIENT_SECRET, Grants
from tests.servers.tokens import TokenServer

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "Authorization", "running_authorization"]

TENANT: Final = "contoso"
MICROSOFT_AUTHORIZE: Final = f"/{TENANT}/oauth2/v2.0/authorize"
MICROSOFT_TOKEN: Final = f"/{TENANT}/oauth2/v2.0/token"
MICROSOFT_DEVICE: Final = f"/{TENANT}/oauth2/v2.0/devicecode"
GOOGLE_AUTHORIZE: Final = "/auth"
GOOGLE_TOKEN: Final = "/token"

Answer = tuple[int, dict[str, Any], dict[str, str]]
"""Status, JSON body, further headers."""


class Authorization(Grants):
    """A running server; see the module."""

    def __init__(self, tokens: TokenServer, tls: tuple[Path, Path] | None = None) -> None:
        super().__init__(tokens)
        self.faults: dict[str, Fault] = {}
        self.asked: Counter[tuple[str, str]] = Counter()
        self.forms: list[dict[str, str]] = []
        self._http = _Quiet(("127.0.0.1", 0), _handler(self))
        self._tls = tls is not None
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            # The handshake is a request's own, or one that hangs would hold up all.
            self._http.socket = context.wrap_socket(
                self._http.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port: int = self._http.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def microsoft(self, grant: Grant) -> OAuthFields:
        return self._fields(grant, MICROSOFT_AUTHORIZE, MICROSOFT_TOKEN)

    def google(self, grant: Grant) -> OAuthFields:
        return self._fields(grant, GOOGLE_AUTHORIZE, GOOGLE_TOKEN)

    def _fields(self, grant: Grant, authorize: str, token: str) -> OAuthFields:
        return OAuthFields(
            oauth_grant=grant,
            authorization_url=self.url + authorize,
            token_url=self.url + token,
            client_id=CLIENT_ID,
        )

    def browse(self, url: str, user: str) -> str:
        """The address that a browser ends at once `user` has signed in at `url` and agreed."""
        return self._visited(url, {"signed_in": user})

    def refuse(self, url: str) -> str:
        """The same where whoever is asked declines."""
        return self._visited(url, {"declined": "yes"})

    def _visited(self, url: str, done: dict[str, str]) -> str:
        parts = urlsplit(url)
        if self._tls:
            unchecked = ssl._create_unverified_context()
            connection: HTTPConnection = HTTPSConnection(
                parts.netloc, context=unchecked, timeout=30
            )
        else:
            connection = HTTPConnection(parts.netloc, timeout=30)
        try:
            connection.request("GET", f"{parts.path}?{parts.query}&{urlencode(done)}")
            response = connection.getresponse()
            body = response.read().decode()
        finally:
            connection.close()
        assert response.status == 302, body
        return str(response.headers["Location"])

    def answer(self, path: str, form: dict[str, str]) -> Answer:
        """Of a POST. Called by the server's threads."""
        with self.lock:
            google = path == GOOGLE_TOKEN
            if path in (MICROSOFT_TOKEN, GOOGLE_TOKEN):
                status, answer = self.token(form, google=google)
            elif path == MICROSOFT_DEVICE:
                status, answer = self.device_code(form, f"{self.url}/device")
            else:
                status, answer = 404, {"error": "not_found"}
        return status, answer, {}

    def page(self, path: str, form: dict[str, str]) -> Answer:
        """Of a GET, after whoever visits it has signed in or declined."""
        with self.lock:
            if path not in (MICROSOFT_AUTHORIZE, GOOGLE_AUTHORIZE):
                return 404, {"error": "not_found"}, {}
            wrong = self.wrong_page(form)
            if wrong:
                return 400, {"error": wrong}, {}
            to = self.landing(form, google=path == GOOGLE_AUTHORIZE)
        return 302, {}, {"Location": to}

    def note(self, path: str, form: dict[str, str]) -> None:
        with self.lock:
            self.asked[path, form.get("grant_type", "")] += 1
            self.forms.append(form)

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves, or that does not accept the certificate."""


def _handler(server: Authorization) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # http.server calls it by name
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            form = _form(body)
            path = urlsplit(self.path).path
            server.note(path, form)
            fault = server.faults.get(path)
            if fault is None or not fault(self):
                self._say(*server.answer(path, form))

        def do_GET(self) -> None:  # the same
            parts = urlsplit(self.path)
            self._say(*server.page(parts.path, _form(parts.query)))

        def _say(self, status: int, answer: dict[str, Any], headers: dict[str, str]) -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    return Handler


def _form(text: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(text, keep_blank_values=True).items()}


@contextmanager
def running_authorization(
    tokens: TokenServer, tls: tuple[Path, Path] | None = None
) -> Iterator[Authorization]:
    server = Authorization(tokens, tls)
    server.start()
    try:
        yield server
    finally:
        server.stop()
