"""What logins prove, noted for the credential runway: not with each poll, and never in the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

import structlog
from attrs import define, field, frozen

from kana_tui.domain.certificate import Certificate
from kana_tui.domain.errors import KanaError
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.visible import visible
from kana_tui.ports.clock import Clock
from kana_tui.ports.mail_sender import RelayAccount
from kana_tui.ports.mail_source import Account, MailSession, MailSource
from kana_tui.ports.mailboxes import Mailboxes
from kana_tui.ports.probe import Direction
from kana_tui.ports.proofs import Proof, ProofKind, Proofs

NOTED_EACH_S: Final = 3600.0
NOTED_WITHIN_S: Final = 5.0
"""A store that takes longer is busy with what matters more."""
_NAMES_TOLD: Final = 5

_KINDS: Final = {
    Direction.INCOMING: (ProofKind.INCOMING_LOGIN, ProofKind.INCOMING_CERTIFICATE),
    Direction.OUTGOING: (ProofKind.OUTGOING_LOGIN, ProofKind.OUTGOING_CERTIFICATE),
}

log = structlog.get_logger()


@frozen
class Login:
    """A login that succeeded: of `user` (empty: nobody had to log in), at `peer` (host:port).

    `at`: when its secret was read; None: just now. One that was set later has not worked yet.
    `by_token`: no password of its user was asked for.
    """

    peer: str
    user: str
    certificate: Certificate | None
    at: datetime | None = field(default=None, eq=False)
    by_token: bool = False


def login_told(user: str, peer: str, *, by_token: bool) -> str:
    """A login proof's detail; one of another account, or by another secret, reads differently."""
    return visible(f"{user} at {peer} by token" if by_token else f"{user} at {peer}")


def certificate_told(peer: str, certificate: Certificate) -> str:
    """A certificate proof's detail; it begins with `of_peer(peer)`."""
    names = certificate.names
    more = f" … ({len(names) - _NAMES_TOLD} more)" if len(names) > _NAMES_TOLD else ""
    told = ", ".join(names[:_NAMES_TOLD]) or "no name"
    return visible(f"{of_peer(peer)}for {told}{more}; issued by {certificate.issuer}")


def of_peer(peer: str) -> str:
    return f"{peer}: "


def peer_of(server: str, port: int) -> str:
    """`host:port`, an IPv6 address in brackets."""
    return f"[{server}]:{port}" if ":" in server else f"{server}:{port}"


@frozen
class _Noted:
    """What the newest note of one mailbox and direction said, and when, on the monotonic clock."""

    version: int
    login: Login
    at_s: float


class Proving:
    """At most one note an hour of each mailbox and direction, unless something changed: the
    mailbox was edited, or the server shows another certificate."""

    def __init__(self, proofs: Proofs, clock: Clock) -> None:
        self._proofs = proofs
        self._clock = clock
        self._noted: dict[tuple[int, Direction], _Noted] = {}

    def now(self) -> datetime:
        """For `Login.at`."""
        return self._clock.now()

    async def note(self, mailbox: Mailbox, direction: Direction, login: Login) -> None:
        """That it worked. A note that cannot be written, or not soon, is left for the next login:
        whoever logged in goes on."""
        noted = _Noted(mailbox.version, login, self._clock.monotonic())
        before = self._noted.get((mailbox.id, direction))
        if before is not None and _is_no_news(before, noted):
            return
        try:
            async with asyncio.timeout(NOTED_WITHIN_S):
                await self._proofs.note(self._of(mailbox.id, direction, login))
        except (KanaError, TimeoutError) as error:
            told = str(error) or f"not done after {NOTED_WITHIN_S:g} s"
            log.warning("proof not noted", action="prove", mailbox=mailbox.id, error=told)
        except Exception:  # a fault of ours: the login was good all the same
            log.exception("proof not noted", action="prove", mailbox=mailbox.id)
        else:
            self._noted[mailbox.id, direction] = noted

    def _of(self, mailbox_id: int, direction: Direction, login: Login) -> list[Proof]:
        by_login, by_certificate = _KINDS[direction]
        at, certificate = login.at or self.now(), login.certificate
        found = []
        if login.user:
            told = login_told(login.user, login.peer, by_token=login.by_token)
            found.append(Proof(mailbox_id, by_login, at, detail=told))
        if certificate is not None:
            told = certificate_told(login.peer, certificate)
            found.append(Proof(mailbox_id, by_certificate, at, certificate.ends_at, told))
        return found


def _is_no_news(before: _Noted, now: _Noted) -> bool:
    same = before.version == now.version and before.login == now.login
    return same and now.at_s - before.at_s < NOTED_EACH_S


@define
class WatchedSource:
    """A MailSource that remembers the newest login through it. `at`: as that of Login."""

    _source: MailSource
    _at: datetime
    login: Login | None = field(default=None, init=False)

    @asynccontextmanager
    async def open(self, account: Account) -> AsyncIterator[MailSession]:
        async with self._source.open(account) as session:
            peer = peer_of(account.server, account.port)
            by_token = account.credential is not None
            self.login = Login(peer, account.user, session.certificate, self._at, by_token)
            yield session


@frozen(eq=False)
class RelayProving:
    """Of a mailbox's own relay, that it let us in; of the sender's nothing is noted."""

    _proving: Proving
    _mailboxes: Mailboxes

    async def met(self, relay: RelayAccount, certificate: Certificate | None) -> None:
        """Raises nothing: the mail has been taken."""
        if relay.owner is None:
            return
        try:
            found = await self._mailboxes.find(relay.owner)
        except KanaError as error:
            log.warning("proof not noted", action="prove", owner=relay.owner, error=str(error))
            return
        if found is not None:
            peer, by_token = peer_of(relay.server, relay.port), relay.credential is not None
            login = Login(peer, relay.user, certificate, by_token=by_token)
            await self._proving.note(found.mailbox, Direction.OUTGOING, login)
