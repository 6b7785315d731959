"""What people may type into a mailbox form: right and wrong, in any order, as strategies."""

from __future__ import annotations

from typing import Any

from attrs import frozen
from hypothesis import strategies as st

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields import FIELD_BY_KEY, FIELDS, Context
from kana_tui.domain.fields.context import Values
from kana_tui.domain.fields.form import validate
from kana_tui.domain.fields.kinds import (
    Address,
    Addresses,
    Charset,
    Choice,
    Date,
    Departments,
    FilePath,
    Flag,
    Host,
    Kind,
    Number,
    Queue,
    Text,
    Url,
)
from kana_tui.domain.levels import Watermarks
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.secret import Secret, SecretMark
from kana_tui.ports.mailboxes import StoredMailbox
from kana_tui.services.mailbox_form import MailboxForm
from tests.domain.fields.forms import CONTEXT, WITHOUT_SSL, form, key_secret
from tests.services.mailbox_forms import THEN, entries

SWITCHES = tuple(field.key for field in FIELDS if isinstance(field.kind, Flag))
_ELSEWHERE = Context(
    ssl_enabled=True,
    watermarks=Watermarks(7, 70),
    queues=("General", "Nowhere", "Undeliverable"),
    departments=("root", "root/Sales"),
)
CONTEXTS = st.sampled_from([CONTEXT, WITHOUT_SSL, _ELSEWHERE])
_RIGHT: dict[type[Any], list[str]] = {
    Number: ["1", "25", "110", "143", "465", "993", "995"],
    Host: ["mail.acme.test", "MAIL.acme.test", "outlook.office365.com", "imap.gmail.com", ""],
    Url: ["https://login.acme.test/t", "http://localhost/t"],
    Address: ["a@acme.test", "support@acme.test"],
    Addresses: ["", "a@acme.test", "a@acme.test,b@acme.test"],
    Queue: ["General", "support/general", "Refunds"],
    Departments: ["root", "Sales", "root/Sales, root/Support"],
    Charset: ["utf-8", "latin1"],
    FilePath: ["", "/etc/ca.pem"],
    Date: ["", "2027-01-31", " 2024-02-29 "],
    Text: ["INBOX", "support", " Sales ", "Grüße"],
}
"""What each kind of field takes, not always in its canonical form."""
_WRONG = ["", "0", "99999", "abc", "-1", "http://acme.test", "/", "Nowhere", "a\tb", "x" * 300]
_SECRETS = st.sampled_from([None, Secret(""), Secret("hunter2"), Secret("a\nb"), key_secret()])


def _texts_of(kind: Kind[Any]) -> st.SearchStrategy[str]:
    match kind:
        case Flag():
            return st.sampled_from(["yes", "no"])
        case Choice(labels):
            return st.sampled_from([member.value for member in labels])
        case _:
            right = st.sampled_from(_RIGHT[type(kind)])
            return st.one_of(right, right, st.sampled_from(_WRONG))


@frozen
class Typing:
    key: str
    given: str | Secret | None

    def on(self, form: MailboxForm) -> None:
        """As a person can: what is not shown cannot be given, nor what a disabled entry lacks."""
        shown = entries(form).get(self.key)
        if shown is None:
            return
        if not isinstance(self.given, str):
            form.set_secret(self.key, self.given)
        elif shown.disabled is None or self.given in {o.value for o in shown.options}:
            form.set(self.key, self.given)


@st.composite
def typings(draw: st.DrawFn, keys: tuple[str, ...] = tuple(FIELD_BY_KEY)) -> Typing:
    field = FIELD_BY_KEY[draw(st.sampled_from(keys))]
    return Typing(field.key, draw(_SECRETS if field.secret else _texts_of(field.kind)))


NEEDED = (
    Typing("name", "Returns"),
    Typing("email_address", "returns@acme.test"),
    Typing("user", "returns"),
    Typing("server", "mail.acme.test"),
    Typing("password", Secret("hunter2")),
)
TOGGLES = st.lists(typings(("auth_type", *SWITCHES)), max_size=8)
MANY = st.lists(
    st.one_of(
        typings(),
        typings(("auth_type",)),
        typings(("auth_type", "server", "port", "oauth_grant", "token_url", *SWITCHES)),
    ),
    max_size=14,
)


@st.composite
def stored_mailboxes(draw: st.DrawFn) -> StoredMailbox:
    """A mailbox that could be saved: a form filled in, with what was wrong left as it was."""
    filled = MailboxForm(CONTEXT)
    auth_type = draw(st.sampled_from(AuthType))
    for typing in draw(MANY):
        typing.on(filled)
    usual, values = form(auth_type), {**filled.values}
    while errors := validate(values, FIELD_BY_KEY, CONTEXT, creating=False):
        values = _repaired(values, usual, [error.key for error in errors])
    secrets = draw(st.sets(st.sampled_from([f.key for f in FIELDS if f.secret])))
    mailbox = Mailbox.of(values, id=7, version=4, epoch=1, archived=False)
    return StoredMailbox(mailbox, dict.fromkeys(sorted(secrets), SecretMark(THEN)))


def _repaired(values: Values, usual: Values, wrong: list[str]) -> dict[str, Any]:
    """`values` with the usual ones where they were wrong; all usual where that does not help."""
    better = {**values, **{key: usual[key] for key in wrong}}
    return better if better != values else dict(usual)


@st.composite
def forms(draw: st.DrawFn) -> MailboxForm:
    """A form that is open, somebody having typed into it: for a new mailbox or a stored one."""
    context: Context = draw(CONTEXTS)
    opened = MailboxForm(context, draw(st.none() | stored_mailboxes()))
    needed = NEEDED if opened.stored is None and draw(st.booleans()) else ()
    for typing in (*needed, *draw(MANY)):
        typing.on(opened)
    return opened
