"""MailErrors that both protocols raise; a server's own words are always shown harmless.

`peer` is `host:port`; `awaited` names what was due from the server, as it
stands after “no” or “its”: “greeting”, “answer to USER”, “message 5”.
"""

from __future__ import annotations

from typing import Final

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.domain.visible import visible
from kana_tui.mail.hidden import Hidden

WORDS_CHARACTERS: Final = 200

_ENDED: Final = "The session was ended; nothing more was deleted."
_REMEDIES: Final = {
    Stage.GREETING: "Check port and authentication type: what answers there does not speak this "
    "protocol.",
    Stage.LOGIN: "The login was given up; check what the server's log says of it.",
}
"""Of a server that broke the protocol, at the stages that delete nothing."""

_HUNG_UP: Final = {
    Stage.LOGIN: "Some servers hang up on a wrong password: check user and secret, and what the "
    "server's log says of this login.",
}
LATER: Final = "The server asks to come again later; it is tried again by itself."
"""The remedy of a refusal that is about the hour alone."""


def shown(words: bytes | str) -> str:
    """A server's words on one line, without what a terminal obeys, cut to a sane length."""
    text = words.decode("utf-8", "backslashreplace") if isinstance(words, bytes) else words
    text = visible(text[: WORDS_CHARACTERS + 1])
    return text if len(text) <= WORDS_CHARACTERS else f"{text[:WORDS_CHARACTERS]}…"


def without(secret: Secret, words: bytes) -> bytes:
    """A server's words on a login; some servers repeat what they were sent."""
    return Hidden(secret).cut(words)


def deadline(
    stage: Stage, peer: str, awaited: str, seconds: float, *, hint: str | None = None
) -> MailError:
    waited = f"{round(seconds, 1):g} s"  # what came meanwhile has earned some thousandths
    return MailError(stage, f"{peer}: no {awaited} after {waited}.", hint=hint, deadline=True)


def closed(stage: Stage, peer: str, awaited: str) -> MailError:
    message = f"{peer} closed the connection before its {awaited} was complete."
    return MailError(stage, message, hint=_HUNG_UP.get(stage))


def unexpected(stage: Stage, peer: str, awaited: str, answer: bytes) -> MailError:
    """The server broke the protocol; what follows on that connection cannot be trusted."""
    return MailError(
        stage,
        f"{peer} broke the protocol: its {awaited} was “{shown(answer)}”.",
        hint=_REMEDIES.get(stage, _ENDED),
    )


def endless(stage: Stage, peer: str, awaited: str, limit: int) -> MailError:
    return MailError(
        stage,
        f"{peer} broke the protocol: its {awaited} is longer than {limit:,} bytes.",
        hint=_REMEDIES.get(stage, _ENDED),
    )
