"""TLS: who is trusted, and its failures as sentences. Certificates are always verified."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography import x509

from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.failures import shown

# OpenSSL's verification results (X509_V_ERR_…), as SSLCertVerificationError.verify_code.
_NOT_YET_VALID: Final = 9
_EXPIRED: Final = 10
_SELF_SIGNED: Final = (18, 19)
_UNKNOWN_ISSUER: Final = (2, 20, 21)
_OTHER_NAME: Final = (62, 64)

_NO_TLS: Final = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL")
_NAMES_SHOWN: Final = 5


def context_for(ca_file: Path | None) -> ssl.SSLContext:
    """Trust of the system, and of `ca_file` where given; TLS 1.2 at least.

    MailError (settings) if the file cannot be used. Reads files: call it in a thread.
    """
    if ca_file is None:
        return _context(None, 0, 0)
    try:
        state = ca_file.stat()
        return _context(ca_file, state.st_mtime_ns, state.st_size)
    except (OSError, ValueError) as error:  # SSLError is an OSError
        raise MailError(
            Stage.SETTINGS,
            f"The CA file {shown(str(ca_file))} {ca_problem(error)}.",
            hint="Correct the mailbox's CA file; nothing was sent to the server.",
        ) from error


@lru_cache(maxsize=32)
def _context(ca_file: Path | None, _changed_ns: int, _size: int) -> ssl.SSLContext:
    """Loading the system's trust takes 10 to 20 ms, so one context serves every connection."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


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


def not_tls(peer: str) -> MailError:
    return MailError(
        Stage.TLS,
        f"{peer} does not speak TLS on this port.",
        hint="Check the port, or choose an authentication type without implicit TLS.",
    )


def refused(
    peer: str, server: str, error: OSError, certificate: x509.Certificate | None
) -> MailError:
    """A handshake that failed, as a MailError; `certificate` is the server's, where it was seen."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return MailError(
            Stage.TLS,
            f"The certificate of {peer} is not accepted: {_fault(server, error, certificate)}.",
            hint="Nothing was sent to it. " + _remedy(error),
        )
    if not isinstance(error, ssl.SSLError) or isinstance(error, ssl.SSLEOFError):
        return MailError(Stage.TLS, f"{peer} closed the connection during the TLS handshake.")
    if error.reason in _NO_TLS:
        return not_tls(peer)
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


def _remedy(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in _OTHER_NAME:
        return "Use a name as server that the certificate holds."
    if error.verify_code in (_EXPIRED, _NOT_YET_VALID):
        return "The server needs a valid certificate; check this host's clock too."
    return "If it is right, set the CA that signed it as the mailbox's CA file."


def _described(certificate: x509.Certificate) -> str:
    names = names_of(certificate)
    more = f" … ({len(names) - _NAMES_SHOWN} more)" if len(names) > _NAMES_SHOWN else ""
    held = ", ".join(shown(name) for name in names[:_NAMES_SHOWN]) + more
    end = certificate.not_valid_after_utc
    ended = "ended" if end < datetime.now(UTC) else "ends"
    issuer = shown(certificate.issuer.rfc4514_string())
    return f"it is for {held or 'no name'}, issued by {issuer}, and {ended} on {_day(end)}"


def names_of(certificate: x509.Certificate) -> Sequence[str]:
    """The host names and addresses that a certificate holds (RFC 6125: none but these count)."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):
        return ()
    names = extension.value
    addresses = [str(one) for one in names.get_values_for_type(x509.IPAddress)]
    return [*names.get_values_for_type(x509.DNSName), *addresses]


def _day(instant: datetime) -> str:
    return instant.date().isoformat()
