"""What a mail server needs to know of a mailbox, with the gates that fail closed."""

from __future__ import annotations

from pathlib import Path

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Settings
from kana_tui.ports.mail_source import Account
from kana_tui.ports.mailboxes import Mailboxes


async def account_of(mailboxes: Mailboxes, mailbox: Mailbox, settings: Settings) -> Account:
    """The account to log in with, as it stands now.

    MailError (settings) where Secure SMTP is set while SSL is off in
    config.xml, or where a secret that the type needs is not set.
    """
    incoming, outgoing = mailbox.incoming, mailbox.outgoing
    traits = incoming.auth_type.traits
    gated = outgoing.smtp_ssl and (outgoing.smtp_auth or outgoing.oauth2_smtp)
    if gated and not settings.ssl_enabled:
        raise MailError(
            Stage.SETTINGS,
            f"SSL is off in config.xml, but Secure SMTP (SSL) is on for {mailbox.email_address}.",
            hint='Set <ssl enabled="true"/> in config.xml, or smtp_ssl to no.',
        )
    secret = await mailboxes.secret(mailbox.id, "password")
    if secret is None and not traits.oauth:
        raise MailError(
            Stage.SETTINGS,
            f"No password is set for {mailbox.email_address}.",
            hint=f"Set it: kana-tui mailbox edit {mailbox.email_address} --secret password",
        )
    return Account(
        auth_type=incoming.auth_type,
        server=incoming.server,
        port=incoming.port,
        user=incoming.user,
        secret=secret or Secret(""),
        timeout_s=incoming.timeout_s,
        folder=incoming.imap_folder,
        max_message_size=smaller_limit(incoming.max_message_size, settings.limits.max_message_size),
        upgrade_tls=gated and not traits.implicit_tls,
        ca_file=Path(incoming.tls_ca_file) if incoming.tls_ca_file else None,
    )


def smaller_limit(own: int, limit: int) -> int:
    """The smaller of two sizes in bytes, where 0 means no limit."""
    return min(own, limit) if own and limit else own or limit
