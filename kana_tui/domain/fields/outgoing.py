"""Outgoing mail: the server that replies leave by, and what may leave."""

from __future__ import annotations

from typing import ClassVar, Final

from attrs import frozen

from kana_tui.domain.fields.account import is_oauth
from kana_tui.domain.fields.context import Context, Values, always
from kana_tui.domain.fields.declare import SecretDeclaration, declare, declare_secret
from kana_tui.domain.fields.kinds import Flag, Host, Number, RuleError, SecretText, Text

_WITH_SMTP_AUTH: Final = "Use SMTP Auth is on"


def _has_server(values: Values, _context: Context) -> bool:
    return bool(values["smtp_server"])


def _smtp_auth(values: Values, _context: Context) -> bool:
    return bool(values["smtp_auth"])


def _oauth2_smtp(values: Values, _context: Context) -> bool:
    """Use OAuth2 SMTP as it is in force: only OAuth types have tokens to offer."""
    return bool(values["oauth2_smtp"] and is_oauth(values))


def _smtp_ssl(values: Values, context: Context) -> bool:
    """Secure SMTP as it is in force: also while SSL is off in config.xml (it fails closed)."""
    return bool(
        values["smtp_ssl"] and (_smtp_auth(values, context) or _oauth2_smtp(values, context))
    )


def _attachments(values: Values, _context: Context) -> bool:
    return bool(values["outbound_attachments"] and values["trusted"])


def _shows_smtp_ssl(values: Values, context: Context) -> bool:
    """With either login; and whenever it is on: a switch that is on does not hide."""
    logs_in = _smtp_auth(values, context) or _oauth2_smtp(values, context)
    return bool(logs_in or values["smtp_ssl"])


def _shows_oauth2_smtp(values: Values, _context: Context) -> bool:
    return bool(is_oauth(values) or values["oauth2_smtp"])


def _no_smtp_ssl(values: Values, context: Context) -> str | None:
    if not (_smtp_auth(values, context) or _oauth2_smtp(values, context)):
        return "needs Use SMTP Auth or Use OAuth2 SMTP"
    return None if context.ssl_enabled else "needs SSL, which is off in config.xml"


def _no_oauth2_smtp(values: Values, _context: Context) -> str | None:
    return None if is_oauth(values) else "is only for Microsoft 365 and Google types"


def _no_attachments(values: Values, _context: Context) -> str | None:
    return None if values["trusted"] else "needs Trusted: attachments leave by trusted mailboxes"


def _not_with_smtp_tls(values: Values, context: Context) -> None:
    if _smtp_ssl(values, context) and values["smtp_tls"]:
        raise RuleError(
            "excludes Use SMTP TLS: a connection is encrypted from its start, or by STARTTLS",
            "set smtp_ssl or smtp_tls to no",
            in_form="switch one of the two off",
        )


def _not_with_smtp_auth(values: Values, context: Context) -> None:
    if _oauth2_smtp(values, context) and values["smtp_auth"]:
        raise RuleError(
            "excludes Use SMTP Auth: there is one login",
            "set oauth2_smtp or smtp_auth to no",
            in_form="switch one of the two off",
        )


def _needs_encryption(values: Values, context: Context) -> None:
    if _oauth2_smtp(values, context) and not (values["smtp_tls"] or _smtp_ssl(values, context)):
        raise RuleError(
            "needs an encrypted connection for its token",
            "set smtp_tls or smtp_ssl to yes",
            in_form="switch on Use SMTP TLS or Secure SMTP (SSL)",
        )


@frozen(kw_only=True)
class OutgoingFields:
    smtp_server: str = declare(
        label="SMTP server",
        help="The host that this mailbox's replies leave by. Empty: the sender's default "
        "server from config.xml.",
        kind=Host(),
        default="",
    )
    smtp_port: int = declare(
        label="SMTP port",
        help="The port there. Usual: 25, 587 with Use SMTP TLS, 465 with Secure SMTP (SSL).",
        kind=Number(1, 65535),
        default=25,
        shown=_has_server,
        shown_when="an SMTP server is given",
    )
    smtp_tls: bool = declare(
        label="Use SMTP TLS",
        help="Encrypt by STARTTLS before anything is sent. A server that does not offer it "
        "gets no mail: there is no way back to plain text. Not together with Secure SMTP (SSL).",
        kind=Flag(),
        default=False,
    )
    smtp_auth: bool = declare(
        label="Use SMTP Auth",
        help="Log in with a user name and password before sending. Switching it on asks for "
        "SMTP User and SMTP Password, and offers Secure SMTP (SSL).",
        kind=Flag(),
        default=False,
    )
    smtp_user: str = declare(
        label="SMTP User",
        help="The user name of that login.",
        kind=Text(1, 255),
        default="",
        shown=_smtp_auth,
        shown_when=_WITH_SMTP_AUTH,
        required=always,
    )
    smtp_password: ClassVar[SecretDeclaration] = declare_secret(
        label="SMTP Password",
        help="The password of that login. It is stored encrypted and never shown again.",
        kind=SecretText(),
        shown=_smtp_auth,
        shown_when=_WITH_SMTP_AUTH,
        required=always,
    )
    smtp_ssl: bool = declare(
        label="Secure SMTP (SSL)",
        help="TLS from the first byte when sending; and a plain incoming type upgrades before "
        "it shows a credential, or fails. Needs SSL on in config.xml, and a login. Where SSL is "
        "switched off later, this mailbox sends nothing and logs in nowhere.",
        kind=Flag(),
        default=False,
        shown=_shows_smtp_ssl,
        shown_when="Use SMTP Auth or Use OAuth2 SMTP is on",
        disabled=_no_smtp_ssl,
        checks=(_not_with_smtp_tls,),
        in_force=_smtp_ssl,
    )
    oauth2_smtp: bool = declare(
        label="Use OAuth2 SMTP",
        help="Log in with the mailbox's OAuth 2.0 token before sending. The connection must be "
        "encrypted, by Use SMTP TLS or Secure SMTP (SSL); and it takes the place of Use SMTP Auth.",
        kind=Flag(),
        default=False,
        shown=_shows_oauth2_smtp,
        shown_when="the type is a Microsoft 365 or Google one",
        disabled=_no_oauth2_smtp,
        checks=(_not_with_smtp_auth, _needs_encryption),
        in_force=_oauth2_smtp,
    )
    trusted: bool = declare(
        label="Trusted",
        help="Its messages come by a trusted channel and carry a mark that says so. A reply's "
        "From can only move to a trusted mailbox.",
        kind=Flag(),
        default=False,
    )
    outbound_attachments: bool = declare(
        label="Outbound attachments allowed",
        help="Whether mail from this mailbox may carry attachments. Only a trusted mailbox's "
        "may; it is looked at again when the mail is sent.",
        kind=Flag(),
        default=False,
        disabled=_no_attachments,
        in_force=_attachments,
    )
