"""What a mail server needs to know of a mailbox, with the gates that fail closed."""

from __future__ import annotations

from pathlib import Path

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Settings
from kana_tui.ports.mail_source import Account
from kana_tui.ports.mailboxes import MailboxSecrets
from kana_tui.ports.secret_box import SealedSecretError
from kana_tui.ports.tokens import Credential


async def account_of(secrets: MailboxSecrets, mailbox: Mailbox, settings: Settings) -> Account:
    """The account to log in with, as it stands now.

    MailError (settings) where a credential would be shown to a plain server
    though Secure SMTP is set, since SSL is off in config.xml; or where a secret
    that the type needs is not set, or cannot be opened.
    """
    incoming, outgoing = mailbox.incoming, mailbox.outgoing
    traits = incoming.auth_type.traits
    gated = outgoing.smtp_ssl and (outgoing.smtp_auth or outgoing.oauth2_smtp)
    plain = not traits.implicit_tls
    if gated and plain and not settings.ssl_enabled:
        raise ssl_is_off(mailbox)
    try:
        secret = None if traits.oauth else await secrets.secret(mailbox.id, "password")
        credential = await credential_of(secrets, mailbox) if traits.oauth else None
    except SealedSecretError as error:  # of this mailbox alone: the others go on
        raise MailError(Stage.SETTINGS, error.message, hint=error.hint) from error
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
        upgrade_tls=gated and plain,
        ca_file=ca_file_of(mailbox),
        credential=credential,
    )


def ssl_is_off(mailbox: Mailbox) -> MailError:
    """Of a mailbox whose Secure SMTP is in force: it fails closed, both ways."""
    return MailError(
        Stage.SETTINGS,
        f"SSL is off in config.xml, but Secure SMTP (SSL) is on for {mailbox.email_address}.",
        hint='Set <ssl enabled="true"/> in config.xml, or smtp_ssl to no.',
    )


async def credential_of(secrets: MailboxSecrets, mailbox: Mailbox) -> Credential:
    """What its tokens are asked for with, as it is stored now; SealedSecretError."""
    incoming = mailbox.incoming
    return Credential(
        mailbox_id=mailbox.id,
        email_address=mailbox.email_address,
        auth_type=incoming.auth_type,
        user=incoming.user,
        oauth=mailbox.oauth,
        sends=mailbox.outgoing.oauth2_smtp,
        client_secret=await secrets.secret(mailbox.id, "client_secret"),
        service_account_key=await secrets.secret(mailbox.id, "service_account_key"),
        timeout_s=incoming.timeout_s,
        ca_file=ca_file_of(mailbox),
    )


def ca_file_of(mailbox: Mailbox) -> Path | None:
    path = mailbox.incoming.tls_ca_file
    return Path(path) if path else None


def smaller_limit(own: int, limit: int) -> int:
    """The smaller of two sizes in bytes, where 0 means no limit."""
    return min(own, limit) if own and limit else own or limit
