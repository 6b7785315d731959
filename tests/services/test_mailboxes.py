"""Adding, editing and deleting mailboxes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import define, evolve

from kana_tui.domain.audit import Actor, Change
from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import ConflictError, InvalidValueError, NotFoundError
from kana_tui.domain.fields import FIELDS
from kana_tui.domain.fields.draft import Draft
from kana_tui.domain.levels import Watermarks
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Settings, WatermarkSettings
from kana_tui.ports.mailboxes import Edit, StoredMailbox
from kana_tui.services.mailbox_documents import mailbox_document
from kana_tui.services.mailboxes import MailboxAdministration
from tests.services.memory_mailboxes import MemoryMailboxes

ALICE = Actor("alice", "mx1")
THEN = datetime(2026, 11, 3, 8, 15, 30, 250_000, UTC)
PASSWORD = {"password": Secret("hunter2")}
SETTINGS = Settings(watermarks=WatermarkSettings(Watermarks(50, 200)))


def draft(secrets: Mapping[str, Secret | None] | None = None, /, **values: Any) -> Draft:
    return Draft(values, secrets or {})


def support(**values: Any) -> Draft:
    """A draft that can be added."""
    usual = {
        "name": "Support",
        "email_address": "support@acme.test",
        "server": "mail.acme.test",
        "user": "support",
    }
    return draft(PASSWORD, **{**usual, **values})


def sales(**values: Any) -> Draft:
    return support(
        **{"name": "Sales", "email_address": "sales@acme.test", "user": "sales"} | values
    )


@define
class World:
    """The use cases on mailboxes in memory; `settings` may be changed at any time."""

    store: MemoryMailboxes
    settings: Settings
    use: MailboxAdministration


@pytest.fixture
def world() -> World:
    store = MemoryMailboxes(clock=lambda: THEN)
    made = World(store, SETTINGS, MailboxAdministration(store, lambda: made.settings))
    return made


# Adding


async def test_what_a_new_mailbox_does_not_say_has_its_default(world: World) -> None:
    stored = await world.use.add(support(), ALICE)
    assert stored.mailbox.incoming.port == 110
    assert stored.mailbox.mailbox.default_queue == "General"
    assert stored.mailbox.mailbox.departments == frozenset({"root"})
    assert stored.mailbox.version == 1


async def test_own_watermarks_start_as_the_global_ones_and_then_are_kept(world: World) -> None:
    stored = await world.use.add(support(), ALICE)
    world.settings = evolve(SETTINGS, watermarks=WatermarkSettings(Watermarks(1, 2)))
    edited = await world.use.edit("Support", draft(use_default_watermarks=False), ALICE)
    assert stored.mailbox.watermarks.low_watermark == 50
    assert edited.stored.mailbox.marks(Watermarks(1, 2)) == Watermarks(50, 200)


async def test_a_microsoft_mailbox_needs_neither_server_nor_password(world: World) -> None:
    values = {"name": "S", "email_address": "s@acme.test", "user": "s"}
    stored = await world.use.add(draft(auth_type=AuthType.M365_IMAP, **values), ALICE)
    assert stored.mailbox.incoming.server == "outlook.office365.com"
    assert stored.mailbox.incoming.port == 993


async def test_all_that_is_wrong_is_one_error_and_nothing_is_written(world: World) -> None:
    wrong = draft({"service_account_key": Secret("hunter2")}, port=0, email_address="a", name="S")
    with pytest.raises(InvalidValueError) as caught:
        await world.use.add(wrong, ALICE)
    text = str(caught.value)
    for part in ("(email_address) “a” is not", "POP server (server) is required", "(port) “0” is"):
        assert part in text
    assert "POP password (password) is required" in text
    assert "Service Account Key (service_account_key) is not JSON" in text
    assert "hunter2" not in text
    assert caught.value.field == "email_address"
    assert world.store.writes == 0


async def test_an_empty_secret_is_none(world: World) -> None:
    with pytest.raises(InvalidValueError, match="password"):
        await world.use.add(support() | draft({"password": Secret("")}), ALICE)


async def test_secrets_are_stored_and_only_marked_in_what_is_answered(world: World) -> None:
    stored = await world.use.add(support(), ALICE)
    assert await world.store.secret(stored.mailbox.id, "password") == Secret("hunter2")
    assert stored.secrets["password"].changed_at == THEN


# What no two mailboxes share


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"name": "SUPPORT"}, "name", "Name (name) “SUPPORT” is taken by mailbox 1."),
        ({"name": "Support@Acme.test"}, "name", "is the e-mail address of mailbox 1."),
        ({"email_address": "SUPPORT@acme.test"}, "email_address", "is that of “Support” already"),
        (
            {"user": "support"},
            "server",
            "The account “support” at mail.acme.test:110 is downloaded by “Support” already.",
        ),
        ({"user": "support", "server": "MAIL.acme.test", "imap_folder": "B"}, "server", "account"),
    ],
)
async def test_name_address_and_account_are_unique(
    world: World, values: dict[str, Any], field: str, sentence: str
) -> None:
    await world.use.add(support(), ALICE)
    with pytest.raises(ConflictError) as caught:
        await world.use.add(sales(**values), ALICE)
    assert sentence in str(caught.value)
    assert caught.value.field == field
    assert world.store.writes == 1


async def test_an_address_is_no_other_mailboxs_name(world: World) -> None:
    await world.use.add(support(name="sales@acme.test"), ALICE)
    with pytest.raises(ConflictError, match="is the name of mailbox 1") as caught:
        await world.use.add(sales(), ALICE)
    assert caught.value.field == "email_address"


async def test_a_mailbox_may_be_named_like_its_own_address(world: World) -> None:
    stored = await world.use.add(support(name="support@acme.test"), ALICE)
    assert stored.mailbox.name == "support@acme.test"


async def test_all_clashes_are_told_at_once(world: World) -> None:
    await world.use.add(support(), ALICE)
    with pytest.raises(ConflictError) as caught:
        await world.use.add(support(), ALICE)
    for part in ("Name (name)", "E-mail address (email_address)", "The account"):
        assert part in str(caught.value)


async def test_another_folder_or_port_of_the_same_user_is_another_account(world: World) -> None:
    imap = {"auth_type": AuthType.IMAP}
    await world.use.add(support(**imap), ALICE)
    await world.use.add(sales(user="support", imap_folder="Sales", **imap), ALICE)
    third = {"name": "Third", "email_address": "third@acme.test", "port": 1143}
    await world.use.add(support(**imap, **third), ALICE)
    with pytest.raises(ConflictError, match="folder “Sales” is downloaded by “Sales”"):
        await world.use.edit("Support", draft(imap_folder="Sales"), ALICE)


async def test_an_archived_mailbox_frees_name_address_and_account(world: World) -> None:
    first = await world.use.add(support(), ALICE)
    world.store.ledgered.add(first.mailbox.id)
    await world.use.delete("Support", ALICE)
    second = await world.use.add(support(), ALICE)
    assert second.mailbox.id != first.mailbox.id


# Editing


async def test_an_edit_writes_a_version_and_an_audit_line_a_field(world: World) -> None:
    await world.use.add(support(), ALICE)
    edited = await world.use.edit("1", draft(name="Help", trusted=True), ALICE)
    changes = (Change("name", "Support", "Help"), Change("trusted", "no", "yes"))
    assert edited.changes == changes
    assert edited.stored.mailbox.version == 2
    assert world.store.audit[1:] == [("alice", 1, "edit", change) for change in changes]


async def test_an_edit_that_changes_nothing_writes_nothing(world: World) -> None:
    await world.use.add(support(), ALICE)
    same = draft(name="Support", server="MAIL.acme.test.", port=110)
    edited = await world.use.edit("Support", same, ALICE)
    assert edited.changes == ()
    assert edited.stored.mailbox.version == 1
    assert world.store.writes == 1


async def test_what_a_change_of_type_moves_along_has_its_audit_line_too(world: World) -> None:
    await world.use.add(support(), ALICE)
    edited = await world.use.edit("Support", draft(auth_type=AuthType.IMAP), ALICE)
    assert edited.changes == (Change("auth_type", "pop", "imap"), Change("port", "110", "143"))
    assert edited.stored.mailbox.epoch == 2
    assert world.store.tokens[1] == 1


async def test_a_new_secret_is_a_change_that_shows_nothing(world: World) -> None:
    await world.use.add(support(), ALICE)
    edited = await world.use.edit("Support", draft({"password": Secret("new")}), ALICE)
    assert edited.changes == (Change("password", "changed", "changed"),)
    assert edited.stored.mailbox.epoch == 1
    assert world.store.tokens[1] == 1
    assert await world.store.secret(1, "password") == Secret("new")


async def test_an_empty_secret_clears_it_and_clearing_an_unset_one_is_no_change(
    world: World,
) -> None:
    await world.use.add(support(), ALICE)
    cleared = await world.use.edit("Support", draft({"password": Secret("")}), ALICE)
    assert "password" not in cleared.stored.secrets
    assert await world.store.secret(1, "password") is None
    again = await world.use.edit("Support", draft({"password": Secret("")}), ALICE)
    assert again.changes == ()


async def test_an_smtp_password_that_is_needed_cannot_be_cleared(world: World) -> None:
    login = draft({"smtp_password": Secret("s")}, smtp_auth=True, smtp_user="u")
    await world.use.add(support() | login, ALICE)
    with pytest.raises(InvalidValueError, match=r"SMTP Password .* is required"):
        await world.use.edit("Support", draft({"smtp_password": None}), ALICE)


async def test_the_address_is_fixed_but_may_be_repeated(world: World) -> None:
    await world.use.add(support(), ALICE)
    same = await world.use.edit("Support", draft(email_address="support@acme.test"), ALICE)
    assert same.changes == ()
    with pytest.raises(InvalidValueError, match="is fixed when a mailbox is added") as caught:
        await world.use.edit("Support", draft(email_address="other@acme.test"), ALICE)
    assert caught.value.field == "email_address"


async def test_an_edit_that_shows_what_was_hidden_validates_it(world: World) -> None:
    await world.use.add(support(smtp_port=99999), ALICE)
    with pytest.raises(InvalidValueError, match=r"SMTP port .* is too large") as caught:
        await world.use.edit("Support", draft(smtp_server="relay.acme.test"), ALICE)
    assert caught.value.field == "smtp_port"


async def test_an_edit_of_an_older_version_is_a_conflict(world: World) -> None:
    await world.use.add(support(), ALICE)
    await world.use.edit("Support", draft(trusted=True), ALICE, if_version=1)
    with pytest.raises(ConflictError, match="it is at version 2, not 1"):
        await world.use.edit("Support", draft(trusted=False), ALICE, if_version=1)


async def test_a_write_that_overtakes_the_edit_is_a_conflict(world: World) -> None:
    @define
    class Overtaken(MemoryMailboxes):
        async def edit(
            self, mailbox_id: int, if_version: int, edit: Edit, actor: Actor
        ) -> StoredMailbox:
            await super().edit(mailbox_id, if_version, edit, Actor("bob", "mx2"))
            return await super().edit(mailbox_id, if_version, edit, actor)

    use = MailboxAdministration(Overtaken(), lambda: SETTINGS)
    await use.add(support(), ALICE)
    with pytest.raises(ConflictError):
        await use.edit("Support", draft(trusted=True), ALICE)


async def test_secure_smtp_outlives_ssl_in_config_xml_but_is_not_switched_on_without(
    world: World,
) -> None:
    secure = draft({"smtp_password": Secret("s")}, smtp_auth=True, smtp_user="u", smtp_ssl=True)
    await world.use.add(support() | secure, ALICE)
    world.settings = evolve(SETTINGS, ssl_enabled=False)
    await world.use.edit("Support", draft(name="Help"), ALICE)
    with pytest.raises(InvalidValueError, match="SSL, which is off in"):
        await world.use.add(sales() | secure, ALICE)


async def test_a_ca_file_is_looked_at_when_it_is_given(world: World) -> None:
    class NoFiles:
        async def problem(self, path: str) -> str | None:
            return "cannot be read" if path == "/ca.pem" else None

    use = MailboxAdministration(world.store, lambda: SETTINGS, NoFiles())
    with pytest.raises(InvalidValueError, match=r"CA file .*“/ca.pem” cannot be read") as caught:
        await use.add(support(tls_ca_file="/ca.pem"), ALICE)
    assert caught.value.field == "tls_ca_file"
    assert await use.add(support(tls_ca_file="/good.pem"), ALICE)


async def test_one_wrong_ca_path_is_one_mistake(world: World) -> None:
    class NoFiles:
        async def problem(self, path: str) -> str | None:
            return f"cannot read {path}"

    use = MailboxAdministration(world.store, lambda: SETTINGS, NoFiles())
    with pytest.raises(InvalidValueError) as caught:
        await use.add(support(tls_ca_file="ca.pem"), ALICE)
    assert str(caught.value).count("CA file") == 1
    assert "is not an absolute path" in caught.value.message


# Looking up and deleting


@pytest.mark.parametrize("reference", ["1", "support@ACME.test", "support"])
async def test_a_mailbox_is_found_by_id_address_or_name(world: World, reference: str) -> None:
    await world.use.add(support(), ALICE)
    assert (await world.use.find(reference)).mailbox.id == 1


async def test_what_is_not_found_is_named_with_what_comes_close(world: World) -> None:
    await world.use.add(support(), ALICE)
    with pytest.raises(NotFoundError) as caught:
        await world.use.find("suport@acme.test")
    assert str(caught.value) == (
        "There is no mailbox “suport@acme.test”. Close to it: support@acme.test."
    )
    with pytest.raises(NotFoundError, match="`mailbox list` shows them all"):
        await world.use.edit("zzz", draft(name="x"), ALICE)


async def test_a_mailbox_whose_messages_need_it_is_only_archived(world: World) -> None:
    await world.use.add(support(), ALICE)
    world.store.in_use.add(1)
    with pytest.raises(ConflictError):
        await world.use.delete("Support", ALICE)
    await world.use.delete("Support", ALICE, archive=True)
    assert (await world.use.find("1")).mailbox.archived
    assert await world.store.secret(1, "password") is None


async def test_an_archived_mailbox_is_not_edited(world: World) -> None:
    await world.use.add(support(), ALICE)
    world.store.in_use.add(1)
    await world.use.delete("1", ALICE, archive=True)
    with pytest.raises(ConflictError, match="is archived"):
        await world.use.edit("1", draft(name="x"), ALICE)
    with pytest.raises(ConflictError, match="is archived"):
        await world.use.delete("1", ALICE, archive=True)


# The document


async def test_a_document_has_every_key_and_of_a_secret_only_that_it_is_set(world: World) -> None:
    document = mailbox_document(await world.use.add(support(alert_email=("a@b.test",)), ALICE))
    assert list(document) == ["id", "version", *(field.key for field in FIELDS)]
    assert document["password"] == {"set": True, "changed_at": "2026-11-03T08:15:30.250Z"}
    assert document["smtp_password"] == {"set": False, "changed_at": None}
    assert document["departments"] == ["root"]
    assert document["alert_email"] == ["a@b.test"]
    assert document["auth_type"] == "pop"
    assert "hunter2" not in json.dumps(document)


async def test_a_document_given_back_changes_nothing(world: World) -> None:
    stored = await world.use.add(support(auth_type=AuthType.IMAP), ALICE)
    document = json.loads(json.dumps(mailbox_document(stored)))
    edited = await world.use.edit("Support", Draft.from_document(document), ALICE)
    assert edited.changes == ()


async def test_a_document_makes_the_same_mailbox_elsewhere(world: World) -> None:
    stored = await world.use.add(support(auth_type=AuthType.IMAP, imap_folder="In"), ALICE)
    document = {**mailbox_document(stored), "password": "hunter2"}
    other = MailboxAdministration(MemoryMailboxes(), Settings)
    copy = await other.add(Draft.from_document(document), ALICE)
    assert copy.mailbox.values() == stored.mailbox.values()
