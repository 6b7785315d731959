"""HTTP to an authorization server, by requests; imported by the first request.

Who is trusted: the system and the mailbox's CA file, as for the mail server.
Of the environment only HTTPS_PROXY, ALL_PROXY and NO_PROXY count, since many a
company's hosts reach the outside no other way: a proxy learns the host's name
and no more, for TLS goes through it. A loopback address is never asked by a
proxy. REQUESTS_CA_BUNDLE and ~/.netrc count for nothing: they would stand
above what the mailbox's form says. No redirect is followed, no cookie kept.
"""

from __future__ import annotations

import ssl
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException
from requests.utils import get_environ_proxies, select_proxy
from urllib3.exceptions import HTTPError

from kana_tui import __version__
from kana_tui.domain.errors import MailError
from kana_tui.domain.fields.kinds.host import is_loopback
from kana_tui.mail.oauth.answers import Raw, endless
from kana_tui.mail.oauth.trouble import late, peer_of, unreached
from kana_tui.mail.tls import own_context
from kana_tui.ports.tokens import TokenSettingsError

ANSWER_BYTES: Final = 1 << 20
ADDRESSES_TRIED: Final = 4
"""So many addresses of a host may leave a connection unanswered before the time is up: where
IPv6 leads nowhere, IPv4 has its turn."""

_BLOCK_BYTES: Final = 16_384
_LEAST_S: Final = 0.001  # none at all would make a socket that never waits
_HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": f"kana-tui/{__version__}",
}


def sent(url: str, body: bytes, *, ca_file: Path | None, timeout_s: float, ends_at: float) -> Raw:
    """A POST's answer, whatever its status; TokenError where there is none.

    Ends at `ends_at` (time.monotonic()); `timeout_s` is only for the sentence.
    """
    proxy = _proxy(url)
    left_s = ends_at - time.monotonic()
    if left_s <= 0:
        raise late(url, timeout_s)
    try:
        with _session(ca_file, proxy, ends_at) as session:
            response = session.post(
                url,
                data=body,
                timeout=(left_s / ADDRESSES_TRIED, left_s),
                allow_redirects=False,
                stream=True,
            )
            with response:
                return _read(response, url, timeout_s, ends_at)
    except (RequestException, HTTPError, OSError, UnicodeError) as error:
        # Cut off: its words may hold a proxy's password, and its request what was sent.
        raise unreached(url, error, timeout_s, proxied=proxy is not None) from None


def _read(response: requests.Response, url: str, timeout_s: float, ends_at: float) -> Raw:
    body = bytearray()
    while block := response.raw.read1(_BLOCK_BYTES, decode_content=True):
        body += block
        if len(body) > ANSWER_BYTES:
            raise endless(peer_of(url), ANSWER_BYTES)
        if time.monotonic() > ends_at:
            raise late(url, timeout_s)
    retry_after = response.headers.get("Retry-After")
    return Raw(peer_of(url), response.status_code, bytes(body), retry_after)


def _proxy(url: str) -> str | None:
    parts = urlsplit(url)
    if parts.scheme != "https" or is_loopback(parts.hostname or ""):
        return None
    return select_proxy(url, get_environ_proxies(url))


def _session(ca_file: Path | None, proxy: str | None, ends_at: float) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers.clear()
    session.headers.update(_HEADERS)
    session.proxies = {"https": proxy} if proxy is not None else {}
    session.mount("https://", _Trusting(_context(ca_file, ends_at)))
    return session


def _context(ca_file: Path | None, ends_at: float) -> ssl.SSLContext:
    try:
        context = own_context(ca_file)
    except MailError as error:
        raise TokenSettingsError(error.message, hint=error.hint) from error
    context.sslsocket_class = _ending(ends_at)
    return context


def _ending(ends_at: float) -> type[ssl.SSLSocket]:
    """A socket whose handshake and every read end by then: a header that comes byte by byte never
    would, since requests has a time-out for each byte."""

    class Ending(ssl.SSLSocket):
        def do_handshake(self, block: bool = False) -> None:
            self._end()
            super().do_handshake(block)

        def recv_into(self, *args: Any, **kwargs: Any) -> int:
            self._end()
            return super().recv_into(*args, **kwargs)

        def _end(self) -> None:
            self.settimeout(max(ends_at - time.monotonic(), _LEAST_S))

    return Ending


class _Trusting(HTTPAdapter):
    """Verifies by `context` alone; requests itself would add the list that certifi carries."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return super().proxy_manager_for(*args, ssl_context=self._context, **kwargs)

    def cert_verify(self, conn: Any, *_: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"
        conn.ca_certs = conn.ca_cert_dir = None
