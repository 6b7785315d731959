"""Handing mail to an SMTP server, and who of its recipients was refused."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from aiosmtplib import SMTPResponse
from attrs import field, frozen

from kana_tui.domain.certificate import Certificate
from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.failures import shown
from kana_tui.mail.smtp_dialogue import SmtpDialogue
from kana_tui.mail.smtp_failures import TO_DATA, TO_MESSAGE, is_permanent
from kana_tui.mail.wire_address import is_sendable, wire_address
from kana_tui.ports.mail_sender import Refusal, RelayAccount
from kana_tui.ports.mail_source import SLOWEST_BYTES_PER_S
from kana_tui.ports.tokens import ANSWERED_WITHIN_S, NobodySignedIn, Tokens

WHOLE_TIMEOUTS: Final = 4
"""A whole sending may take so many times what each answer may, beside its message's own time
and that of its tokens."""

_BARE: Final = re.compile(rb"\r(?!\n)|(?<!\r)\n")


async def _untold(_relay: RelayAccount, _certificate: Certificate | None) -> None:
    pass


@frozen
class SmtpMailSender:
    """The MailSender port. `tokens`: for relays that log in by OAuth. `met`: told of each relay
    that let us in and heard us to the end; it raises nothing."""

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
            # The mail is taken: whatever comes now changes nothing.
            certificate = dialogue.certificate
            await dialogue.quit()
            await self.met(relay, certificate)
            return refused
        finally:
            dialogue.close()


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
        to = b"TO:<%b>" % wire_address(one).encode()
        answer = await dialogue.ask("answer to RCPT", b"RCPT", to)
        if answer.code not in (250, 251):
            words = dialogue.failures.words(answer)
            refused[one] = Refusal(words, permanent=is_permanent(answer))
    if len(refused) < len(recipients):
        await _deliver(dialogue, raw)
    return refused


async def _deliver(dialogue: SmtpDialogue, raw: bytes) -> None:
    await dialogue.expect(354, TO_DATA, b"DATA")
    within_s = dialogue.failures.waits(TO_MESSAGE, dialogue.relay.timeout_s + _transfer_s(raw))
    answer: SMTPResponse = await dialogue.wire.message(raw, within_s)
    if answer.code != 250:
        raise dialogue.failures.answer(answer)


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
