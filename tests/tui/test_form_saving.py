"""A form is saved as a whole, once its diff was seen; nothing that was typed is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from kana_tui.domain.errors import UnreachableError
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Role
from kana_tui.tui import form_list_page
from kana_tui.tui.places import Place
from tests.tui.form_seat import FormSeat, form_opened
from tests.tui.seat import seated
from tests.tui.stage import Stage


class FussyCaFiles:
    async def problem(self, path: str) -> str | None:
        return f"“{path}” holds no certificate in PEM form"


async def test_saving_shows_the_diff_with_the_focus_on_cancel() -> None:
    async with form_opened() as form:
        await form.type("POP port", "1110")
        await form.type("POP password", "hunter2")
        await form.press("s")
        assert "Save support?" in form.panel()
        assert "POP port: 110 → 1110" in form.panel()
        assert "POP password: changed" in form.panel()
        assert "hunter2" not in form.panel()
        assert "[Cancel]" in form.panel()
        await form.press("enter")
        assert form.panel() == ""
        assert form.stored("port") == 110
        assert form.page.unsaved


@pytest.mark.parametrize("key", ["s", "ctrl+s", "f10"])
async def test_saved_it_closes_and_tells_how_much_was_changed(key: str) -> None:
    async with form_opened() as form:
        await form.type("Name", "helpdesk")
        await form.type("POP password", "hunter2")
        await form.press(key, "right", "enter")
        await form.until_left()
        assert form.seat.page == Place.BOARD
        await form.until("helpdesk: 2 fields changed.")
        assert form.stored("name") == "helpdesk"
        assert form.secret("password") == "hunter2"
        audit = form.stage.desk.mailboxes.audit
        assert {line[0] for line in audit} == {"alice"}
        assert "hunter2" not in str(audit)


async def test_what_is_being_typed_is_kept_when_it_is_saved() -> None:
    async with form_opened() as form:
        await form.press("enter", "ctrl+u", *"helpdesk", "ctrl+s")
        assert "Name: support → helpdesk" in form.panel()


async def test_nothing_to_save_is_told() -> None:
    async with form_opened() as form:
        await form.press("s")
        assert "there is nothing to save" in form.header()
        assert form.panel() == ""


async def test_saving_goes_to_the_first_error_unfolded() -> None:
    async with form_opened() as form:
        await form.type("POP port", "0")
        await form.press(*["k"] * 3, "enter", "G", "s")
        assert form.panel() == ""
        assert form.key == "port"
        assert "Not saved: 1 field is wrong." in form.header()
        assert form.stored("port") == 110


async def test_adding_asks_for_all_that_is_missing() -> None:
    async with form_opened("plus", size=(80, 40)) as form:
        assert "New mailbox" in form.about()
        await form.press("s")
        assert form.key == "name"
        assert "5 fields are wrong" in form.header()
        assert "is required" in form.below("POP password")


async def test_a_mailbox_is_added() -> None:
    async with form_opened("plus") as form:
        await form.press("enter", *"Returns desk", "tab")
        await form.type("E-mail address", "desk@acme.test")
        await form.type("POP server", "mail.acme.test")
        await form.type("POP user", "desk")
        await form.type("POP password", "hunter2")
        await form.press("s")
        assert "Save the new mailbox?" in form.panel()
        assert "Name: Returns desk" in form.panel()
        await form.press("right", "enter")
        await form.until_left()
        await form.until("Returns desk: added.")
        assert form.stored("user", 7) == "desk"
        assert form.secret("password", 7) == "hunter2"


async def test_while_it_is_saved_it_is_pending_and_no_key_has_an_effect() -> None:
    async with form_opened() as form:
        await form.type("Name", "helpdesk")
        with form.stage.desk.held():
            await form.save()
            assert "saving…" in form.header()
            await form.press("q", "u", "1")
            assert "It is being saved." in form.header()
            assert form.place == Place.FORM
            assert "helpdesk" in form.line("Name")
        await form.until_left()
        assert form.stored("name") == "helpdesk"


async def test_what_the_store_refuses_stands_under_the_field_that_it_names() -> None:
    async with form_opened() as form:
        await form.type("Name", "sales")
        await form.save()
        await form.until("Not saved")
        assert form.key == "name"
        assert "sales" in form.below("Name")
        assert form.below("Name").startswith("!")
        await form.type("Name", "helpdesk")
        assert form.below("Name") == ""


async def test_a_ca_file_that_is_none_is_told_under_its_field() -> None:
    async with form_opened(ca_files=FussyCaFiles()) as form:
        await form.type("CA file", "/etc/ca.pem")
        await form.save()
        await form.until("Not saved")
        assert "no certificate in PEM form" in form.below("CA file")


async def test_a_store_that_is_away_loses_nothing_that_was_typed() -> None:
    async with form_opened() as form:
        await form.type("Name", "helpdesk")
        form.stage.broken = "The store was removed."
        form.stage.desk.broken = UnreachableError("The store is not there.")
        form.stage.touch()
        await form.until("removed")
        await form.save()
        await form.seat.until(lambda: "saving" not in form.header())
        assert "helpdesk" in form.line("Name")
        form.stage.broken = form.stage.desk.broken = None
        await form.seat.told()
        await form.save()
        await form.until_left()
        assert form.stored("name") == "helpdesk"


async def test_a_form_that_cannot_be_read_says_why_and_comes_by_itself() -> None:
    stage = Stage()
    async with seated(stage) as seat:
        stage.desk.broken = UnreachableError("The store is not there.")
        form = FormSeat(seat)
        await seat.press("e")
        await seat.until(lambda: "The store is not there." in "".join(form.lines()))
        stage.desk.broken = None
        stage.touch()
        await seat.until(lambda: form.page.form is not None)
        await seat.pilot.pause()
        assert form.shows("POP server")


async def test_leaving_without_changes_asks_nothing() -> None:
    for keys in (("q",), ("escape",), ("ctrl+c",), ("1",)):
        async with form_opened() as form:
            await form.press(*keys)
            assert form.seat.page == Place.BOARD


@pytest.mark.parametrize("leave", ["q", "escape", "ctrl+c", "1", "f1"])
async def test_leaving_with_changes_asks_with_the_focus_on_stay(leave: str) -> None:
    async with form_opened() as form:
        await form.type("Name", "helpdesk")
        await form.press(leave)
        assert "support has unsaved changes." in form.panel()
        assert "Name: support → helpdesk" in form.panel()
        assert "[Stay]  Save   Discard" in form.panel()
        await form.press("enter")
        assert "helpdesk" in form.line("Name")
        await form.press(leave, "escape")
        assert form.place == Place.FORM
        await form.press(leave, "right", "right", "enter")
        assert form.seat.page == Place.BOARD
        assert form.stored("name") == "support"


async def test_leaving_can_save_and_then_goes_where_one_was_going() -> None:
    async with form_opened("enter", "e") as form:
        await form.type("Name", "helpdesk")
        await form.press("1", "right", "enter")
        await form.until_left()
        assert form.seat.page == Place.BOARD
        assert form.stored("name") == "helpdesk"


async def test_leaving_by_a_digit_under_another_page_asks_too() -> None:
    async with form_opened() as form:
        await form.type("Name", "helpdesk")
        await form.press("L", "1")
        assert "support has unsaved changes." in form.panel()
        await form.press("enter")
        assert form.seat.page == Place.LOG


async def test_leaving_to_save_what_is_wrong_stays_at_the_error() -> None:
    async with form_opened() as form:
        await form.type("POP port", "0")
        await form.press("q", "right", "enter")
        assert (form.place, form.key) == (Place.FORM, "port")
        assert "Not saved" in form.header()


async def test_a_diff_longer_than_the_screen_scrolls() -> None:
    async with form_opened(size=(80, 15)) as form:
        for label in ("Active", "Force", "Use SMTP TLS", "Trusted", "Outbound", "After download"):
            await form.to(label)
            await form.press("space")
        for label in ("Name", "POP user", "Alert email"):
            await form.type(label, "a@b.test")
        await form.type("POP port", "1110")
        await form.type("POP server timeout", "7")
        await form.press("s")
        assert "of 11  More: j / k scroll" in form.panel()
        seen = form.panel()
        await form.press(*["j"] * 12)
        seen += form.panel()
        assert "Active: yes → no" in seen
        assert "Alert email to: (empty) → a@b.test" in seen
        assert "[Cancel]" in form.panel()


async def test_changed_elsewhere_is_told_while_it_is_edited() -> None:
    async with form_opened() as form:
        await form.type("Name", "helpdesk")
        await form.stage.desk.save(1, port=1110)
        form.stage.touch()
        await form.until("changed meanwhile by bob: s shows both")
        assert "helpdesk" in form.line("Name")
        assert form.line("POP port").split()[-1] == "110"


async def test_whoever_has_changed_nothing_sees_what_was_saved_elsewhere_at_the_same_place() -> (
    None
):
    async with form_opened() as form:
        await form.to("POP user")
        await form.stage.desk.save(1, port=1110)
        form.stage.touch()
        await form.until("Changed meanwhile by bob")
        assert form.line("POP port").split()[-1] == "1110"
        assert form.key == "user"


async def test_another_mailbox_saved_elsewhere_is_not_told() -> None:
    async with form_opened() as form:
        await form.type("Name", "helpdesk")
        await form.stage.desk.save(2, port=1110)
        await form.seat.told()
        assert "meanwhile" not in form.header()


def _before(form: FormSeat) -> None:
    form.stage.touch()


def _unnoticed(_form: FormSeat) -> None:
    """The feed has not looked yet."""


@pytest.mark.parametrize("noticed", [_before, _unnoticed])
async def test_both_edits_are_shown_and_each_field_keeps_whose_was_chosen(
    noticed: Callable[[FormSeat], None],
) -> None:
    async with form_opened() as form:
        await form.type("Name", "helpdesk")
        await form.type("POP port", "2110")
        await form.type("POP server timeout", "5")
        await form.stage.desk.save(1, port=1110, timeout_s=9, trusted="yes")
        noticed(form)
        if noticed is _before:
            await form.until("changed meanwhile by bob")
            await form.press("s")
        else:
            await form.save()
        await form.seat.until(lambda: "whose is kept?" in form.panel())
        assert "2 to decide" in form.panel()
        await form.press("enter")
        assert "whose is kept?" in form.panel()
        await form.press("space", "enter", "space", "space")
        assert "to decide" not in form.panel()
        await form.press("enter")
        await form.until_left()
        kept = {key: form.stored(key) for key in ("name", "trusted", "port", "timeout_s")}
        assert kept == {"name": "helpdesk", "trusted": True, "port": 2110, "timeout_s": 9}


async def test_a_conflict_left_undecided_loses_nothing() -> None:
    async with form_opened() as form:
        await form.type("POP port", "2110")
        await form.stage.desk.save(1, port=1110)
        await form.save()
        await form.seat.until(lambda: "whose is kept?" in form.panel())
        await form.press("escape")
        assert form.line("POP port").split()[-1] == "2110"
        assert form.stored("port") == 1110


async def test_all_of_theirs_leaves_nothing_to_save() -> None:
    async with form_opened() as form:
        await form.type("POP port", "2110")
        await form.stage.desk.save(1, port=1110)
        await form.save()
        await form.seat.until(lambda: "whose is kept?" in form.panel())
        await form.press("space", "space", "enter")
        assert "Nothing of yours is left to save." in form.header()
        assert form.line("POP port").split()[-1] == "1110"
        assert form.stored("port") == 1110


@pytest.mark.parametrize("keys", ["e", "plus"])
async def test_who_is_no_admin_opens_no_form(keys: str) -> None:
    async with seated(role=lambda: Role.OPERATOR) as seat:
        await seat.press(keys)
        assert seat.page == Place.BOARD
        assert "this needs the role admin" in seat.header()


async def test_who_is_no_admin_any_more_saves_nothing() -> None:
    role = [Role.ADMIN]
    async with form_opened(role=lambda: role[0]) as form:
        await form.type("Name", "helpdesk")
        role[0] = Role.VIEWER
        await form.press("s")
        assert "this needs the role admin" in form.header()
        assert form.panel() == ""


@pytest.mark.parametrize("keys", [("s",), ("q",), ("1",)], ids=["save", "leave", "a digit"])
async def test_a_question_that_is_open_saves_nothing_for_who_is_no_admin_any_more(
    keys: tuple[str, ...],
) -> None:
    role = [Role.ADMIN]
    async with form_opened(role=lambda: role[0]) as form:
        await form.type("Name", "helpdesk")
        await form.press(*keys)
        assert "Save" in form.panel()
        role[0] = Role.VIEWER
        await form.press("right", "enter")
        assert "this needs the role admin" in form.header()
        assert form.stored("name") == "support"


async def test_a_mailbox_removed_meanwhile_is_told_and_what_was_typed_stays() -> None:
    async with form_opened() as form:
        await form.type("Name", "helpdesk")
        del form.stage.desk.mailboxes._rows[1]
        form.stage.desk.mailboxes.writes += 1
        form.stage.touch()
        await form.until("archived or deleted meanwhile")
        await form.save()
        await form.until("There is no mailbox")
        assert "helpdesk" in form.line("Name")


async def test_a_choice_of_a_field_that_went_meanwhile_has_no_effect() -> None:
    async with form_opened() as form:
        await form.stage.desk.save(1, auth_type="google_imap")
        form.stage.touch()
        await form.until("Changed meanwhile by bob")
        await form.to("Grant")
        await form.press("enter")
        await form.stage.desk.save(1, auth_type="pop")
        form.stage.touch()
        await form.seat.until(lambda: not form.shows("Grant"))
        await form.press("G", "enter")
        assert form.panel() == ""
        assert not form.page.unsaved


@pytest.mark.parametrize("keys", [("ctrl+s",), ("enter", "s"), ("enter", "q"), ("enter", "1")])
async def test_a_secret_whose_file_is_being_read_is_neither_left_behind_nor_saved_unseen(
    monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...]
) -> None:
    here = asyncio.Event()

    async def slow(_path: str) -> Secret:
        await here.wait()
        return Secret('{"type": "service_account"}')

    monkeypatch.setattr(form_list_page, "read_secret_file", slow)
    async with form_opened() as form:
        await form.press("slash", *"Authentication", "enter")
        while "Google IMAP" not in form.cursor():
            await form.press("space")
        await form.to("Service Account Key")
        await form.press("enter", *"@/k.json", *keys)
        assert "still being read" in form.header()
        assert form.panel() == ""
        assert form.place == "form"
        here.set()
        await form.seat.until(lambda: "not saved yet" in form.line("Service Account Key"))
        await form.press("q")
        assert "Service Account Key" in form.panel()
