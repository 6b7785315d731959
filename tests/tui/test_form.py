"""A form in list mode and in edit mode: moving, searching, giving values, what stands where."""

from __future__ import annotations

import pytest
from textual import events

from kana_tui.tui.actions import by_key
from kana_tui.tui.line import Ink
from kana_tui.tui.places import Place
from tests.tui.form_seat import form_opened


async def test_all_fields_stand_in_one_list_under_their_groups() -> None:
    async with form_opened(size=(80, 60)) as form:
        lines = [line.strip(" ▶") for line in form.lines()]
        headings = [line for line in lines if line.startswith("▾")]
        assert headings == [
            "▾ Mailbox",
            "▾ Incoming",
            "▾ Outgoing",
            "▾ Watermarks",
            "▾ Character sets",
        ]
        assert "support" in form.line("Name")
        assert "[x] yes" in form.line("Active")
        assert "Medium" in form.line("Priority")
        assert "set 2026-11-03" in form.line("POP password")
        assert "Edit support  box1@acme.test" in form.about()


async def test_it_opens_on_the_first_field_with_nothing_changed() -> None:
    async with form_opened() as form:
        assert form.key == "name"
        assert not form.page.unsaved
        assert "*" not in "".join(form.lines())


@pytest.mark.parametrize(
    ("keys", "at"),
    [
        (("j",), "email_address"),
        (("down", "down"), "active"),
        (("j", "j", "k"), "email_address"),
        (("k",), None),
        (("G",), "euro_policy"),
        (("G", "g"), None),
        (("tab",), "email_address"),
        (("shift+tab",), "euro_policy"),
        (("G", "tab"), "name"),
        (("pagedown", "pageup"), "name"),
        ((*["tab"] * 7,), "auth_type"),
        ((*["j"] * 7,), None),
    ],
)
async def test_keys_move_from_field_to_field_and_over_headings(
    keys: tuple[str, ...], at: str | None
) -> None:
    async with form_opened() as form:
        await form.press(*keys)
        assert form.key == at


async def test_text_is_edited_in_place_where_every_printable_key_is_text() -> None:
    async with form_opened() as form:
        await form.press("enter")
        assert form.place == Place.FIELD
        await form.press("ctrl+u", *"qj s?:/+1 e")
        assert "qj s?:/+1 e" in form.cursor()
        await form.press("left", "left", "backspace", "home", "X", "end", "Y", "ctrl+left", "Z")
        assert "Xqj s?:/+ ZeY" in form.cursor()
        await form.press("enter")
        assert form.place == Place.FORM
        assert form.cursor().split()[1:3] == ["*", "Name"]
        assert form.told().startswith("Was support.")


async def test_escape_leaves_the_field_as_it_was() -> None:
    async with form_opened() as form:
        for leave in ("escape", "ctrl+c"):
            await form.press("enter", *"xyz", leave)
            assert form.place == Place.FORM
            assert form.cursor().split() == ["▶", "Name", "support"]
            assert not form.page.unsaved


async def test_tab_keeps_and_goes_on_editing_where_the_next_field_is_typed_too() -> None:
    async with form_opened() as form:
        await form.to("POP server")
        await form.press("enter", "ctrl+u", *"mail.acme.test", "tab", "ctrl+u", *"995", "tab")
        assert (form.place, form.key) == (Place.FIELD, "timeout_s")
        assert "mail.acme.test" in form.line("POP server")
        assert form.line("POP port").split()[-1] == "995"
        await form.press("shift+tab")
        assert (form.place, form.key) == (Place.FIELD, "port")
        await form.press("up")
        assert (form.place, form.key) == (Place.FORM, "server")
        await form.to("Name")
        await form.press("enter", "tab")
        assert (form.place, form.key) == (Place.FORM, "email_address")


async def test_a_paste_is_one_line() -> None:
    async with form_opened() as form:
        await form.press("enter", "ctrl+u")
        form.seat.app.post_message(events.Paste("a\nb\r\n"))
        await form.seat.pilot.pause()
        assert "a b" in form.cursor()


async def test_space_switches_a_flag_and_so_does_enter() -> None:
    async with form_opened() as form:
        await form.to("Active")
        await form.press("space")
        assert "* Active" in form.cursor()
        assert "[ ] no" in form.cursor()
        await form.press("enter")
        assert "[x] yes" in form.cursor()
        assert not form.page.unsaved


async def test_space_takes_the_next_choice_in_place_and_enter_lists_them_all() -> None:
    async with form_opened() as form:
        await form.to("Priority")
        await form.press("space")
        assert "High" in form.cursor()
        await form.press("space", "enter")
        assert [word in form.panel() for word in ("(*) Low", "( ) Medium", "( ) High")] == [
            True
        ] * 3
        await form.press("j", "escape")
        assert "Low" in form.cursor()
        await form.press("enter", "G", "enter")
        assert "High" in form.cursor()


