"""Every protocol keeps the contract of a mail session, against a real server."""

from __future__ import annotations

import pytest

from kana_tui.domain.authentication import AuthType
from kana_tui.mail.source import NetworkMailSource
from kana_tui.ports.mail_source import Account, MailSource
from tests.contracts.mail_session import MailSessionContract
from tests.mail.accounts import dovecot_account
from tests.servers.dovecot import Dovecot


class OverTheNetwork(MailSessionContract):
    auth_type: AuthType

    @pytest.fixture
    def source(self) -> MailSource:
        return NetworkMailSource()

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
