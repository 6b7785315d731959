"""Letters leave: a mailbox's by its own server; all else by the default server, and where that
fails by the fall-back relay."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Final

import structlog
from attrs import evolve, field, frozen

from kana_tui.domain.backoff import TOLD_MOST_S
from kana_tui.domain.errors import MailError, UnreachableError
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.resending import resend_after_s
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Settings
from kana_tui.ports.clock import Clock
from kana_tui.ports.mail_sender import MailSender, PerhapsSentError, Refusal, RelayAccount
from kana_tui.ports.mailboxes import Mailboxes
from kana_tui.ports.outbox import OutboundKind, Outbox, Outgoing
from kana_tui.ports.secrets import Secrets
from kana_tui.services.relay_logins import RelayLogins
from kana_tui.services.relays import mailbox_relay, sender_relays, sends_as_the_sender

PASSWORD_OF: Final = ("sender", "sender-password")
"""Owner and key of the default server's password in the secret store."""

_NOT_AGAIN: Final = "It has perhaps arrived, so it is not sent again."

log = structlog.get_logger()


@frozen
class Attempt:
    """How one attempt ended: who was refused, or with `error` that nobody's was taken.

    `again`: another attempt makes sense for whoever is left; `told_s`: not before so many seconds.
    """

    refused: Mapping[str, Refusal] = field(factory=dict)
    error: str | None = None
    again: bool = False
    told_s: float = 0.0


@frozen
class SendingPorts:
    outbox: Outbox
    sender: MailSender
    secrets: Secrets
    clock: Clock
    chance: Callable[[], float]
    mailboxes: Mailboxes


@frozen(eq=False)
class Sending:
    """Claims due letters, attempts each, and writes down how that ended.

    The three are apart, so that a letter's attempt may take as long as its
    server does while others go on, and an attempt is never repeated because
    the store was away for a moment.
    """

    _ports: SendingPorts
    _settings: Callable[[], Settings]
    _node: str
    _logins: RelayLogins = field(init=False)

    @_logins.default
    def _none_refused(self) -> RelayLogins:
        return RelayLogins(self._ports.clock)

    async def recover(self) -> int:
        """At the start: what was under way when the last engine ended waits again."""
        return await self._ports.outbox.recover(self._node)

    async def claim(
        self,
        limit: int,
        skip: Collection[int] = (),
        kinds: Collection[OutboundKind] = tuple(OutboundKind),
    ) -> Sequence[Outgoing]:
        """Due letters of these kinds, now `sending`, none of `skip`; none in training mode, where
        they wait."""
        if self._settings().sender.training:
            return ()
        now = self._ports.clock.now()
        return await self._ports.outbox.claim(self._node, now, limit, skip, kinds)

    async def attempt(self, letter: Outgoing) -> Attempt:
        """Try each relay in turn for whoever is left; nothing raises but cancellation."""
        try:
            return await self._attempt(letter)
        except (UnreachableError, MailError) as error:  # the store; or what the settings forbid
            return Attempt(error=str(error), again=True)
        except Exception:  # an unforeseen fault with one letter must not stop the others
            log.exception("sending failed", action="send", letter=letter.id)
            told = "A fault in this program; its log tells more."
            return Attempt(error=told, again=letter.kind.at_least_once)

    async def settle(self, letter: Outgoing, attempt: Attempt) -> None:
        """Write down how it ended. UnreachableError: not written, ask again."""
        now = self._ports.clock.now()
        wait_s = max(resend_after_s(letter.attempts + 1, self._ports.chance()), attempt.told_s)
        await self._ports.outbox.settle(
            letter.id,
            now,
            attempt.refused,
            next_try=now + timedelta(seconds=wait_s) if attempt.again else None,
            error=attempt.error,
        )
        _tell(letter, attempt, wait_s)

    async def _attempt(self, letter: Outgoing) -> Attempt:
        relays = await self._relays(letter)
        attempt = await self._try(letter, relays)
        if attempt.told_s and await self._relays(letter) != relays:
            return evolve(attempt, told_s=0.0)  # it was of what has been edited meanwhile
        return attempt

    async def _relays(self, letter: Outgoing) -> Sequence[RelayAccount]:
        """A mailbox's mail leaves by its own server alone, where it has one; alerts never do:
        they may tell of that very server."""
        settings = self._settings()
        mailbox = await self._mailbox_of(letter)
        if mailbox is None or sends_as_the_sender(mailbox):
            return sender_relays(settings.sender, await self._sender_secret())
        return [await mailbox_relay(self._ports.mailboxes, mailbox, settings, None)]

    async def _mailbox_of(self, letter: Outgoing) -> Mailbox | None:
        if letter.mailbox_id is None or letter.kind.at_least_once:
            return None
        stored = await self._ports.mailboxes.get(letter.mailbox_id)
        return stored.mailbox if stored is not None else None

    async def _sender_secret(self) -> Secret | None:
        if not self._settings().sender.user:
            return None
        return await self._ports.secrets.secret(*PASSWORD_OF)

    async def _try(self, letter: Outgoing, relays: Sequence[RelayAccount]) -> Attempt:
        left = letter.recipients
        refused: dict[str, Refusal] = {}
        failures: list[MailError] = []
        for relay in relays:
            try:
                async with self._logins.trying(relay):
                    now_refused = await self._ports.sender.send(
                        relay, letter.from_address, left, letter.raw
                    )
            except PerhapsSentError as error:
                if not letter.kind.at_least_once:
                    return _in_doubt(error, left, refused, hopeful=any(map(_may_pass, failures)))
                failures.append(error)
            except MailError as error:
                failures.append(error)
            else:
                refused = {who: _joined(refused.get(who), why) for who, why in now_refused.items()}
                left = tuple(refused)
                if not left:
                    return Attempt()
        hopeful = any(map(_may_pass, failures))
        if refused:
            return _partly(refused, hopeful=hopeful)
        told = " ".join(str(error) for error in failures)
        return Attempt(error=told, again=hopeful, told_s=_told_s(relays, failures))


