"""Which SMTP server mail leaves by, with the gates that fail closed."""

from __future__ import annotations

from attrs import evolve, frozen

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.fields import FIELD_BY_KEY
from kana_tui.domain.fields.context import NO_CONTEXT
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import SenderSettings, SenderTls, Settings
from kana_tui.ports.mail_sender import RelayAccount
from kana_tui.ports.mailboxes import MailboxSecrets
from kana_tui.ports.secret_box import SealedSecretError
from kana_tui.services.accounts import ca_file_of, credential_of, ssl_is_off


@frozen
class Switches:
    """The mailbox's own way of sending, as it is in force (a switch may overrule another)."""

    tls: SenderTls
    password: bool
    token: bool

    @property
    def any(self) -> bool:
        return self.tls is not SenderTls.NONE or self.password or self.token


def sender_relays(sender: SenderSettings, secret: Secret | None) -> tuple[RelayAccount, ...]:
    """The sender's default server, then its fall-back relay where there is one."""
    default = RelayAccount(sender.server, sender.port, sender.tls, sender.user, secret)
    if sender.fallback is None:
        return (default,)
    return default, RelayAccount(sender.fallback.server, sender.fallback.port)


def sends_as_the_sender(mailbox: Mailbox) -> bool:
    """No SMTP server of its own, and no switch that is in force: its mail goes as alerts do."""
    return not mailbox.outgoing.smtp_server and not switches_of(mailbox).any


async def mailbox_relay(
    secrets: MailboxSecrets, mailbox: Mailbox, settings: Settings, sender_secret: Secret | None
) -> RelayAccount:
    """The server that this mailbox's mail leaves by, as both stand now.

    Without an SMTP server of its own it is the sender's default one: with the
    sender's encryption and login (`sender_secret`) as config.xml has them, or,
    as soon as one of the mailbox's own switches is in force, with the mailbox's
    login: the sender's is not the mailbox's to use. Its encryption is the least
    there is at that server.

    MailError (settings) where Secure SMTP is in force while SSL is off in
    config.xml, where a token would go without TLS, or where a secret is not set
    or cannot be opened: nothing is sent then, by any server.
    """
    if sends_as_the_sender(mailbox):
        return sender_relays(settings.sender, sender_secret)[0]
    outgoing, switches = mailbox.outgoing, switches_of(mailbox)
    if switches.tls is SenderTls.IMPLICIT and not settings.ssl_enabled:
        raise ssl_is_off(mailbox)
    own, sender = outgoing.smtp_server, settings.sender
    weaker = switches.tls is SenderTls.NONE and not own
    relay = RelayAccount(
        server=own or sender.server,
        port=outgoing.smtp_port if own else sender.port,
        tls=sender.tls if weaker else switches.tls,
        ca_file=ca_file_of(mailbox),
        owner=mailbox.email_address,
    )
    try:
        return await _with_login(relay, secrets, mailbox, switches)
    except SealedSecretError as error:  # of this mailbox alone: the others go on
        raise MailError(Stage.SETTINGS, error.message, hint=error.hint) from error


async def _with_login(
    relay: RelayAccount, secrets: MailboxSecrets, mailbox: Mailbox, switches: Switches
) -> RelayAccount:
    address = mailbox.email_address
    if switches.token:
        if switches.tls is SenderTls.NONE:
            raise MailError(
                Stage.SETTINGS,
                f"Use OAuth2 SMTP of {address} needs an encrypted connection for its token.",
                hint="Set smtp_tls or smtp_ssl to yes.",
            )
        credential = await credential_of(secrets, mailbox)
        edition = mailbox.version  # raised by a sign-in
        return evolve(relay, user=credential.user, credential=credential, edition=edition)
    if not switches.password:
        return relay
    password = await secrets.secret(mailbox.id, "smtp_password")
    if password is None:
        raise MailError(
            Stage.SETTINGS,
            f"No SMTP Password is set for {address}.",
            hint=f"Set it: kana-tui mailbox edit {address} --secret smtp_password",
        )
    return evolve(relay, user=mailbox.outgoing.smtp_user, secret=password)


def switches_of(mailbox: Mailbox) -> Switches:
    """A token takes the place of user and password, and Secure SMTP that of STARTTLS."""
    values = mailbox.values()

    def in_force(key: str) -> bool:
        return bool(FIELD_BY_KEY[key].value_in_force(values, NO_CONTEXT))

    starttls = SenderTls.STARTTLS if in_force("smtp_tls") else SenderTls.NONE
    token = in_force("oauth2_smtp")
    return Switches(
        tls=SenderTls.IMPLICIT if in_force("smtp_ssl") else starttls,
        password=in_force("smtp_auth") and not token,
        token=token,
    )
