"""Every protocol keeps the contract of a mail session, against a real server."""

from __future__ import annotations

import pytest
from attrs import evolve

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.secret import Secret
from kana_tui.mail.source import NetworkMailSource
from kana_tui.ports.mail_source import Account, MailSource
from kana_tui.ports.tokens import Credential
from tests.contracts.mail_session import MailSessionContract
from tests.mail.accounts import dovecot_account
from tests.servers.dovecot import Dovecot


class UserTokens:
    """The Tokens of people who have signed in at the test's authorization server."""

    def __init__(self, dovecot: Dovecot) -> None:
        self._dovecot = dovecot

    async def token(self, credential: Credential, *, refused: Secret | None = None) -> Secret:
        return self._dovecot.tokens.issue(credential.user)


class OverTheNetwork(MailSessionContract):
    auth_type: AuthType

    @pytest.fixture
    def source(self, dovecot: Dovecot) -> MailSource:
        return NetworkMailSource(UserTokens(dovecot))

    def account(self, dovecot: Dovecot, user: str) -> Account:
        return dovecot_account(dovecot, self.auth_type, user)


class TestPop(OverTheNetwork):
    auth_type = AuthType.POP


class TestSecurePop(OverTheNetwork):
    auth_type = AuthType.SECURE_POP


class TestImap(OverTheNetwork):
    auth_type = AuthType.IMAP


class TestSecureImap(OverTheNetwork):
    auth_type = AuthType.SECURE_IMAP


class TestApop(OverTheNetwork):
    auth_type = AuthType.APOP


class TestExchange(OverTheNetwork):
    auth_type = AuthType.EXCHANGE


class ByToken(OverTheNetwork):
    async def test_a_wrong_password_is_refused_and_not_shown(
        self, source: MailSource, dovecot: Dovecot
    ) -> None:
        """Such types have none: tests of tokens are elsewhere."""
        account = evolve(self.account(dovecot, dovecot.user()), secret=Secret("swordfish-41"))
        async with source.open(account) as session:
            assert await session.count() == 0


class TestM365Imap(ByToken):
    auth_type = AuthType.M365_IMAP


class TestGooglePop3(ByToken):
    auth_type = AuthType.GOOGLE_POP3