def _partly(refused: Mapping[str, Refusal], *, hopeful: bool) -> Attempt:
    """All others have it. `hopeful`: a server that nobody could ask may take it for these too."""
    if hopeful:
        refused = {who: evolve(why, permanent=False) for who, why in refused.items()}
    again = any(not why.permanent for why in refused.values())
    return Attempt(refused=refused, again=again)


def _in_doubt(
    error: PerhapsSentError, left: Sequence[str], before: Mapping[str, Refusal], *, hopeful: bool
) -> Attempt:
    """Of mail to customers: never sent again to those whom it concerns; whom that server had
    refused waits for the next attempt. `before`: whom another server had refused."""
    told = f"{error} {_NOT_AGAIN}"
    if not before and not error.refused:
        return Attempt(error=told)
    sure = {who: _joined(before.get(who), why) for who, why in error.refused.items()}
    partly = _partly(sure, hopeful=hopeful)
    doubted = {who: Refusal(told, permanent=True) for who in left if who not in sure}
    return evolve(partly, refused={**doubted, **partly.refused})


def _told_s(relays: Sequence[RelayAccount], failures: Sequence[MailError]) -> float:
    """How long a mailbox's own server, or its token, wants to be left alone: an edit of the
    mailbox ends that. Whoever sends by the sender's goes on asking: nothing else would tell that
    its password was set."""
    if relays[0].owner is None:
        return 0.0
    return min(max((error.retry_after_s or 0.0 for error in failures), default=0.0), TOLD_MOST_S)


def _joined(before: Refusal | None, now: Refusal) -> Refusal:
    """Two relays refused the same recipient: it is final only if both say so."""
    if before is None:
        return now
    words = f"{before.words} {now.words}"
    return Refusal(words, permanent=before.permanent and now.permanent)


def _may_pass(error: MailError) -> bool:
    """Refused credentials too: the remedy lies in the settings, and the letter must not be lost."""
    return error.temporary or error.deadline or error.refused_credentials


def _tell(letter: Outgoing, attempt: Attempt, wait_s: float) -> None:
    if attempt.error is None and not attempt.refused:
        log.info("sent", action="send", letter=letter.id, kind=letter.kind.value)
        return
    words = attempt.error or "; ".join(why.words for why in attempt.refused.values())
    again_in_s = round(wait_s, 1) if attempt.again else None
    log.warning("not sent", action="send", letter=letter.id, error=words, again_in_s=again_in_s)
