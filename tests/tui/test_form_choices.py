"""What there is to choose from is as it is when the choice opens; what is needed has a mark."""

from __future__ import annotations

from kana_tui.domain.errors import UnreachableError
from kana_tui.tui.glyphs import ASCII
from tests.tui.form_seat import FormSeat, form_opened

MARK = "○"


async def opened(form: FormSeat, label: str) -> None:
    """The panel of this choice."""
    await form.to(label)
    await form.press("enter")
    await form.seat.until(lambda: label in form.panel())


async def test_a_queue_and_a_department_added_meanwhile_can_be_chosen() -> None:
    async with form_opened() as form:
        store = form.stage.desk.mailboxes
        store.queue_paths = [*store.queue_paths, "Returns"]
        store.department_paths = [*store.department_paths, "root/Returns"]
        await opened(form, "Default Queue")
        assert "( ) Returns" in form.panel()
        await form.press("G", "enter")
        assert form.cursor().endswith("Returns")
        await opened(form, "Departments")
        assert "[ ] root/Returns" in form.panel()


async def test_a_chosen_queue_that_was_deleted_meanwhile_is_told() -> None:
    async with form_opened() as form:
        store = form.stage.desk.mailboxes
        chosen = form.line("Default Queue").split()[-1]
        store.queue_paths = [one for one in store.queue_paths if one != chosen]
        await opened(form, "Default Queue")
        assert f"(*) {chosen} (is no queue)" in form.panel()
        await form.press("escape")
        assert f"{chosen} (is no queue)" in form.cursor()


async def test_whoever_goes_on_while_they_are_read_is_not_interrupted() -> None:
    async with form_opened() as form:
        await form.to("Default Queue")
        with form.stage.desk.held():
            await form.press("enter", "j")
            assert form.panel() == ""
        await form.seat.told()
        assert form.panel() == ""


async def test_where_they_cannot_be_read_the_choices_are_those_known() -> None:
    async with form_opened() as form:
        form.stage.desk.broken = UnreachableError("The store is away.")
        await opened(form, "Default Queue")
        assert "(*) General" in form.panel()


async def test_what_is_needed_has_a_mark_until_it_is_given() -> None:
    async with form_opened("plus") as form:
        assert form.line("Name").startswith(("▶○", " ○"))
        assert "It is needed." in form.told()
        await form.press("question_mark")
        assert "It is needed: what has this mark" in form.panel()
        await form.press("q")
        await form.type("Name", "Desk")
        assert MARK not in form.line("Name")
        marked = [line[4:30].strip() for line in form.lines() if line[1:2] == MARK]
        assert "E-mail address" in marked
        assert "Priority" not in marked
        await form.type("Name", "")
        assert form.line("Name")[1] == "!"


async def test_the_mark_has_an_ascii_form() -> None:
    async with form_opened("plus", glyphs=ASCII) as form:
        assert form.line("Name")[1] == "o"
