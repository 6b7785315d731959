"""POP3's status lines (RFC 1939 section 3) and their response codes (RFC 2449, 3206)."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.connection import Connection, Patience
from kana_tui.mail.failures import shown, unexpected
from kana_tui.mail.hidden import Hidden

STATUS_BYTES: Final = 4 * 1024
"""RFC 2449 section 4 allows 512; a server that says more is still read."""

COME_AGAIN: Final = ("IN-USE", "SYS/TEMP", "LOGIN-DELAY")

_STATUS = re.compile(rb"(\+OK|-ERR)(?:[ \t]+(?:\[([^\]\r\n]{1,80})\])?[ \t]*(.*))?", re.DOTALL)
_DELETED = re.compile(rb"\b(?:deleted|expunged)\b", re.IGNORECASE)
_BUSY = re.compile(rb"in[ -]use|lock|busy|another session|temporar|try again|later", re.IGNORECASE)


@frozen
class Reply:
    """A status line. `code`: upper case, without brackets, empty if there is none.

    `argument`: what follows the code within the brackets.
    """

    ok: bool
    code: str
    words: bytes
    argument: str = ""

    def says(self, code: str) -> bool:
        """Whether it is that code, or one below it (RFC 2449 section 8: `SYS/TEMP/DISK`)."""
        return not self.ok and (self.code == code or self.code.startswith(f"{code}/"))

    @property
    def temporary(self) -> bool:
        """The server asks to come again."""
        return any(map(self.says, COME_AGAIN))

    @property
    def told(self) -> str:
        """The server's words with their code, harmless to show."""
        code = f"[{shown(f'{self.code} {self.argument}'.strip())}] " if self.code else ""
        return f"{code}{shown(self.words) or 'without a word'}"

    @property
    def sounds_deleted(self) -> bool:
        """The message is no more; there is no code for that."""
        return not self.ok and _DELETED.search(self.words) is not None

    @property
    def sounds_busy(self) -> bool:
        """Older servers say in words alone that somebody else is in the mailbox."""
        return not self.ok and not self.code and _BUSY.search(self.words) is not None


def parsed(line: bytes) -> Reply | None:
    """None for what is no status line."""
    match = _STATUS.fullmatch(line)
    if match is None:
        return None
    status, bracketed, words = match.groups()
    code, _, argument = (bracketed or b"").decode("ascii", "replace").partition(" ")
    return Reply(status == b"+OK", code.upper(), words or b"", argument.strip())


async def reply(
    connection: Connection,
    stage: Stage,
    awaited: str,
    *,
    patience: Patience | None = None,
    hidden: Hidden | None = None,
) -> Reply:
    """The next status line; MailError if something else comes.

    `hidden`: what was sent before, in case the server repeats it.
    """
    line = await connection.line(stage, awaited, limit=STATUS_BYTES, patience=patience)
    line = hidden.cut(line) if hidden is not None else line
    found = parsed(line)
    if found is None:
        raise unexpected(stage, connection.peer, awaited, line)
    return found


def refusal(stage: Stage, peer: str, command: str, refused: Reply) -> MailError:
    """A command that was answered by -ERR."""
    return MailError(
        stage,
        f"{peer} refused {command}: {refused.told}",
        temporary=refused.temporary,
    )
