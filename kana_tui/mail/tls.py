"""TLS: who is trusted, and its failures as sentences. Certificates are always verified."""

from __future__ import annotations

import ssl
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from attrs import frozen
from cryptography import x509

from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.certificate import described, names_told, read
from kana_tui.mail.failures import shown

# OpenSSL's verification results (X509_V_ERR_…), as SSLCertVerificationError.verify_code.
_NOT_YET_VALID: Final = 9
_EXPIRED: Final = 10
_SELF_SIGNED: Final = (18, 19)
_UNKNOWN_ISSUER: Final = (2, 20, 21)
_OTHER_NAME: Final = (62, 64)

_NO_TLS: Final = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL")


def context_for(ca_file: Path | None) -> ssl.SSLContext:
    """Trust of the system, and of `ca_file` where given; TLS 1.2 at least.

    MailError (settings) if the file cannot be used. Reads files: call it in a thread.
    """
    if ca_file is None:
        return _context(None, 0, 0)
    with _usable(ca_file):
        state = ca_file.stat()
        return _context(ca_file, state.st_mtime_ns, state.st_size)


def own_context(ca_file: Path | None) -> ssl.SSLContext:
    """`context_for`, for a library that changes the context that it is given."""
    with _usable(ca_file):
        return _loaded(ca_file)


@lru_cache(maxsize=32)
def _context(ca_file: Path | None, _changed_ns: int, _size: int) -> ssl.SSLContext:
    """Loading the system's trust takes 10 to 20 ms, so one context serves every connection."""
    return _loaded(ca_file)


def _loaded(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        trust(context, ca_file)
    return context


def trust(context: ssl.SSLContext, ca_file: Path) -> None:
    """OSError (SSLError) or ValueError where the file cannot be used."""
    mode = ca_file.stat().st_mode
    if stat.S_ISDIR(mode):  # OpenSSL would not tell a folder from a broken file
        raise IsADirectoryError
    if not stat.S_ISREG(mode):  # a pipe or device may be read for ever
        message = "it is no file"
        raise OSError(message)
    context.load_verify_locations(ca_file)


@contextmanager
def _usable(ca_file: Path | None) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # SSLError is an OSError
        raise MailError(
            Stage.SETTINGS,
            f"The CA file {shown(str(ca_file))} {ca_problem(error)}.",
            hint="Correct the mailbox's CA file; nothing was sent to the server.",
        ) from error


def ca_problem(error: OSError | ValueError) -> str:
    """Why a CA file cannot be used, as a clause."""
    if isinstance(error, ssl.SSLError):
        return "holds no certificate in PEM form"
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    if isinstance(error, IsADirectoryError):
        return "is a folder"
    if isinstance(error, ValueError):  # a NUL within
        return "is no path"
    return f"is not readable ({error.strerror or error})"


def told(stands: ssl.SSLObject) -> str:
    """“TLSv1.3, its cipher; for mail.example.com; …”: what was agreed on, and with whom."""
    cipher = stands.cipher()
    der = stands.getpeercert(binary_form=True)
    agreed = ", ".join(filter(None, (stands.version(), cipher[0] if cipher else "")))
    return f"{agreed}; {described(der, datetime.now(UTC))}" if der else agreed


@frozen
class Remedies:
    """For a server that speaks no TLS, and for a certificate of an unknown authority; as they
    stand, for a mailbox's incoming mail."""

    no_tls: str = "Check the port, or choose an authentication type without implicit TLS."
    untrusted: str = "If it is right, set the CA that signed it as the mailbox's CA file."


INCOMING: Final = Remedies()


def not_tls(peer: str, remedies: Remedies = INCOMING) -> MailError:
    return MailError(Stage.TLS, f"{peer} does not speak TLS on this port.", hint=remedies.no_tls)


def refused(
    peer: str,
    server: str,
    error: OSError,
    certificate: x509.Certificate | None,
    remedies: Remedies = INCOMING,
) -> MailError:
    """A handshake that failed, as a MailError; `certificate` is the server's, where it was seen."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return MailError(
            Stage.TLS,
            f"The certificate of {peer} is not accepted: {_fault(server, error, certificate)}.",
            hint="Nothing was sent to it. " + _remedy(error, remedies),
        )
    if not isinstance(error, ssl.SSLError) or isinstance(error, ssl.SSLEOFError):
        return MailError(Stage.TLS, f"{peer} closed the connection during the TLS handshake.")
    if error.reason in _NO_TLS:
        return not_tls(peer, remedies)
    reason = (error.reason or "unknown reason").replace("_", " ").lower()
    return MailError(
        Stage.TLS,
        f"The TLS handshake with {peer} failed: {shown(reason)}.",
        hint="TLS 1.2 is the least that is accepted.",
    )


def _fault(
    server: str, error: ssl.SSLCertVerificationError, certificate: x509.Certificate | None
) -> str:
    code = error.verify_code
    seen = f" ({_described(certificate)})" if certificate is not None else ""
    if code in _OTHER_NAME:
        return f"it is not for {server}{seen}"
    if code == _EXPIRED:
        return f"it has expired{seen}"
    if code == _NOT_YET_VALID:
        since = f" before {_day(certificate.not_valid_before_utc)}" if certificate else " yet"
        return f"it is not valid{since}{seen}"
    if code in _SELF_SIGNED:
        return f"it is self-signed, or signed by an unknown authority of its own{seen}"
    if code in _UNKNOWN_ISSUER:
        return f"its issuer is not trusted{seen}"
    return f"{shown(error.verify_message)}{seen}"


def _remedy(error: ssl.SSLCertVerificationError, remedies: Remedies) -> str:
    if error.verify_code in _OTHER_NAME:
        return "Use a name as server that the certificate holds."
    if error.verify_code in (_EXPIRED, _NOT_YET_VALID):
        return "The server needs a valid certificate; check this host's clock too."
    return remedies.untrusted


def _described(certificate: x509.Certificate) -> str:
    seen = read(certificate)
    ended = "ended" if seen.ends_at < datetime.now(UTC) else "ends"
    for_whom, issuer = names_told(seen.names), shown(seen.issuer)
    return f"it is for {for_whom}, issued by {issuer}, and {ended} on {_day(seen.ends_at)}"


def _day(instant: datetime) -> str:
    return instant.date().isoformat()
