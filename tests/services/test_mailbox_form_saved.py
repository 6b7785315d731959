"""The mailbox form against the use cases that save it: what is shown is what is stored."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given

from kana_tui.domain.audit import Actor
from kana_tui.domain.errors import ConflictError, KanaError
from kana_tui.domain.fields import FIELD_BY_KEY, SECRET_KEYS
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Settings, WatermarkSettings
from kana_tui.ports.mailboxes import StoredMailbox
from kana_tui.services.forms import EntryKind
from kana_tui.services.mailbox_conflict import MailboxConflict, Side
from kana_tui.services.mailbox_form import MailboxForm
from kana_tui.services.mailboxes import MailboxAdministration
from tests.domain.fields.forms import CONTEXT, key_secret
from tests.services.mailbox_forms import entries, entry, errors, fill
from tests.services.mailbox_typing import forms
from tests.services.memory_mailboxes import MemoryMailboxes

ALICE = Actor("alice", "mx1")
THEN = datetime(2026, 11, 3, 8, 15, tzinfo=UTC)
NEEDED = {"name": "Support", "email_address": "support@acme.test", "user": "support"}
EVERY_FIELD = {
    "name": "Sales",
    "active": "no",
    "priority": "high",
    "departments": "root/Sales, root/Support",
    "default_queue": "Support/General",
    "force_default_queue": "yes",
    "auth_type": "google_imap",
    "server": "imap.acme.test",
    "port": "1993",
    "timeout_s": "5",
    "user": "sales",
    "max_message_size": "1000",
    "imap_folder": "Support/In",
    "after_download": "keep",
    "tls_ca_file": "/etc/ca.pem",
    "oauth_grant": "service_account",
    "authorization_url": "https://login.acme.test/authorize",
    "token_url": "https://login.acme.test/token",
    "client_id": "kana",
    "client_secret_expires": "2027-01-31",
    "smtp_server": "relay.acme.test",
    "smtp_port": "465",
    "smtp_auth": "yes",
    "smtp_user": "sales",
    "smtp_ssl": "yes",
    "trusted": "yes",
    "outbound_attachments": "yes",
    "use_default_watermarks": "no",
    "low_watermark": "5",
    "high_watermark": "9",
    "alert_email": "a@acme.test, b@acme.test",
    "default_charset": "iso-8859-15",
    "reply_charset_policy": "incoming",
    "euro_policy": "eur",
}
ELSEWHERE = {"smtp_tls": "yes", "oauth2_smtp": "yes"}
"""What does not go with the rest of `EVERY_FIELD`: for a form of its own."""


def use_cases() -> MailboxAdministration:
    store = MemoryMailboxes(
        queue_paths=list(CONTEXT.queues), department_paths=list(CONTEXT.departments)
    )
    store.clock = lambda: THEN
    settings = Settings(watermarks=WatermarkSettings(CONTEXT.watermarks))
    return MailboxAdministration(store, lambda: settings)


@pytest.fixture
def use() -> MailboxAdministration:
    return use_cases()


async def support(use: MailboxAdministration) -> StoredMailbox:
    form = fill(MailboxForm(await use.context()), **NEEDED, server="mail.acme.test")
    form.set_secret("password", Secret("hunter2"))
    assert form.check() is None
    return await use.add(form.draft(), ALICE)


def test_the_two_forms_together_set_every_field() -> None:
    given = EVERY_FIELD.keys() | ELSEWHERE.keys() | NEEDED.keys() | set(SECRET_KEYS)
    assert given == FIELD_BY_KEY.keys()


@pytest.mark.parametrize("adds", [True, False])
@pytest.mark.parametrize("texts", [EVERY_FIELD, {"auth_type": "m365_pop3", **ELSEWHERE}])
async def test_every_field_can_be_set_and_is_stored(
    use: MailboxAdministration, texts: dict[str, str], adds: bool
) -> None:
    before = None if adds else await support(use)
    form = MailboxForm(await use.context(), before)
    needed = NEEDED if adds else {}
    fill(form, **{**needed, **texts})
    keys = [key for key, e in entries(form).items() if e.kind is EntryKind.SECRET]
    for key in keys:
        form.set_secret(key, key_secret() if key == "service_account_key" else Secret("hunter3"))
    assert form.check() is None
    if before is None:
        stored = await use.add(form.draft(), ALICE)
    else:
        edited = await use.edit(
            str(before.mailbox.id), form.draft(), ALICE, if_version=before.mailbox.version
        )
        assert edited.changes == form.changes()
        stored = edited.stored
    values = stored.mailbox.values()
    assert values == form.values
    assert {key: FIELD_BY_KEY[key].display(values[key]) for key in texts} == texts
    assert stored.secrets.keys() >= set(keys)
    again = MailboxForm(await use.context(), stored)
    assert {key: entry(again, key).text for key in texts} == texts


async def test_a_secret_is_cleared(use: MailboxAdministration) -> None:
    before = await support(use)
    form = MailboxForm(await use.context(), before)
    form.set_secret("password", None)
    assert form.check() is None
    edited = await use.edit("Support", form.draft(), ALICE)
    assert edited.stored.secrets == {}
    assert await use.mailboxes.secret(before.mailbox.id, "password") is None


async def test_a_taken_name_is_told_at_the_name(use: MailboxAdministration) -> None:
    await support(use)
    form = fill(MailboxForm(await use.context()), **NEEDED, server="other.acme.test")
    form.set("email_address", "other@acme.test")
    form.set_secret("password", Secret("hunter2"))
    assert form.check() is None
    with pytest.raises(ConflictError) as caught:
        await use.add(form.draft(), ALICE)
    assert form.refuse(caught.value) == "name"
    assert errors(form)["name"] == "Name “Support” is taken by mailbox 1. Give another name."


async def test_an_edit_of_a_mailbox_that_was_saved_meanwhile_is_merged_and_saved(
    use: MailboxAdministration,
) -> None:
    before = await support(use)
    mine = fill(MailboxForm(await use.context(), before), name="Mine", priority="high")
    theirs = fill(MailboxForm(await use.context(), before), name="Theirs", timeout_s="5")
    await use.edit("Support", theirs.draft(), ALICE, if_version=1)
    with pytest.raises(ConflictError):
        await use.edit("1", mine.draft(), ALICE, if_version=1)
    conflict = MailboxConflict(mine, await use.find("1"))
    conflict.choose("name", Side.MINE)
    merged = conflict.resolved()
    assert merged.check() is None
    edited = await use.edit("1", merged.draft(), ALICE, if_version=2)
    own = edited.stored.mailbox
    assert (own.name, own.mailbox.priority, own.incoming.timeout_s) == ("Mine", "high", 5)


async def save(use: MailboxAdministration, form: MailboxForm) -> StoredMailbox | None:
    """As the form's draft, or None where it is refused."""
    try:
        if form.stored is None:
            return await use.add(form.draft(), ALICE)
        number, version = str(form.stored.mailbox.id), form.stored.mailbox.version
        return (await use.edit(number, form.draft(), ALICE, if_version=version)).stored
    except KanaError:
        return None


@given(forms())
async def test_whatever_passes_the_check_is_saved_as_it_is_shown(drawn: MailboxForm) -> None:
    use = use_cases()
    store = use.mailboxes
    assert isinstance(store, MemoryMailboxes)
    if drawn.stored is not None:  # its row, as if somebody had saved it before
        store._rows[drawn.stored.mailbox.id] = drawn.stored
    drawn.follow(await use.context())
    passes = drawn.check() is None
    stored = await save(use, drawn)
    assert stored is not None or not passes
    if stored is not None:
        assert stored.mailbox.values() == drawn.values
