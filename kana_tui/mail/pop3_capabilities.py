"""What a POP3 server can do, by its answer to CAPA (RFC 2449)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import field, frozen

from kana_tui.domain.errors import Stage
from kana_tui.mail.connection import Connection
from kana_tui.mail.failures import endless, shown
from kana_tui.mail.pop3_replies import reply

LINES_MOST: Final = 200


@frozen
class Capabilities:
    """Their arguments by name, all in upper case. `told`: the server knows CAPA."""

    told: bool = False
    arguments: Mapping[bytes, Sequence[bytes]] = field(factory=dict)

    def __contains__(self, name: bytes) -> bool:
        return name in self.arguments

    @property
    def tells_logins(self) -> bool:
        """Whether it names any way to log in; a server that does names all of them."""
        return b"USER" in self or b"SASL" in self

    @property
    def mechanisms(self) -> Sequence[bytes]:
        """What AUTH takes (RFC 5034 section 3)."""
        return self.arguments.get(b"SASL", ())

    @property
    def logins(self) -> str:
        """The ways to log in that it tells, harmless to show; empty where there are none."""
        user = [b"USER"] if b"USER" in self else []
        return shown(b" ".join([*user, *self.mechanisms]))

    @property
    def shown(self) -> str:
        """All of them, harmless to show."""
        if not self.told:
            return "the server does not tell (it knows no CAPA)"
        lines = (b" ".join([name, *told]) for name, told in self.arguments.items())
        return ", ".join(shown(line) for line in lines) or "none"

    @property
    def login_delay_s(self) -> float | None:
        """The seconds between two logins that it asks for (RFC 2449 section 6.5)."""
        told = self.arguments.get(b"LOGIN-DELAY", ())
        return seconds(told[0].decode("ascii", "replace")) if told else None


def seconds(text: str) -> float | None:
    """A number of seconds; None for what is none."""
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


async def ask(connection: Connection, stage: Stage) -> Capabilities:
    """CAPA and its answer."""
    connection.send(b"CAPA\r\n")
    patience = connection.patience()
    if not (await reply(connection, stage, "answer to CAPA", patience=patience)).ok:
        return Capabilities()
    found: dict[bytes, Sequence[bytes]] = {}
    for _ in range(LINES_MOST):
        line = await connection.line(stage, "answer to CAPA", patience=patience)
        if line == b".":
            return Capabilities(told=True, arguments=found)
        name, *arguments = line.upper().split() or [b""]
        found[name] = [*found.get(name, ()), *arguments]  # some tell SASL in several lines
    raise endless(stage, connection.peer, "answer to CAPA", len(found))
