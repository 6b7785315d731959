"""Mail servers on the network, behind the port: the protocol follows from the account's type."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from kana_tui.domain.authentication import Mechanism, Protocol
from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.imap_session import imap_session
from kana_tui.mail.pop3_session import pop3_session
from kana_tui.ports.mail_source import Account, MailSession


class NetworkMailSource:
    """Implements ports.mail_source.MailSource."""

    def open(self, account: Account) -> AbstractAsyncContextManager[MailSession]:
        """MailError (settings) at once for a type that is not there: none stands in for another."""
        traits = account.auth_type.traits
        if traits.mechanism is not Mechanism.PASSWORD:
            raise MailError(
                Stage.SETTINGS,
                f"Receiving by the authentication type {traits.label} is not there yet.",
                hint="Nothing was downloaded or deleted, and no user or password was sent.",
            )
        return pop3_session(account) if traits.protocol is Protocol.POP3 else imap_session(account)
