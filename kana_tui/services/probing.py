"""The staged probe of a mailbox, as it is stored or as it stands on a form.

What keeps a login from even beginning (a missing password, SSL that is off in
config.xml) is told as the one stage of its direction: as that at which it
would bite.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from types import MappingProxyType
from typing import Final, TypeVar

from attrs import evolve, frozen

from kana_tui.domain.certificate import Certificate
from kana_tui.domain.errors import KanaError, MailError
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import SenderTls, Settings
from kana_tui.domain.visible import visible
from kana_tui.ports.mail_sender import RelayAccount
from kana_tui.ports.mail_source import Account
from kana_tui.ports.mailboxes import MailboxSecrets
from kana_tui.ports.probe import Direction, Probed, Prober, ProbeStage
from kana_tui.ports.secret_box import SealedSecretError
from kana_tui.ports.secrets import Secrets
from kana_tui.ports.tokens import Credential
from kana_tui.services.accounts import account_of, credential_of
from kana_tui.services.proving import Login, Proving, peer_of
from kana_tui.services.relays import mailbox_relay, sends_as_the_sender
from kana_tui.services.sending import PASSWORD_OF

NO_SECRETS: Final[Mapping[str, Secret | None]] = MappingProxyType({})
_LET_IN: Final = {ProbeStage.LOGIN, ProbeStage.SMTP_LOGIN, ProbeStage.MAIL_FROM}
"""By MAIL FROM a server takes us as we are; where somebody logged in before, it is no news."""
_CORRECT: Final = "Correct the mailbox's settings."

Way = TypeVar("Way", Account, RelayAccount)


@frozen
class TypedSecrets:
    """Secrets as they were typed, over those stored. Implements MailboxSecrets."""

    stored: MailboxSecrets
    typed: Mapping[str, Secret | None]

    async def secret(self, mailbox_id: int, key: str) -> Secret | None:
        if key in self.typed:
            return self.typed[key]
        return await self.stored.secret(mailbox_id, key)


@frozen
class Plan:
    """What is probed. A way that is a stage already has failed by it: nothing is asked there.

    `stored_at`: it is what was stored then, which a login proves; None: nobody saved it.
    """

    mailbox: Mailbox
    incoming: Account | Probed
    outgoing: RelayAccount | Probed
    stored_at: datetime | None = None

    @property
    def stages(self) -> Sequence[tuple[Direction, ProbeStage]]:
        """Those that will be yielded where nothing fails, in their order."""
        incoming, outgoing = self.incoming, self.outgoing
        inward = (incoming.name,) if isinstance(incoming, Probed) else stages_in(incoming)
        outward = (outgoing.name,) if isinstance(outgoing, Probed) else stages_out(outgoing)
        return [
            *((Direction.INCOMING, stage) for stage in inward),
            *((Direction.OUTGOING, stage) for stage in outward),
        ]


@frozen
class Probing:
    """The use case. `secrets`: of the mailboxes; `sender_secrets`: that of config.xml's sender.
    `proving`: where what a login proves is noted, if anywhere."""

    prober: Prober
    secrets: MailboxSecrets
    sender_secrets: Secrets
    settings: Callable[[], Settings]
    proving: Proving | None = None

    async def of_stored(self, mailbox: Mailbox) -> Plan:
        """`mailbox`: as it is stored now. Logins that work are noted as proofs."""
        stored_at = None if self.proving is None else self.proving.now()
        return evolve(await self._plan(mailbox, self.secrets), stored_at=stored_at)

    async def of_form(
        self, mailbox: Mailbox, typed: Mapping[str, Secret | None], stored: Mailbox | None
    ) -> Plan:
        """As it stands on a form, with the secrets `typed` there; those that were not are the
        stored ones. Nothing is written: a token for fields that nobody saved is nobody's."""
        plan = await self._plan(mailbox, TypedSecrets(self.secrets, typed))
        kept = await self._stored_credential(stored)
        incoming, outgoing = plan.incoming, plan.outgoing
        if isinstance(incoming, Account):
            incoming = _unsaved(incoming, kept)
        if isinstance(outgoing, RelayAccount):
            outgoing = _unsaved(outgoing, kept)
        return evolve(plan, incoming=incoming, outgoing=outgoing)

    async def run(self, plan: Plan) -> AsyncGenerator[Probed, None]:
        """Each stage as it ends, incoming first, outgoing whatever became of that."""
        for way in (plan.incoming, plan.outgoing):
            if isinstance(way, Probed):
                yield way
                continue
            certificate: Certificate | None = None
            async with aclosing(self._stages(plan, way)) as stages:
                async for one in stages:
                    certificate = one.certificate or certificate
                    if one.ok and one.name in _LET_IN:
                        await self._prove(plan, way, one.direction, certificate)
                    yield one

    def _stages(self, plan: Plan, way: Account | RelayAccount) -> AsyncGenerator[Probed, None]:
        if isinstance(way, Account):
            return self.prober.incoming(way)
        return self.prober.outgoing(way, plan.mailbox.email_address)

    async def _prove(
        self,
        plan: Plan,
        way: Account | RelayAccount,
        direction: Direction,
        certificate: Certificate | None,
    ) -> None:
        """Of the sender's server nothing is noted."""
        own = isinstance(way, Account) or way.owner is not None
        if self.proving is not None and plan.stored_at is not None and own:
            peer, by_token = peer_of(way.server, way.port), way.credential is not None
            login = Login(peer, way.user, certificate, plan.stored_at, by_token)
            await self.proving.note(plan.mailbox, direction, login)

    async def _plan(self, mailbox: Mailbox, secrets: MailboxSecrets) -> Plan:
        settings = self.settings()
        incoming: Account | Probed
        outgoing: RelayAccount | Probed
        try:
            incoming = await account_of(secrets, mailbox, settings)
        except MailError as error:
            incoming = _unset(Direction.INCOMING, _bites_in(mailbox, settings), error)
        try:
            shared = sends_as_the_sender(mailbox)
            sender = await self.sender_secrets.secret(*PASSWORD_OF) if shared else None
            outgoing = await mailbox_relay(secrets, mailbox, settings, sender)
        except (MailError, SealedSecretError) as error:
            outgoing = _unset(Direction.OUTGOING, _bites_out(mailbox, settings), error)
        return Plan(mailbox, incoming, outgoing)

    async def _stored_credential(self, stored: Mailbox | None) -> Credential | None:
        if stored is None or not stored.incoming.auth_type.traits.oauth:
            return None
        try:
            return await credential_of(self.secrets, stored)
        except SealedSecretError:
            return None


