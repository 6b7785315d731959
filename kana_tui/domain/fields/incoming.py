# ruff: noqa: RUF009  `declare` makes attributes, not default values
"""Incoming mail: the server that it is downloaded from, the login, and the limits."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import ClassVar

from attrs import frozen

from kana_tui.domain.authentication import AuthType, Mechanism
from kana_tui.domain.fields.account import (
    folder_key,
    is_imap,
    server_key,
    traits,
    uses_password,
)
from kana_tui.domain.fields.context import Context, Values, always
from kana_tui.domain.fields.declare import SecretDeclaration, any_change, declare, declare_secret
from kana_tui.domain.fields.kinds import Choice, FilePath, Host, Number, SecretText, Text


class AfterDownload(StrEnum):
    """What becomes of a message on its server once it is stored here."""

    DELETE = "delete"
    KEEP = "keep"


def _by_protocol(rest: str) -> Callable[[Values], str]:
    return lambda values: f"{'IMAP' if is_imap(values) else 'POP'} {rest}"


def _server(values: Values, _context: Context) -> str:
    return traits(values).server


def _port(values: Values, _context: Context) -> int:
    return traits(values).port


_PROOF = {
    Mechanism.PASSWORD: "user name and password",
    Mechanism.APOP: "a digest in place of the password (the server must offer APOP)",
    Mechanism.NTLM: "NTLM, as Exchange servers ask for it",
    Mechanism.XOAUTH2: "an OAuth 2.0 token",
}


def _meaning(auth_type: AuthType) -> str:
    own = auth_type.traits
    wire = "encrypted from the first byte" if own.implicit_tls else "not encrypted"
    return f"port {own.port}, {_PROOF[own.mechanism]}, {wire}"


@frozen(kw_only=True)
class IncomingFields:
    auth_type: AuthType = declare(
        label="Authentication Type",
        help="The kind of server, and how the login is proven and protected. A type never "
        "falls back to a weaker one. Choosing another moves the port, the server and the OAuth "
        "addresses along where they still are the old type's usual ones.",
        kind=Choice({t: t.traits.label for t in AuthType}, {t: _meaning(t) for t in AuthType}),
        default=AuthType.POP,
        account=lambda values: traits(values).protocol,
        raises_token=any_change,
    )
    server: str = declare(
        label="POP server",
        relabel=_by_protocol("server"),
        help="The host that the mail is downloaded from, such as mail.example.com. Microsoft "
        "365 and Google types know their own.",
        kind=Host(),
        default=_server,
        follows_type=True,
        required=always,
        account=server_key,
    )
    port: int = declare(
        label="POP port",
        relabel=_by_protocol("port"),
        help="The port there. Usual: 110 (POP, Exchange, APOP), 995 (POP3 over TLS), "
        "143 (IMAP), 993 (IMAP over TLS).",
        kind=Number(1, 65535),
        default=_port,
        follows_type=True,
        raises_token=any_change,
    )
    timeout_s: int = declare(
        label="POP server timeout",
        relabel=_by_protocol("server timeout"),
        help="How long to wait for a connection, and for the first byte of each reply, before "
        "giving up. A whole transfer may take this and a second for each 4 KiB.",
        kind=Number(1, 600, "seconds"),
        default=30,
    )
    user: str = declare(
        label="POP user",
        relabel=_by_protocol("user"),
        help="The account's user name there, often the whole address. With OAuth it is the "
        "address that the token is for.",
        kind=Text(1, 255),
        default="",
        required=always,
        account=lambda values: values["user"],
    )
    password: ClassVar[SecretDeclaration] = declare_secret(
        label="POP password",
        relabel=_by_protocol("password"),
        help="The account's password, or one made for this program where the provider asks "
        "for that. It is stored encrypted and never shown again.",
        kind=SecretText(),
        shown=uses_password,
        shown_when="the type is none of Microsoft 365 and Google",
        required_on_add=True,
    )
    max_message_size: int = declare(
        label="Maximum message size",
        help="In bytes, headers and attachments together; 0 is no limit. A larger message is "
        "cut off there and marked truncated. The smaller of this and config.xml's counts.",
        kind=Number(0, 2**31 - 1, "bytes"),
        default=26_214_400,
    )
    imap_folder: str = declare(
        label="IMAP folder",
        help="The folder whose messages are downloaded; those below it are not. Another one "
        "is another account: what was not yet taken from the old one stays there.",
        kind=Text(1, 255),
        default="INBOX",
        shown=is_imap,
        shown_when="the type is an IMAP one",
        required=always,
        account=folder_key,
    )
    after_download: AfterDownload = declare(
        label="After download",
        help="Delete a message on its server once it is stored here, or keep it there and "
        "remember that it was taken.",
        kind=Choice(
            {AfterDownload.DELETE: "Delete", AfterDownload.KEEP: "Keep"},
            meanings={
                AfterDownload.DELETE: "gone from the server once it is stored here",
                AfterDownload.KEEP: "stays on the server, and is not taken again",
            },
        ),
        default=AfterDownload.DELETE,
    )
    tls_ca_file: str = declare(
        label="CA file",
        help="A PEM file with a certificate authority to trust beside the system's: for "
        "incoming mail, SMTP and the Token Url. Certificates are always verified.",
        kind=FilePath(),
        default="",
    )