async def test_a_set_is_chosen_by_check_marks() -> None:
    async with form_opened() as form:
        await form.to("Departments")
        await form.press("enter")
        assert "[x] root" in form.panel()
        assert "[ ] root/Support" in form.panel()
        await form.press("j", "space", "enter")
        assert "root, root/Support" in form.cursor()
        await form.press("space", "space", "j", "space", "enter")
        assert form.cursor().strip().endswith("Departments")
        assert "is required" in form.below("Departments")


async def test_an_option_tells_what_it_means() -> None:
    async with form_opened() as form:
        await form.to("Handling replies")
        await form.press("enter", "g")
        assert "iso-8859-15" in form.panel()


async def test_a_secret_is_typed_unseen_and_nothing_typed_leaves_it() -> None:
    async with form_opened() as form:
        await form.to("POP password")
        await form.press("enter", *"hunter2")
        assert "•••••••" in form.cursor()
        assert "hunter2" not in "".join(form.lines())
        await form.press("ctrl+u", "enter")
        assert "set 2026-11-03" in form.cursor()
        assert not form.page.unsaved
        await form.press("enter", *"hunter2", "enter")
        assert "new, not saved yet" in form.cursor()
        await form.press("delete")
        assert "to be cleared" in form.cursor()
        await form.press("u")
        assert "set 2026-11-03" in form.cursor()


async def test_what_is_no_secret_and_was_not_added_is_not_removed() -> None:
    async with form_opened() as form:
        await form.press("delete")
        assert "nothing here that is removed" in form.header()
        assert "support" in form.cursor()


async def test_u_brings_a_field_back_as_it_is_stored() -> None:
    async with form_opened() as form:
        await form.type("POP port", "99999")
        assert "!" in form.cursor()[:3]
        await form.press("u")
        assert form.cursor().split()[-1] == "110"
        assert not form.page.unsaved
        await form.press("u")
        assert "Nothing was changed here" in form.header()


async def test_an_error_stands_under_its_field_as_soon_as_it_is_left() -> None:
    async with form_opened() as form:
        await form.type("POP port", "99999")
        assert form.below("POP port").startswith("! POP port “99999”")
        assert "65535" in form.below("POP port")
        assert "65535" in form.inked(Ink.WARNING)
        assert "▾ Incoming  1 error  1 changed" in form.line("Incoming")
        assert "1 error  1 changed" in form.about()


async def test_an_error_below_the_last_line_in_view_comes_into_view() -> None:
    async with form_opened() as form:
        await form.press(*["j"] * 16)
        assert form.key == "tls_ca_file"
        assert "CA file" in form.lines()[-1]
        await form.press("enter", *"relative", "enter")
        assert form.lines()[-1].strip() != ""
        assert "relative" in form.cursor()
        assert "CA file “relative”" in form.below("CA file")


async def test_a_heading_folds_its_group_and_tells_how_much_is_in_it() -> None:
    async with form_opened() as form:
        await form.type("POP port", "0")
        await form.press(*["k"] * 3)
        assert form.key is None
        await form.press("enter")
        assert form.cursor().startswith("▶▸ Incoming")
        assert "9 fields  1 error  1 changed" in form.cursor()
        assert not form.shows("POP port")
        assert "Enter unfolds" in form.told()
        await form.press("space")
        assert form.shows("POP port")


async def test_what_is_disabled_is_greyed_and_says_why_at_the_cursor() -> None:
    async with form_opened() as form:
        await form.to("Outbound attachments")
        assert form.cursor().startswith("▶-")
        assert "Outbound attachments allowed needs Trusted" in form.told()
        await form.press("space")
        assert "[ ] no" in form.cursor()
        assert "needs Trusted" in form.header()
        await form.to("E-mail address")
        await form.press("enter")
        assert form.place == Place.FORM
        assert "was given when the mailbox was added" in form.header()
        await form.press("g")
        assert "box1@acme.test" in form.inked(Ink.QUIET)


async def test_the_type_reveals_hides_relabels_and_moves_the_port() -> None:
    async with form_opened() as form:
        await form.to("Authentication Type")
        await form.press("enter", *["j"] * 6, "enter")
        assert "Microsoft 365 IMAP" in form.cursor()
        assert form.line("IMAP port").split()[-1] == "993"
        assert not form.shows("password")
        assert form.shows("IMAP folder")
        await form.to("Client Secret")
        await form.to("Authentication Type")
        assert form.key == "auth_type"


async def test_the_cursor_follows_its_field_when_fields_appear_above_it() -> None:
    async with form_opened() as form:
        await form.to("Trusted")
        assert form.page.form is not None
        form.page.form.set("smtp_auth", "yes")
        form.page.refresh_form()
        assert form.key == "trusted"
        assert form.shows("SMTP Password")
        form.stage.change(1, remote=77)
        await form.seat.told()
        assert form.key == "trusted"


