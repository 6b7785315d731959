"""Why an authorization server could not be asked: each failure of the network as a sentence."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Sequence
from http.client import BadStatusLine, RemoteDisconnected
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509

from kana_tui.mail import tls
from kana_tui.mail.failures import shown
from kana_tui.ports.tokens import TokenDelayedError

LOOK_S: Final = 5.0

_PROXY: Final = "cannot be reached: the proxy that HTTPS_PROXY names does not help"
_CLOSED: Final = "closed the connection before its answer was complete"
_UNKNOWN: Final = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
_REMEDIES: Final = tls.Remedies(no_tls="Check the Token Url.")
_CHECK: Final = "Check the Token Url, and this host's network and DNS."
_CHECK_PROXY: Final = "Check HTTPS_PROXY and NO_PROXY in the environment."


def peer_of(url: str) -> str:
    """Host, and port where the URL names one; nothing else that may stand in a URL."""
    return shown(urlsplit(url).netloc.rpartition("@")[2])


def late(url: str, timeout_s: float) -> TokenDelayedError:
    return TokenDelayedError(f"{peer_of(url)}: no answer after {timeout_s:g} s.", hint=_CHECK)


def unreached(url: str, error: Exception, timeout_s: float, *, proxied: bool) -> TokenDelayedError:
    """`error`: of requests or urllib3. Its own words are never shown: they may hold the
    password of a proxy."""
    causes = tuple(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return _no_tls(url, cause, proxied=proxied)
    said = _said(causes)
    if said is None:
        return late(url, timeout_s)
    hint = _CHECK_PROXY if said is _PROXY else _CHECK
    return TokenDelayedError(f"{peer_of(url)} {said}.", hint=hint)


def _said(causes: Sequence[BaseException]) -> str | None:
    """What the server does, or what cannot be done; None: it did not answer in time."""
    from urllib3 import exceptions as urllib3  # noqa: PLC0415  # imported by now: they are its own

    # From the particular to the general: some of these are subclasses of later ones.
    table: Sequence[tuple[type[BaseException], str | None]] = (
        (urllib3.ProxyError, _PROXY),
        (socket.gaierror, f"was not found: {_dns(causes)}"),
        (ConnectionRefusedError, "refuses the connection"),
        (urllib3.NewConnectionError, f"cannot be connected to{_reason(causes)}"),
        (urllib3.ConnectTimeoutError, "cannot be connected to: it does not answer"),
        (TimeoutError, None),
        (RemoteDisconnected, _CLOSED),
        (BadStatusLine, "does not speak HTTP on this port"),
    )
    for kind, said in table:
        if any(isinstance(cause, kind) for cause in causes):
            return said
    return _CLOSED


def _dns(causes: Sequence[BaseException]) -> str:
    unknown = any(isinstance(one, socket.gaierror) and one.errno in _UNKNOWN for one in causes)
    return "there is no such host" if unknown else "the name servers do not answer"


def _reason(causes: Sequence[BaseException]) -> str:
    words = (cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror)
    return next((f" ({shown(one)})" for one in words), "")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and all that is wrapped in it: these libraries do so in four ways."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        held = (*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__)
        waiting += [one for one in held if isinstance(one, BaseException)]


def _no_tls(url: str, error: ssl.SSLError, *, proxied: bool) -> TokenDelayedError:
    host = urlsplit(url).hostname or ""
    certificate = None if proxied else _seen(host, urlsplit(url).port or 443)
    refused = tls.refused(peer_of(url), host, error, certificate, _REMEDIES)
    return TokenDelayedError(refused.message, hint=refused.hint)


def _seen(host: str, port: int) -> x509.Certificate | None:
    """The certificate that was refused, so that the refusal can name it; None where it cannot be
    had. Nothing is sent on this connection, and it carries nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), LOOK_S) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            der = secure.getpeercert(binary_form=True)
        return x509.load_der_x509_certificate(der) if der else None
    except (OSError, ValueError):
        return None
