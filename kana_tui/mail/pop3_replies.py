"""POP3's status lines (RFC 1939 section 3) and their response codes (RFC 2449, 3206)."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.mail.connection import Connection, Patience
from kana_tui.mail.failures import LATER, shown, unexpected
from kana_tui.mail.hidden import Hidden

STATUS_BYTES: Final = 4 * 1024
"""RFC 2449 section 4 allows 512; a server that says more is still read."""

COME_AGAIN: Final = ("IN-USE", "SYS/TEMP", "LOGIN-DELAY")

_STATUS = re.compile(rb"(\+OK|-ERR)(?:[ \t]+(?:\[([^\]\r\n]{1,80})\])?[ \t]*(.*))?", re.DOTALL)
_DELETED = re.compile(rb"\b(?:deleted|expunged)\b", re.IGNORECASE)
_BUSY = re.compile(
    rb"in[ -]use|busy|another session|temporar|\block[^.]*(?:drop|box)|(?:drop|box)[^.]*\blocked",
    re.IGNORECASE,
)
_LATER = re.compile(rb"\block|again|later", re.IGNORECASE)
_DOUBT = re.compile(
    rb"password|credential|account|incorrect|invalid|wrong|denied|(?:authentication|log[io]n) fail",
    re.IGNORECASE,
)


@frozen
class Reply:
    """A status line. `code`: upper case, without brackets, empty if there is none.

    `argument`: what follows the code within the brackets; `bracketed`: both. In
    `words` and `bracketed` nothing is left of what was sent in secret.
    """

    ok: bool
    code: str
    words: bytes
    argument: str = ""
    bracketed: bytes = b""

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
        code = f"[{shown(self.bracketed)}] " if self.bracketed else ""
        return f"{code}{shown(self.words) or 'without a word'}"

    @property
    def sounds_deleted(self) -> bool:
        """The message is no more; there is no code for that."""
        return not self.ok and _DELETED.search(self.words) is not None

    @property
    def sounds_busy(self) -> bool:
        """Older servers say in words alone that somebody else is in the mailbox. “Try again” may
        as well be said of a wrong password."""
        if self.ok or self.code:
            return False
        later = _LATER.search(self.words) and not _DOUBT.search(self.words)
        return bool(later or _BUSY.search(self.words))


def parsed(line: bytes, hidden: Hidden) -> Reply | None:
    """None for what is no status line. A secret may be a part of any answer, such as `K`: it is
    cut only out of what the server is free to say."""
    match = _STATUS.fullmatch(line)
    if match is None:
        return None
    status, bracketed, words = match.groups()
    code, _, argument = (bracketed or b"").decode("ascii", "replace").partition(" ")
    return Reply(
        ok=status == b"+OK",
        code=code.upper(),
        words=hidden.cut(words or b""),
        argument=argument.strip(),
        bracketed=hidden.cut(bracketed or b""),
    )


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
    hidden = hidden or Hidden(Secret(""))
    found = parsed(line, hidden)
    if found is None:
        raise unexpected(stage, connection.peer, awaited, hidden.cut(line))
    return found


def refusal(stage: Stage, peer: str, command: str, refused: Reply) -> MailError:
    """A command that was answered by -ERR."""
    return MailError(
        stage,
        f"{peer} refused {command}: {refused.told}",
        hint=LATER if refused.temporary else None,
        temporary=refused.temporary,
    )
