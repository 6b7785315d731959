"""A server's certificate as a person reads it: for whom it is, who signed it, when it ends."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cryptography import x509

from kana_tui.domain.certificate import Certificate
from kana_tui.mail.failures import shown

NAMES_SHOWN: Final = 5
_DAY_S: Final = 86_400


def parsed(der: bytes) -> Certificate:
    """From DER, as a handshake hands it out; ValueError where it is none."""
    return read(x509.load_der_x509_certificate(der))


def accepted(stands: ssl.SSLObject) -> Certificate | None:
    """Of a handshake that ended well; None where another parser does not take what OpenSSL took."""
    der = stands.getpeercert(binary_form=True)
    try:
        return parsed(der) if der else None
    except ValueError:
        return None


def read(certificate: x509.Certificate) -> Certificate:
    return Certificate(
        names=tuple(_names(certificate)),
        issuer=certificate.issuer.rfc4514_string(),
        ends_at=certificate.not_valid_after_utc,
    )


def described(der: bytes, now: datetime) -> str:
    """“for mail.example.com; issued by CN=Example CA; 41 days left”, harmless to show."""
    try:
        found = parsed(der)
    except ValueError:
        return "a certificate that cannot be read"
    return f"for {names_told(found.names)}; issued by {shown(found.issuer)}; {_left(found, now)}"


def names_told(names: Sequence[str]) -> str:
    """The first few of them, harmless to show."""
    more = f" … ({len(names) - NAMES_SHOWN} more)" if len(names) > NAMES_SHOWN else ""
    return (", ".join(shown(name) for name in names[:NAMES_SHOWN]) + more) or "no name"


def _names(certificate: x509.Certificate) -> Sequence[str]:
    """Host names and addresses of its alternative names (RFC 6125: nothing else counts)."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):
        return ()
    names = extension.value
    addresses = [str(one) for one in names.get_values_for_type(x509.IPAddress)]
    return [*names.get_values_for_type(x509.DNSName), *addresses]


def _left(certificate: Certificate, now: datetime) -> str:
    seconds = (certificate.ends_at - now).total_seconds()
    if seconds < 0:
        return f"ended on {certificate.ends_at.date().isoformat()}"
    days = int(seconds // _DAY_S)
    return "1 day left" if days == 1 else f"{days} days left"
