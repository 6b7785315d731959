"""What every `Mailboxes` promises."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from attrs import evolve

from kana_tui.domain.audit import Change
from kana_tui.domain.authentication import AuthType
from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import ConflictError, InvalidValueError, NotFoundError
from kana_tui.domain.secret import Secret
from kana_tui.ports.mailboxes import Edit, Mailboxes, StoredMailbox
from tests.contracts.setting import ALICE
from tests.mailboxes import mailbox_values

SALES = {"name": "Sales", "email_address": "sales@acme.test", "user": "sales"}


async def add(mailboxes: Mailboxes, **own: Any) -> StoredMailbox:
    return await mailboxes.add(mailbox_values(**own), {"password": Secret("hunter2")}, ALICE)


def edit(*, secrets: dict[str, Secret | None] | None = None, **values: Any) -> Edit:
    return Edit(
        values=values,
        secrets=secrets or {},
        changes=tuple(Change(key, "old", "new") for key in values),
        new_epoch=False,
        raise_token=False,
    )


class MailboxesContract:
    # Adding and looking up

    async def test_every_field_comes_back_as_it_was_given(self, mailboxes: Mailboxes) -> None:
        given = mailbox_values(
            AuthType.GOOGLE_IMAP,
            priority=Priority.HIGH,
            alert_email=("duty@acme.test", "ops@acme.test"),
            imap_folder="INBOX/Ünterlagen",
            low_watermark=7,
            high_watermark=9,
            force_default_queue=True,
        )
        stored = await mailboxes.add(given, {}, ALICE)
        assert stored.mailbox.values() == given
        found = await mailboxes.get(stored.mailbox.id)
        assert found is not None
        assert found.mailbox.values() == given

    async def test_a_new_mailbox_is_the_first_version_of_its_first_account(
        self, mailboxes: Mailboxes
    ) -> None:
        mailbox = (await add(mailboxes)).mailbox
        assert (mailbox.version, mailbox.epoch, mailbox.archived) == (1, 1, False)

    async def test_all_come_by_id(self, mailboxes: Mailboxes) -> None:
        first, second = await add(mailboxes), await add(mailboxes, **SALES)
        assert [one.mailbox.id for one in await mailboxes.all()] == [
            first.mailbox.id,
            second.mailbox.id,
        ]

    async def test_a_reference_is_an_id_an_address_or_a_name(self, mailboxes: Mailboxes) -> None:
        stored = await add(mailboxes)
        for reference in (str(stored.mailbox.id), "Support@Example.COM", "SUPPORT"):
            assert await mailboxes.find(reference) == stored
        assert await mailboxes.find("nobody") is None

    async def test_an_address_is_looked_for_before_a_name(self, mailboxes: Mailboxes) -> None:
        await add(mailboxes)
        wanted = await add(mailboxes, **SALES)
        assert await mailboxes.find("sales@acme.test") == wanted

    async def test_names_are_looked_up_casefolded_on_nfc(self, mailboxes: Mailboxes) -> None:
        stored = await add(mailboxes, name=unicodedata.normalize("NFC", "Größe Zoë"))
        assert await mailboxes.find(unicodedata.normalize("NFD", "GRÖSSE ZOË")) == stored

    async def test_digits_beyond_any_id_find_nothing(self, mailboxes: Mailboxes) -> None:
        assert await mailboxes.find("9" * 40) is None

    async def test_there_are_a_root_department_and_its_queues(self, mailboxes: Mailboxes) -> None:
        assert "root" in await mailboxes.departments()
        assert {"General", "Undeliverable"} <= set(await mailboxes.queues())

    async def test_an_unknown_queue_or_department_is_refused(self, mailboxes: Mailboxes) -> None:
        for field, value in (
            ("default_queue", "Nowhere"),
            ("departments", frozenset({"root/Nowhere"})),
        ):
            with pytest.raises(InvalidValueError) as refused:
                await add(mailboxes, **{field: value})
            assert refused.value.field == field
        assert list(await mailboxes.all()) == []

    # What no two share

    @pytest.mark.parametrize(
        ("other", "field"),
        [
            ({**SALES, "name": "SUPPORT"}, "name"),
            ({**SALES, "name": "support@example.com"}, "name"),
            ({**SALES, "email_address": "SUPPORT@example.com"}, "email_address"),
            ({**SALES, "user": "support"}, "server"),
            ({**SALES, "user": "support", "server": "127.0.0.1", "imap_folder": "X"}, "server"),
        ],
    )
    async def test_name_address_and_account_are_taken_once(
        self, mailboxes: Mailboxes, other: dict[str, Any], field: str
    ) -> None:
        await add(mailboxes)
        with pytest.raises(ConflictError) as refused:
            await add(mailboxes, **other)
        assert refused.value.field == field
        assert len(await mailboxes.all()) == 1

    async def test_names_clash_casefolded_on_nfc(self, mailboxes: Mailboxes) -> None:
        await add(mailboxes, name=unicodedata.normalize("NFC", "Straße Zoë"))
        with pytest.raises(ConflictError):
            await add(mailboxes, **{**SALES, "name": unicodedata.normalize("NFD", "STRASSE ZOË")})

    async def test_two_folders_of_one_imap_account_are_two_mailboxes(
        self, mailboxes: Mailboxes
    ) -> None:
        await mailboxes.add(mailbox_values(AuthType.IMAP), {}, ALICE)
        other = {**SALES, "user": "support", "imap_folder": "Sales"}
        await mailboxes.add(mailbox_values(AuthType.IMAP, **other), {}, ALICE)
        again = {**other, "name": "S2", "email_address": "s2@acme.test"}
        with pytest.raises(ConflictError):
            await mailboxes.add(mailbox_values(AuthType.IMAP, **again), {}, ALICE)

    async def test_a_mailbox_does_not_clash_with_itself(self, mailboxes: Mailboxes) -> None:
        stored = await add(mailboxes)
        edited = await mailboxes.edit(stored.mailbox.id, 1, edit(name="SUPPORT"), ALICE)
        assert edited.mailbox.name == "SUPPORT"

    # Editing

    async def test_an_edit_changes_what_it_names_and_raises_the_version(
        self, mailboxes: Mailboxes
    ) -> None:
        stored = await add(mailboxes)
        edited = await mailboxes.edit(stored.mailbox.id, 1, edit(name="Help", active=False), ALICE)
        assert edited.mailbox.version == 2
        assert edited.mailbox.epoch == 1
        expected = {**stored.mailbox.values(), "name": "Help", "active": False}
        assert edited.mailbox.values() == expected
        assert await mailboxes.get(stored.mailbox.id) == edited

    async def test_an_edit_of_an_older_version_is_refused(self, mailboxes: Mailboxes) -> None:
        stored = await add(mailboxes)
        edited = await mailboxes.edit(stored.mailbox.id, 1, edit(name="Help"), ALICE)
        with pytest.raises(ConflictError):
            await mailboxes.edit(stored.mailbox.id, 1, edit(name="Desk"), ALICE)
        assert await mailboxes.get(stored.mailbox.id) == edited

    async def test_a_refused_edit_leaves_nothing_behind(self, mailboxes: Mailboxes) -> None:
        await add(mailboxes)
        stored = await add(mailboxes, **SALES)
        before = await mailboxes.revision()
        wanted = edit(name="support", active=False, secrets={"password": Secret("new")})
        with pytest.raises(ConflictError):
            await mailboxes.edit(stored.mailbox.id, 1, wanted, ALICE)
        assert await mailboxes.get(stored.mailbox.id) == stored
        assert await mailboxes.secret(stored.mailbox.id, "password") == Secret("hunter2")
        assert await mailboxes.revision() == before

    async def test_another_account_begins_a_new_epoch(self, mailboxes: Mailboxes) -> None:
        stored = await add(mailboxes)
        moved = Edit({"server": "mx.acme.test"}, {}, (), new_epoch=True, raise_token=True)
        assert (await mailboxes.edit(stored.mailbox.id, 1, moved, ALICE)).mailbox.epoch == 2

    async def test_an_edit_frees_the_name_that_it_gives_up(self, mailboxes: Mailboxes) -> None:
        stored = await add(mailboxes)
        await mailboxes.edit(stored.mailbox.id, 1, edit(name="Help"), ALICE)
        assert (await add(mailboxes, **{**SALES, "name": "Support"})).mailbox.name == "Support"

    async def test_what_is_not_there_is_not_edited(self, mailboxes: Mailboxes) -> None:
        with pytest.raises(NotFoundError):
            await mailboxes.edit(7, 1, edit(name="Help"), ALICE)

    # Secrets

    async def test_of_a_secret_only_its_age_is_told(self, mailboxes: Mailboxes) -> None:
        stored = await add(mailboxes)
        assert stored.secrets.keys() == {"password"}
        assert "hunter2" not in repr(stored)
        assert await mailboxes.secret(stored.mailbox.id, "password") == Secret("hunter2")
        assert await mailboxes.secret(stored.mailbox.id, "smtp_password") is None

    async def test_a_secret_is_replaced_or_cleared(self, mailboxes: Mailboxes) -> None:
        mailbox_id = (await add(mailboxes)).mailbox.id
        new = edit(secrets={"password": Secret("swordfish"), "smtp_password": Secret("x")})
        await mailboxes.edit(mailbox_id, 1, new, ALICE)
        assert await mailboxes.secret(mailbox_id, "password") == Secret("swordfish")
        cleared = await mailboxes.edit(mailbox_id, 2, edit(secrets={"password": None}), ALICE)
        assert cleared.secrets.keys() == {"smtp_password"}
        assert await mailboxes.secret(mailbox_id, "password") is None

    # Signing in

    async def test_a_sign_in_makes_another_version_and_changes_nothing_else(
        self, mailboxes: Mailboxes
    ) -> None:
        before = await add(mailboxes)
        revision = await mailboxes.revision()
        after = await mailboxes.signed_in(before.mailbox.id, ALICE)
        assert after == await mailboxes.get(before.mailbox.id)
        assert after == evolve(before, mailbox=evolve(before.mailbox, version=2))
        assert await mailboxes.revision() != revision

    async def test_nobody_signs_in_for_what_is_not_there(self, mailboxes: Mailboxes) -> None:
        with pytest.raises(NotFoundError):
            await mailboxes.signed_in(7, ALICE)

    # Removing

    async def test_a_mailbox_without_history_disappears(self, mailboxes: Mailboxes) -> None:
        stored = await add(mailboxes)
        await mailboxes.remove(stored.mailbox.id, ALICE, archive=False)
        assert list(await mailboxes.all(archived=True)) == []
        assert await mailboxes.find(str(stored.mailbox.id)) is None
        assert await mailboxes.secret(stored.mailbox.id, "password") is None

    async def test_archiving_one_without_history_makes_it_disappear_too(
        self, mailboxes: Mailboxes
    ) -> None:
        stored = await add(mailboxes)
        await mailboxes.remove(stored.mailbox.id, ALICE, archive=True)
        assert list(await mailboxes.all(archived=True)) == []

    async def test_removal_frees_name_address_and_account_but_no_id(
        self, mailboxes: Mailboxes
    ) -> None:
        first = await add(mailboxes)
        await mailboxes.remove(first.mailbox.id, ALICE, archive=False)
        assert (await add(mailboxes)).mailbox.id > first.mailbox.id

    async def test_what_is_not_there_is_not_removed(self, mailboxes: Mailboxes) -> None:
        with pytest.raises(NotFoundError):
            await mailboxes.remove(7, ALICE, archive=False)

    # Noticing change

    async def test_each_write_moves_the_revision_and_no_reading_does(
        self, mailboxes: Mailboxes
    ) -> None:
        seen = [await mailboxes.revision()]
        stored = await add(mailboxes)
        seen.append(await mailboxes.revision())
        await mailboxes.edit(stored.mailbox.id, 1, edit(active=False), ALICE)
        seen.append(await mailboxes.revision())
        await mailboxes.remove(stored.mailbox.id, ALICE, archive=False)
        seen.append(await mailboxes.revision())
        assert len(set(seen)) == 4
        await mailboxes.all()
        assert await mailboxes.revision() == seen[-1]
