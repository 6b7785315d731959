"""Gathering the credential runway: marks of secrets, proofs of logins, facts of tokens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time

from attrs import frozen

from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.runway import Held, RunwayKind
from kana_tui.domain.settings import SenderSettings, SenderTls, Settings
from kana_tui.domain.visible import visible
from kana_tui.ports.mailboxes import Mailboxes, StoredMailbox
from kana_tui.ports.proofs import Proof, ProofKind, Proofs
from kana_tui.ports.secret_box import SealedSecretError
from kana_tui.ports.tokens import Credential
from kana_tui.services.accounts import credential_of
from kana_tui.services.credentials import CredentialState
from kana_tui.services.proving import login_told, of_peer, peer_of
from kana_tui.services.relays import sends_as_the_sender, switches_of

StateOf = Callable[[Credential], Awaitable[CredentialState]]
"""What is stored of a credential's tokens; UnreachableError."""


@frozen(eq=False)
class Runway:
    """The use case. Secrets are opened for the types that log in by OAuth alone: their tokens
    are stored by what they were asked for with."""

    _mailboxes: Mailboxes
    _proofs: Proofs
    _state: StateOf
    _settings: Callable[[], Settings]

    async def of(self, mailboxes: Sequence[StoredMailbox]) -> list[Held]:
        """Of each mailbox what its type and switches use, whatever else is set."""
        only = mailboxes[0].mailbox.id if len(mailboxes) == 1 else None
        proofs: dict[int, dict[ProofKind, Proof]] = {}
        for proof in await self._proofs.all(only):
            proofs.setdefault(proof.mailbox_id, {})[proof.kind] = proof
        found: list[Held] = []
        sender = self._settings().sender
        for stored in mailboxes:
            known = _Known(stored, proofs.get(stored.mailbox.id, {}), sender)
            found += known.incoming()
            if stored.mailbox.incoming.auth_type.traits.oauth:
                found += await self._by_token(known)
            found += known.outgoing()
        return found

    async def _by_token(self, known: _Known) -> list[Held]:
        try:
            credential = await credential_of(self._mailboxes, known.mailbox)
            state = await self._state(credential)
        except SealedSecretError as error:
            state = CredentialState(failure=error.message)
        return list(known.tokens(state))


@frozen
class _Known:
    """What is known of one mailbox. `proofs`: those of its account as it is now count alone."""

    stored: StoredMailbox
    proofs: Mapping[ProofKind, Proof]
    sender: SenderSettings

    @property
    def mailbox(self) -> Mailbox:
        return self.stored.mailbox

    def incoming(self) -> Iterator[Held]:
        incoming = self.mailbox.incoming
        peer = peer_of(incoming.server, incoming.port)
        implicit = switches_of(self.mailbox).tls is SenderTls.IMPLICIT  # which covers incoming too
        if incoming.auth_type.traits.implicit_tls or implicit:
            yield self._certificate(RunwayKind.INCOMING_CERTIFICATE, peer)
        by_token = incoming.auth_type.traits.oauth
        told = login_told(incoming.user, peer, by_token=by_token)
        set_at = None if by_token else self._set_at("password")
        yield self._login(RunwayKind.INCOMING_LOGIN, told, set_at)

    def outgoing(self) -> Iterator[Held]:
        """Only where the mailbox has a way of its own."""
        mailbox, outgoing = self.mailbox, self.mailbox.outgoing
        if sends_as_the_sender(mailbox):
            return
        switches = switches_of(mailbox)
        own = bool(outgoing.smtp_server)
        server = outgoing.smtp_server if own else self.sender.server
        peer = peer_of(server, outgoing.smtp_port if own else self.sender.port)
        if switches.tls is not SenderTls.NONE:
            yield self._certificate(RunwayKind.OUTGOING_CERTIFICATE, peer)
        if switches.token:
            told = login_told(mailbox.incoming.user, peer, by_token=True)
            yield self._login(RunwayKind.OUTGOING_LOGIN, told, None)
        elif switches.password:
            told = login_told(outgoing.smtp_user, peer, by_token=False)
            set_at = self._set_at("smtp_password")
            login = self._login(RunwayKind.OUTGOING_LOGIN, told, set_at)
            yield login
            yield self._held(RunwayKind.SMTP_PASSWORD, set_at=set_at, proven_at=login.proven_at)

    def tokens(self, state: CredentialState) -> Iterator[Held]:
        grant, renewed_at = self.mailbox.oauth.oauth_grant, state.renewed_at
        failure = visible(state.failure or "")
        yield self._held(
            RunwayKind.TOKEN,
            proven_at=renewed_at,
            ends_at=state.ends_at,
            detail=failure,
            failing=state.failure is not None,
        )
        if grant is Grant.SERVICE_ACCOUNT:
            set_at = self._set_at("service_account_key")
            kind = RunwayKind.SERVICE_ACCOUNT_KEY
            yield self._held(kind, set_at=set_at, proven_at=renewed_at)
            return
        if grant.delegated:
            nobody = state.signed_in_at is None
            yield self._held(
                RunwayKind.SIGN_IN,
                set_at=state.signed_in_at,
                proven_at=renewed_at,
                detail="nobody has signed in" if nobody else failure,
                sign_in_again=state.sign_in_again or nobody,
            )
        if grant is Grant.CLIENT_CREDENTIALS or "client_secret" in self.stored.secrets:
            expires = self.mailbox.oauth.client_secret_expires
            yield self._held(
                RunwayKind.CLIENT_SECRET,
                set_at=self._set_at("client_secret"),
                proven_at=renewed_at,
                ends_at=None if expires is None else datetime.combine(expires, time(), UTC),
            )

    def _certificate(self, kind: RunwayKind, peer: str) -> Held:
        of, before = visible(peer), visible(of_peer(peer))
        proof = self.proofs.get(ProofKind(kind.value))
        if proof is None or not proof.detail.startswith(before):
            return self._held(kind, of=of)
        told = proof.detail.removeprefix(before)
        return self._held(
            kind, proven_at=proof.proven_at, ends_at=proof.ends_at, of=of, detail=told
        )

    def _login(self, kind: RunwayKind, of: str, set_at: datetime | None) -> Held:
        """`of`: as the proof's detail must read."""
        proof = self.proofs.get(ProofKind(kind.value))
        proven_at = proof.proven_at if proof is not None and proof.detail == of else None
        return self._held(kind, set_at=set_at, proven_at=proven_at, of=of)

    def _set_at(self, key: str) -> datetime | None:
        mark = self.stored.secrets.get(key)
        return None if mark is None else mark.changed_at

    def _held(self, kind: RunwayKind, **known: object) -> Held:
        mailbox = self.mailbox
        return Held(
            mailbox_id=mailbox.id,
            mailbox=mailbox.name,
            email_address=mailbox.email_address,
            kind=kind,
            **known,  # type: ignore[arg-type]  # each by its name
        )
