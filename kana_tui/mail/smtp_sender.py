"""Handing mail to an SMTP server, and who of its recipients was refused."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import structlog
from aiosmtplib import SMTPResponse
from attrs import field, frozen

from kana_tui.domain.certificate import Certificate
from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.failures import shown
from kana_tui.mail.smtp_dialogue import SmtpDialogue
from kana_tui.mail.smtp_failures import (
    TO_DATA,
    TO_MESSAGE,
    is_permanent,
    is_positive,
    is_refusal,
)
from kana_tui.mail.wire_address import is_sendable, wire_address
from kana_tui.ports.mail_sender import Refusal, RelayAccount
from kana_tui.ports.mail_source import SLOWEST_BYTES_PER_S
from kana_tui.ports.tokens import ANSWERED_WITHIN_S, NobodySignedIn, Tokens

MET_WITHIN_S: Final = 0.5
"""The engine may be about to stop, and how this mail ended is still to be written down."""
WHOLE_TIMEOUTS: Final = 4
"""A whole sending may take so many times what each answer may, beside its message's own time
and that of its tokens."""

log = structlog.get_logger()

_BARE: Final = re.compile(rb"\r(?!\n)|(?<!\r)\n")


async def _untold(_relay: RelayAccount, _certificate: Certificate | None) -> None:
    pass


@frozen
class SmtpMailSender:
    """The MailSender port. `tokens`: for relays that log in by OAuth. `met`: told of each relay
    that let us in and heard us to the end; whatever becomes of that, the mail is taken."""

    tokens: Tokens = field(factory=NobodySignedIn)
    met: Callable[[RelayAccount, Certificate | None], Awaitable[None]] = _untold

    async def send(
        self, relay: RelayAccount, from_address: str, recipients: Sequence[str], raw: bytes
    ) -> Mapping[str, Refusal]:
        _refuse_bare(raw)
        dialogue = SmtpDialogue(relay, self.tokens)
        try:
            with dialogue.told():
                async with _bounded(dialogue, _whole_s(relay, raw)):
                    await dialogue.begin()
                    refused = await _hand_over(dialogue, from_address, recipients, raw)
            await self._tell(dialogue)
            await dialogue.quit()
            return refused
        finally:
            dialogue.close()

    async def _tell(self, dialogue: SmtpDialogue) -> None:
        relay = dialogue.failures.peer
        try:
            async with asyncio.timeout(MET_WITHIN_S):
                await self.met(dialogue.relay, dialogue.certificate)
        except TimeoutError:
            told = f"not done after {MET_WITHIN_S:g} s"
            log.warning("proof not noted", action="prove", relay=relay, error=told)
        except Exception:  # of no consequence to a mail that was taken
            log.exception("proof not noted", action="prove", relay=relay)


@asynccontextmanager
async def _bounded(dialogue: SmtpDialogue, whole_s: float) -> AsyncIterator[None]:
    """All waits together; who runs into it is told of it, not of the last wait's own bound."""
    try:
        async with asyncio.timeout(whole_s) as whole:
            yield
    except TimeoutError:
        if whole.expired():
            dialogue.failures.waits(dialogue.failures.awaited, whole_s)
        raise


async def _hand_over(
    dialogue: SmtpDialogue, from_address: str, recipients: Sequence[str], raw: bytes
) -> Mapping[str, Refusal]:
    beyond_ascii = [one for one in recipients if not wire_address(one).isascii()]
    utf8 = bool(beyond_ascii) and "smtputf8" in dialogue.capabilities
    refused = _impossible(dialogue, recipients, () if utf8 else beyond_ascii)
    asked = [one for one in recipients if one not in refused]
    if not asked:
        return refused
    await dialogue.open_envelope(from_address, utf8=utf8)
    for one in asked:
        answer = await _named(dialogue, one)
        if not is_positive(answer):
            refused[one] = _refusal(dialogue, answer)
    if len(refused) == len(recipients):
        return refused
    dialogue.failures.refused = dict(refused)
    if (answer_to_all := await _refusal_of(dialogue, raw)) is not None:
        if not refused:
            raise dialogue.failures.answer(answer_to_all)
        for one in recipients:
            refused.setdefault(one, _refusal(dialogue, answer_to_all))
    return refused


async def _named(dialogue: SmtpDialogue, recipient: str) -> SMTPResponse:
    """The answer to RCPT, which says yes or no."""
    to = b"TO:<%b>" % wire_address(recipient).encode()
    answer = await dialogue.ask("answer to RCPT", b"RCPT", to)
    if answer.code == 421:  # the end of the conversation: RFC 5321 section 3.8
        raise dialogue.failures.answer(answer)
    if not is_positive(answer) and not is_refusal(answer):
        raise dialogue.failures.broken(answer)
    return answer


def _refusal(dialogue: SmtpDialogue, answer: SMTPResponse) -> Refusal:
    return Refusal(dialogue.failures.words(answer), permanent=is_permanent(answer))


async def _refusal_of(dialogue: SmtpDialogue, raw: bytes) -> SMTPResponse | None:
    """Hand over the message; None: it is taken. Nothing is in doubt before its end is sent."""
    failures, wire = dialogue.failures, dialogue.wire
    answer = await dialogue.ask(TO_DATA, b"DATA")
    if is_refusal(answer):
        return answer
    if answer.code != 354:
        raise failures.broken(answer)
    within_s = failures.waits(TO_MESSAGE, dialogue.relay.timeout_s + _transfer_s(raw))
    async with asyncio.timeout(within_s):
        await wire.content(raw)
        await asyncio.sleep(0)  # a connection that has ended is noticed now, and leaves no doubt
    if not wire.has_spoken:
        wire.end_content()
        failures.in_doubt = True
    answer = await wire.read_response(within_s)
    if is_refusal(answer):
        return answer
    if not failures.in_doubt or not is_positive(answer):
        raise failures.broken(answer)
    return None


def _impossible(
    dialogue: SmtpDialogue, recipients: Sequence[str], beyond_ascii: Sequence[str]
) -> dict[str, Refusal]:
    """Addresses that cannot be told to this server, or to any."""
    peer = dialogue.failures.peer
    words = f"{peer} takes no address beyond ASCII (it has no SMTPUTF8)."
    refused = {one: Refusal(words, permanent=True) for one in beyond_ascii}
    for one in recipients:
        if not one or not is_sendable(one):
            refused[one] = Refusal(f"“{shown(one)}” is no address.", permanent=True)
    return refused


def _whole_s(relay: RelayAccount, raw: bytes) -> float:
    tokens_s = 2 * ANSWERED_WITHIN_S if relay.credential is not None else 0.0
    return WHOLE_TIMEOUTS * relay.timeout_s + _transfer_s(raw) + tokens_s


def _transfer_s(raw: bytes) -> float:
    """What a line that is slow, but not dead, needs for it."""
    return len(raw) / SLOWEST_BYTES_PER_S


def _refuse_bare(raw: bytes) -> None:
    """A bare CR or LF is read differently by different servers, and smuggles mail."""
    if _BARE.search(raw) or not raw.endswith(b"\r\n"):
        raise MailError(
            Stage.SMTP,
            "The message has a line that does not end with CR LF, so it is not sent.",
            hint="This is a fault of the program; nothing was sent.",
        )
