"""What no two mailboxes may share: name, address and account.

The store guarantees it; here it is said beforehand, in sentences, all at once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from kana_tui.domain.errors import ConflictError
from kana_tui.domain.fields.account import account_key, is_imap
from kana_tui.domain.fields.context import Values
from kana_tui.domain.mailbox import Mailbox


def clashes(values: Values, others: Iterable[Mailbox]) -> list[ConflictError]:
    """The conflicts of `values` with `others` (those not archived, without its own mailbox)."""
    return [error for other in others for error in _with(values, other)]


def _with(values: Values, other: Mailbox) -> Iterator[ConflictError]:
    name, address = folded(values["name"]), folded(values["email_address"])
    other_name, other_address = folded(other.name), folded(other.email_address)
    if name == other_name:
        yield ConflictError(
            f"Name (name) “{values['name']}” is taken by mailbox {other.id}.",
            field="name",
            hint="Give another name.",
        )
    if name == other_address:
        yield ConflictError(
            f"Name (name) “{values['name']}” is the e-mail address of mailbox {other.id}.",
            field="name",
            hint="Give a name that is nobody else's address.",
        )
    if address == other_address:
        yield ConflictError(
            f"E-mail address (email_address) “{values['email_address']}” is that of "
            f"“{other.name}” already.",
            field="email_address",
            hint="Edit that mailbox, or give another address.",
        )
    if address == other_name:
        yield ConflictError(
            f"E-mail address (email_address) “{values['email_address']}” is the name of "
            f"mailbox {other.id}.",
            field="email_address",
            hint="Rename that mailbox first.",
        )
    if account_key(values) == account_key(other.values()):
        yield _same_account(values, other)


def _same_account(values: Values, other: Mailbox) -> ConflictError:
    folder = f", folder “{values['imap_folder']}”" if is_imap(values) else ""
    return ConflictError(
        f"The account “{values['user']}” at {values['server']}:{values['port']}{folder} "
        f"is downloaded by “{other.name}” already.",
        field="server",
        hint="Give another server, port, user or folder, or delete that mailbox.",
    )


def folded(text: str) -> str:
    """As names and addresses are compared: casefolded on NFC."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
