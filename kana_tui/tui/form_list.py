"""A form as a list that one moves in: its rows, what is folded, and where the cursor is."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from kana_tui.services.forms import Entry, Form, Section
from kana_tui.tui.form_rows import Look, OnEntry, OnSection, counts, form_rows
from kana_tui.tui.form_told import told_of_entry, told_of_section
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.line import Line
from kana_tui.tui.line_editor import LineEditor
from kana_tui.tui.reading_place import ReadingPlace
from kana_tui.tui.reading_row import ListOfRows, Row

Where = tuple[Hashable, int, frozenset[str]]
"""A place in the list: what the cursor is on, the first row in view, and what is folded."""


class FormList:
    """The cursor stays with its entry, by key, whatever appears and disappears.

    `editor` edits the entry `edited`; there is one or none.
    """

    def __init__(self, form: Form, glyphs: Glyphs) -> None:
        self.form = form
        self.sections: Sequence[Section] = form.sections()
        self.folded: frozenset[str] = frozenset()
        self.editor: LineEditor | None = None
        self._edited: str | None = None
        self._glyphs = glyphs
        self._where = ReadingPlace(glyphs.cursor)
        self._rows: Sequence[Row] = ()
        self._size = (80, 18)
        self._draw()
        self.to_next_entry(1)

    @property
    def entry(self) -> Entry | None:
        """What is under the cursor; None on a heading."""
        key = self._where.key
        return self.find(key.key) if isinstance(key, OnEntry) else None

    @property
    def section(self) -> Section | None:
        """The one that the cursor is in."""
        key = self._where.key
        for section in self.sections:
            if key == OnSection(section.title):
                return section
            if isinstance(key, OnEntry) and any(e.key == key.key for e in section.entries):
                return section
        return None

    @property
    def entries(self) -> Sequence[Entry]:
        """All of them, folded away or not."""
        return [entry for section in self.sections for entry in section.entries]

    def find(self, key: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.key == key), None)

    def show(self) -> None:
        """Take over what the form is now."""
        self.sections = self.form.sections()
        if self._edited is not None and self.find(self._edited) is None:
            self.close()
        self._draw()

    def fit(self, width: int, height: int) -> None:
        if (width, height) != self._size:
            self._size = (width, height)
            self._draw()

    def view(self) -> list[Line]:
        return self._where.view()

    def counts(self) -> Line:
        return counts(self.sections)

    def told(self, width: int) -> list[Line]:
        """Of what is under the cursor, two lines."""
        entry, section, ellipsis = self.entry, self.section, self._glyphs.ellipsis
        if entry is not None:
            return told_of_entry(entry, width, ellipsis)
        if section is not None:
            return told_of_section(section, width, ellipsis, folded=section.title in self.folded)
        return []

    def move(self, steps: int) -> None:
        self._where.move(steps)

    def page(self, direction: int) -> None:
        self._where.page(direction)

    def first(self) -> None:
        self._where.first()

    def last(self) -> None:
        self._where.last()

    def to_next_entry(self, direction: int) -> None:
        """Over headings, and round about."""
        keys = [(i, row.key) for i, row in enumerate(self._rows) if isinstance(row.key, OnEntry)]
        if keys and direction > 0:
            self._where.to(next((key for i, key in keys if i > self._where.at), keys[0][1]))
        elif keys:
            before = [key for i, key in keys if i < self._where.at]
            self._where.to(before[-1] if before else keys[-1][1])

    def to(self, key: str) -> None:
        """To the entry of this key, unfolded if need be."""
        for section in self.sections:
            if any(entry.key == key for entry in section.entries):
                self.folded -= {section.title}
        self._draw()
        self._where.to(OnEntry(key))

    def fold(self) -> None:
        """Fold the section of the cursor, or unfold it; the cursor goes to its heading."""
        section = self.section
        if section is not None:
            self.folded ^= {section.title}
            self._draw()
            self._where.to(OnSection(section.title))

    def place(self) -> Where:
        """Where it is, for `restore`."""
        return self._where.key, self._where.top, self.folded

    def restore(self, place: Where) -> None:
        key, top, self.folded = place
        self._draw()
        self._where.top = top
        self._where.to(key)

    def edit(self, entry: Entry, editor: LineEditor) -> None:
        self._edited, self.editor = entry.key, editor
        self._draw()

    @property
    def edited(self) -> Entry | None:
        return None if self._edited is None else self.find(self._edited)

    def close(self) -> None:
        """The editor goes; what became of its text is not decided here."""
        self._edited = self.editor = None
        self._draw()

    def typed(self) -> None:
        """The editor has changed."""
        self._draw()

    def _draw(self) -> None:
        width, height = self._size
        look = Look(width, self._glyphs, self.folded, self._edited, self.editor)
        self._rows = form_rows(self.sections, look)
        self._where.show(ListOfRows(self._rows))
        self._where.fit(height)
