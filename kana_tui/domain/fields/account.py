"""Questions that many fields ask of a mailbox's account."""

from __future__ import annotations

from kana_tui.domain.authentication import AuthTraits, AuthType, Protocol, Provider
from kana_tui.domain.fields.context import Context, Values


def traits(values: Values) -> AuthTraits:
    """What the mailbox's authentication type implies."""
    auth_type: AuthType = values["auth_type"]
    return auth_type.traits


def is_imap(values: Values, _context: Context | None = None) -> bool:
    return traits(values).protocol is Protocol.IMAP


def is_oauth(values: Values, _context: Context | None = None) -> bool:
    return traits(values).oauth


def uses_password(values: Values, _context: Context | None = None) -> bool:
    return not traits(values).oauth


def is_google(values: Values, _context: Context | None = None) -> bool:
    return traits(values).provider is Provider.GOOGLE


def account_key(values: Values) -> tuple[str, int, str, str]:
    """Server, port, user and folder: what no two mailboxes share. POP3 has no folders."""
    return server_key(values), values["port"], values["user"], folder_key(values)


def server_key(values: Values) -> str:
    """The server's name as DNS compares it (RFC 5890), or as it is where it is no name."""
    server: str = values["server"].casefold()
    try:
        return server.encode("idna").decode("ascii")
    except UnicodeError:
        return server


def folder_key(values: Values) -> str:
    """The folder as IMAP compares it: INBOX in any case is one (RFC 3501 section 5.1)."""
    if not is_imap(values):
        return ""
    folder: str = values["imap_folder"]
    return "INBOX" if folder.upper() == "INBOX" else folder