async def test_slash_finds_by_label_then_key_then_meaning() -> None:
    async with form_opened() as form:
        await form.press("slash", *"port")
        assert form.place == Place.SEARCH
        assert form.key == "port"
        assert "/ port" in form.footer()
        assert "1 of " in form.footer()
        await form.press("ctrl+u", *"tls_ca")
        assert form.key == "tls_ca_file"
        await form.press("ctrl+u", *"smtp")
        first = form.key
        await form.press("down")
        assert form.key != first
        await form.press("up", "enter")
        assert (form.place, form.key) == (Place.FORM, first)


async def test_escape_goes_back_to_where_the_search_began_folded_as_it_was() -> None:
    async with form_opened() as form:
        await form.press(*["tab"] * 7, "k", "enter", "g", "j", "j")
        assert form.key == "email_address"
        before = form.lines()
        await form.press("slash", *"pop user")
        assert form.key == "user"
        await form.press("escape")
        assert (form.place, form.key) == (Place.FORM, "email_address")
        assert form.lines() == before


async def test_what_is_not_found_is_told_and_moves_nothing() -> None:
    async with form_opened() as form:
        await form.press("slash", *"zzz")
        assert "nothing is called that" in form.footer()
        assert form.key == "name"
        await form.press("enter")
        assert form.key == "name"


async def test_the_help_panel_tells_of_the_field_and_of_all_keys() -> None:
    async with form_opened() as form:
        await form.type("POP port", "99999")
        await form.press("question_mark")
        assert "POP port" in form.panel()
        assert "Now: 99999" in form.panel()
        assert "Usual: 110" in form.panel()
        assert "! POP port" in form.panel()
        await form.press("G")
        assert "a page down" in form.panel()
        await form.press("question_mark")
        assert form.panel() == ""


async def test_two_lines_tell_what_the_field_means() -> None:
    async with form_opened() as form:
        await form.to("After download")
        assert form.told().startswith("Delete a message on its server once it is stored")


async def test_where_nothing_can_be_probed_t_says_so() -> None:
    async with form_opened() as form:
        await form.press("t")
        assert "Nothing is tested from here." in form.header()


async def test_narrow_and_wide_the_columns_stay() -> None:
    async with form_opened(size=(60, 15)) as form:
        assert all(len(line) <= 60 for line in form.lines())
        assert form.cursor().split() == ["▶", "Name", "support"]
        await form.seat.pilot.resize_terminal(200, 50)
        assert form.shows("Handling replies containing the euro")
        await form.seat.pilot.resize_terminal(50, 12)
        await form.seat.pilot.resize_terminal(80, 24)
        assert form.cursor().split() == ["▶", "Name", "support"]


async def test_a_long_value_scrolls_while_it_is_edited_and_is_cut_otherwise() -> None:
    async with form_opened() as form:
        await form.press("enter", "ctrl+u", *"x" * 30, *"漢字" * 10)
        assert "…" in form.cursor()
        await form.press("home")
        assert form.cursor().rstrip().endswith("…")
        await form.press("enter")
        assert form.cursor().rstrip().endswith("…")


async def test_every_key_of_the_form_is_told_where_it_works() -> None:
    async with form_opened() as form:
        assert form.footer() == (
            " Enter edit  Space toggle  / search  s save  t test  u undo  ? keys  q back"
        )
        await form.press("enter")
        assert form.footer() == (
            " Enter keep  Esc restore  Tab next field  Ctrl+S save  Ctrl+U erase all"
        )


async def test_nothing_is_lost_by_a_log_that_is_looked_at() -> None:
    async with form_opened() as form:
        await form.type("Name", "helpdesk")
        await form.press("L")
        assert form.seat.page == Place.LOG
        await form.press("q")
        assert "helpdesk" in form.line("Name")


async def test_hostile_text_does_no_harm() -> None:
    async with form_opened() as form:
        await form.press("enter", "ctrl+u", *"\x1b]0;x\x07\u202e[/nope] [x", "enter")
        assert "[/nope] [x" in form.cursor()
        assert all(character.isprintable() for line in form.lines() for character in line)


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ((), Place.FORM),
        (("enter",), Place.FIELD),
        (("slash",), Place.SEARCH),
        (("j", "j", "j", "enter"), Place.CHOICE),
    ],
)
async def test_exactly_the_declared_keys_are_bound(keys: tuple[str, ...], place: Place) -> None:
    async with form_opened() as form:
        await form.press(*keys)
        bound = form.seat.app.active_bindings.items()
        assert {key for key, active in bound if active.enabled} == set(by_key(place))
