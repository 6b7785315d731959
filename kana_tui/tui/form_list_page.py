"""A form on a page: one list of all entries, with one editor for the entry being edited."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from textual import events
from textual.app import ComposeResult

from kana_tui.domain.errors import InvalidValueError
from kana_tui.domain.secret import Secret
from kana_tui.services.forms import Entry, EntryKind, Form
from kana_tui.tui.edited_line import EditedLine
from kana_tui.tui.form_choice_panel import ChoicePanel
from kana_tui.tui.form_list import FormList
from kana_tui.tui.form_search import Search
from kana_tui.tui.form_told import help_of
from kana_tui.tui.form_values import next_value
from kana_tui.tui.keys_panel import KeysPanel
from kana_tui.tui.line import Ink, Line, Lines, Run, line_cells
from kana_tui.tui.line_editor import LineEditor
from kana_tui.tui.page import Page
from kana_tui.tui.places import Place
from kana_tui.tui.scene import Scene
from kana_tui.tui.secret_file import read_secret_file

TYPED_KINDS: Final = frozenset({EntryKind.TEXT, EntryKind.SECRET})
SEARCH_WIDTH: Final = 26
"""Cells for what is searched, so that the keys beside it stand still."""


class FormListPage(EditedLine, Page, inherit_bindings=False):
    """Draws any `Form`, and gives it what is typed. `listed`: its place while nothing is.

    A page that can be opened has the bindings of that place, of FIELD and of SEARCH.
    """

    listed = Place.FORM

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._list: FormList | None = None
        self._search: Search | None = None
        self.reading = 0  # files of secrets, on their way

    @property
    def place(self) -> Place:
        if self._search is not None:
            return Place.SEARCH
        return self.listed if self._list is None or self._list.editor is None else Place.FIELD

    @property
    def form(self) -> Form | None:
        """None while there is none yet."""
        return None if self._list is None else self._list.form

    @property
    def line(self) -> LineEditor | None:
        if self._search is not None:
            return self._search.editor
        return None if self._list is None else self._list.editor

    def headline(self) -> Line:
        """What is edited, in the line above the fields."""
        raise NotImplementedError

    def without_form(self) -> Sequence[Line]:
        """Instead of the fields, while there are none."""
        return [(), (Run("   It is being read ..."),)]

    def show_form(self, form: Form) -> None:
        """This one from now on; the cursor stays where it is."""
        if self._list is None:
            self._list = FormList(form, self._scene.glyphs)
        else:
            self._list.form = form
            self._list.show()
        self.draw()

    def refresh_form(self) -> None:
        """The form has changed by itself; the cursor stays where it is."""
        if self._list is not None:
            self._list.show()
            self.draw()

    def go_to(self, key: str) -> None:
        """The entry's line, unfolded if need be."""
        if self._list is not None:
            self._list.to(key)
            self.draw()

    def body(self) -> ComposeResult:
        yield Lines(id="about")
        yield Lines(id="rows")
        yield Lines(id="details")

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self.draw)  # the body has its new height only then

    def draw(self) -> None:
        super().draw()
        if not self.is_mounted:
            return
        listed, width = self._list, self.app.size.width
        if listed is None:
            self.show("about", [self.cut(self.headline())])
            self.show("rows", self.without_form())
            self.show("details", [])
            return
        listed.fit(width, self.query_one("#rows", Lines).size.height)
        self.show("about", [self.cut((*self.headline(), *listed.counts()))])
        self.show("rows", listed.view())
        self.show("details", listed.told(width))

    def keys_line(self) -> Line:
        if self._search is None:
            return super().keys_line()
        before, under, behind = self._search.editor.view(SEARCH_WIDTH, self._scene.glyphs.ellipsis)
        typed = (Run("/ ", Ink.KEY), Run(before), Run(under, Ink.CURSOR), Run(behind))
        room = Run(" " * max(1, SEARCH_WIDTH + 2 - line_cells(typed)))
        found = self._search.told()
        return (Run(" "), *typed, room, *found, Run("  "), *super().keys_line())

    @property
    def probes(self) -> bool:
        return False

    def line_changed(self, *, text: bool) -> None:
        listed = self._list
        if listed is None:
            return
        if self._search is None:
            listed.typed()
        elif text:
            self._search.look(listed.entries)
            listed.restore(self._search.place)
            self._to_found()
        self.draw()

    def do_down(self) -> None:
        self._move(lambda listed: listed.move(1), found=1)

    def do_up(self) -> None:
        self._move(lambda listed: listed.move(-1), found=-1)

    def do_page_down(self) -> None:
        self._move(lambda listed: listed.page(1), found=1)

    def do_page_up(self) -> None:
        self._move(lambda listed: listed.page(-1), found=-1)

    def do_first(self) -> None:
        self._move(FormList.first)

    def do_last(self) -> None:
        self._move(FormList.last)

    def do_next_field(self) -> None:
        self._to_field(1)

    def do_previous_field(self) -> None:
        self._to_field(-1)

    def do_edit_field(self) -> None:
        listed = self._list
        if listed is None:
            return
        entry = listed.entry
        if entry is None:
            listed.fold()
            self.draw()
        elif entry.kind is EntryKind.FLAG:
            self.do_toggle()
        elif entry.disabled is not None:
            self._refuse_disabled(entry)
        elif entry.kind in TYPED_KINDS or not entry.options:
            self._edit(entry)
        else:
            self.with_choices(entry, lambda: self._choose(entry.key))

    def do_toggle(self) -> None:
        entry = None if self._list is None else self._list.entry
        if entry is None or entry.kind not in (EntryKind.FLAG, EntryKind.CHOICE):
            self.do_edit_field()
            return
        text = next_value(entry)
        if text is not None:
            self._change(lambda form: form.set(entry.key, text))
        elif entry.disabled is not None:
            self._refuse_disabled(entry)

    def do_restore(self) -> None:
        entry = None if self._list is None else self._list.entry
        if entry is not None and entry.new:
            self.refuse(f"{entry.label} is not stored yet: Del removes it.")
        elif entry is not None and (entry.changed or entry.error is not None):
            self._change(lambda form: form.restore(entry.key))
        else:
            self.refuse("Nothing was changed here.")

    def do_remove(self) -> None:
        entry = None if self._list is None else self._list.entry
        if entry is not None and entry.removable:
            self._change(lambda form: form.remove(entry.key))
        elif entry is not None and entry.kind is EntryKind.SECRET and entry.disabled is None:
            self._change(lambda form: form.set_secret(entry.key, None))
        else:
            self.refuse("There is nothing here that is removed by this key.")

    def do_new(self) -> None:
        """One more of what the cursor's section adds, or else the only section that adds any."""
        listed = self._list
        if listed is None:
            return
        adding = [section for section in listed.sections if section.adds is not None]
        here = [section for section in adding if section == listed.section]
        if not here and len(adding) != 1:
            self.refuse("Nothing is added to this group.")
            return
        key = listed.form.add((here or adding)[0].title)
        listed.show()
        listed.to(key)
        self.draw()

    def do_filter(self) -> None:
        if self._list is not None:
            self._search = Search(self._list.place())
            self.draw()

    def do_apply(self) -> None:
        if self._search is not None:
            self._search = None
            self.draw()
        else:
            self.keep()

    def do_keys(self) -> None:
        entry = None if self._list is None else self._list.entry
        about = () if entry is None else (entry.label, *help_of(entry))
        self.app.push_screen(
            KeysPanel(self._scene.glyphs, self.place, self.situation(), about=about)
        )

    def _move(self, step: Callable[[FormList], None], found: int = 0) -> None:
        """While one searches, from find to find; an entry being edited is kept first."""
        listed = self._list
        if listed is None:
            return
        if self._search is not None:
            self._search.turn(found)
            self._to_found()
        else:
            self.keep()
            step(listed)
        self.draw()

    def _to_found(self) -> None:
        if self._list is not None and self._search is not None and self._search.key is not None:
            self._list.to(self._search.key)

    def _to_field(self, direction: int) -> None:
        """Whoever is editing goes on with it, where the next field is typed too."""
        listed = self._list
        if listed is None:
            return
        editing = listed.editor is not None
        self.keep()
        listed.to_next_entry(direction)
        entry = listed.entry
        if editing and entry and entry.kind in TYPED_KINDS and entry.disabled is None:
            self._edit(entry)
        self.draw()

    def _edit(self, entry: Entry) -> None:
        hidden = entry.kind is EntryKind.SECRET
        if self._list is not None:
            text, mask = ("", self._scene.glyphs.mask) if hidden else (entry.text, None)
            self._list.edit(entry, LineEditor(text, mask))
            self.draw()

    def with_choices(self, entry: Entry, then: Callable[[], None]) -> None:
        """`then`, once what there is to choose from is as it is now."""
        del entry
        then()

    def _choose(self, key: str) -> None:
        entry = None if self._list is None else self._list.entry
        if entry is None or entry.key != key or self.app.screen is not self:
            return  # whoever has gone on meanwhile is not interrupted

        def answered(text: str | None) -> None:
            gone = self._list is None or self._list.find(entry.key) is None  # changed meanwhile
            if text is not None and not gone:
                self._change(lambda form: form.set(entry.key, text))

        self.app.push_screen(ChoicePanel(self._scene.glyphs, entry), answered)

    def keep(self) -> None:
        """What was typed becomes the entry's; nothing typed leaves a secret as it is."""
        listed = self._list
        if listed is None or listed.editor is None or (entry := listed.edited) is None:
            return
        text = listed.editor.text
        listed.close()
        if entry.kind is not EntryKind.SECRET:
            self._change(lambda form: form.set(entry.key, text))
        elif entry.from_file and text.startswith("@"):
            self.reading += 1
            self.run_worker(self._read_secret(entry.key, text[1:]), exit_on_error=True)
            self.draw()
        elif text:
            self._change(lambda form: form.set_secret(entry.key, Secret(text)))
        else:
            self.draw()

    async def _read_secret(self, key: str, path: str) -> None:
        try:
            secret = await read_secret_file(path)
        except InvalidValueError as error:
            self.refuse(str(error))
            return
        finally:
            self.reading -= 1
        if self.is_mounted and self._list is not None and self._list.find(key) is not None:
            self._change(lambda form: form.set_secret(key, secret))

    def _give_up(self) -> bool:
        """Whether something was being typed: then it is as if it had not been."""
        listed = self._list
        if listed is None:
            return False
        if self._search is not None:
            listed.restore(self._search.place)
            self._search = None
        elif listed.editor is not None:
            listed.close()
        else:
            return False
        self.draw()
        return True

    def _change(self, step: Callable[[Form], None]) -> None:
        if self._list is not None:
            step(self._list.form)
            self._list.show()
            self.draw()

    def _refuse_disabled(self, entry: Entry) -> None:
        self.refuse(f"{entry.label} {entry.disabled}.")
