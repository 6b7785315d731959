"""A server's certificate, as much of it as a person asks about."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen


@frozen
class Certificate:
    """`names`: the hosts that it is for; `issuer`: who signed it, in one line; both are the
    server's words, to be escaped. `ends_at`: when it expires, UTC."""

    names: tuple[str, ...]
    issuer: str
    ends_at: datetime