def stages_in(account: Account) -> Sequence[ProbeStage]:
    tls = (ProbeStage.TLS,)
    return [
        ProbeStage.DNS,
        ProbeStage.TCP,
        *(tls if account.auth_type.traits.implicit_tls else ()),
        ProbeStage.GREETING,
        ProbeStage.CAPABILITIES,
        *(tls if account.upgrade_tls else ()),
        *((ProbeStage.TOKEN,) if account.auth_type.traits.oauth else ()),
        ProbeStage.LOGIN,
        ProbeStage.COUNT,
    ]


def stages_out(relay: RelayAccount) -> Sequence[ProbeStage]:
    tls = (ProbeStage.SMTP_TLS,)
    return [
        ProbeStage.DNS,
        ProbeStage.TCP,
        *(tls if relay.tls is SenderTls.IMPLICIT else ()),
        ProbeStage.GREETING,
        ProbeStage.CAPABILITIES,
        *(tls if relay.tls is SenderTls.STARTTLS else ()),
        *((ProbeStage.TOKEN,) if relay.credential is not None else ()),
        *((ProbeStage.SMTP_LOGIN,) if relay.user else ()),
        ProbeStage.MAIL_FROM,
    ]


def _unsaved(account: Way, kept: Credential | None) -> Way:
    """A credential that is the stored mailbox's, unchanged, stays that mailbox's."""
    credential = account.credential
    if credential is None or credential == kept:
        return account
    return evolve(account, credential=evolve(credential, mailbox_id=None))


def _unset(direction: Direction, stage: ProbeStage, error: KanaError) -> Probed:
    """What keeps a login from beginning, told as the stage at which it would bite."""
    hint = visible(error.hint or _CORRECT)
    return Probed(direction, stage, ok=False, seconds=0.0, detail=visible(error.message), hint=hint)


def _ssl_is_off(mailbox: Mailbox, settings: Settings) -> bool:
    return mailbox.outgoing.smtp_ssl and not settings.ssl_enabled


def _bites_in(mailbox: Mailbox, settings: Settings) -> ProbeStage:
    if _ssl_is_off(mailbox, settings):
        return ProbeStage.TLS
    return ProbeStage.TOKEN if mailbox.incoming.auth_type.traits.oauth else ProbeStage.LOGIN


def _bites_out(mailbox: Mailbox, settings: Settings) -> ProbeStage:
    if _ssl_is_off(mailbox, settings):
        return ProbeStage.SMTP_TLS
    return ProbeStage.TOKEN if mailbox.outgoing.oauth2_smtp else ProbeStage.SMTP_LOGIN
