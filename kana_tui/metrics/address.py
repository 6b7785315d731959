"""Where metrics are served: HOST:PORT."""

from __future__ import annotations

from attrs import frozen

from kana_tui.domain.errors import InvalidValueError


@frozen
class Address:
    """`host`: a name or an IP address, without brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """`127.0.0.1:9100`, `localhost:9100`, `[::1]:9100`; InvalidValueError for all else."""
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    bare = host[1:-1] if bracketed else host
    good_host = bare != "" and bare.isprintable() and " " not in bare and bracketed == (":" in bare)
    good_port = port.isascii() and port.isdecimal() and 1 <= int(port[:6]) <= 65535
    if not colon or not good_host or not good_port:
        raise InvalidValueError(
            f"--metrics “{text}” is not HOST:PORT with a port from 1 to 65535.",
            field="metrics",
            hint="127.0.0.1:9100 serves this host alone; [::1]:9100 the same over IPv6.",
        )
    return Address(bare, int(port))
