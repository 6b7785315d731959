"""Addresses as SMTP carries them."""

from __future__ import annotations


def wire_address(address: str) -> str:
    """`address` with its domain in ASCII (IDNA), where it has such a form.

    The local part stays as it is: beyond ASCII it needs a server with SMTPUTF8.
    """
    local, at, domain = address.rpartition("@")
    if domain.isascii():
        return address
    import idna  # noqa: PLC0415  # rarely needed

    try:
        return f"{local}{at}{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError:
        return address
