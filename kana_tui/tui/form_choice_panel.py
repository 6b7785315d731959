"""What an entry can be, to choose one of, or any number."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from kana_tui.services.forms import Entry, EntryKind, Option
from kana_tui.tui.form_values import chosen, joined
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.panel import Panel
from kana_tui.tui.places import Place
from kana_tui.tui.safe import fit
from kana_tui.tui.wrapping import wrapped

_HEAD: Final = 2
_MEANING: Final = 3
"""Lines below the options: a blank, and two for what the marked one means."""
_KEYS: Final[Sequence[Line]] = (
    (),
    (Run("Space", Ink.KEY), Run(" marks  "), Run("Enter", Ink.KEY), Run(" takes")),
)


class ChoicePanel(Panel[str], inherit_bindings=False):
    """Answers with the text that the entry is to have.

    Of a CHOICE, Enter and Space take the option marked; of a SET, Space puts a
    check mark on it or takes it off, and Enter takes all that have one.
    """

    BINDINGS = bindings(Place.CHOICE)

    place = Place.CHOICE

    def __init__(self, glyphs: Glyphs, entry: Entry) -> None:
        super().__init__(glyphs)
        self._entry = entry
        self._many = entry.kind is EntryKind.SET
        self._chosen: Collection[str] = chosen(entry)
        values = [option.value for option in entry.options]
        self._marked = next((i for i, value in enumerate(values) if value in self._chosen), 0)
        self._top = 0

    @property
    def _options(self) -> Sequence[Option]:
        return self._entry.options

    def lines(self) -> Sequence[Line]:
        width = self.widest - 4
        told = any(option.meaning for option in self._options)
        below = (_MEANING if told else 0) + (len(_KEYS) if self._many else 0)
        room = max(1, self.highest - _HEAD - below)
        self._top = max(self._marked - room + 1, min(self._top, self._marked))
        shown = list(enumerate(self._options))[self._top : self._top + room]
        title = self._entry.label
        if len(shown) < len(self._options):
            title += f"  {self._marked + 1} of {len(self._options)}"
        widest = max((len(option.label) for option in self._options), default=0)
        wide = min(width, max(len(title), widest + 4) if not told else width)
        lines: list[Line] = [(Run(title, Ink.TITLE),), ()]
        lines += [(self._row(option, wide, here=i == self._marked),) for i, option in shown]
        if told:
            lines += self._meaning(width)
        return [*lines, *_KEYS] if self._many else lines

    def do_down(self) -> None:
        self._move(1)

    def do_up(self) -> None:
        self._move(-1)

    def do_page_down(self) -> None:
        self._move(self.highest - _HEAD)

    def do_page_up(self) -> None:
        self._move(_HEAD - self.highest)

    def do_first(self) -> None:
        self._move(-len(self._options))

    def do_last(self) -> None:
        self._move(len(self._options))

    def do_toggle(self) -> None:
        if not self._many:
            self.do_apply()
            return
        value = self._options[self._marked].value
        others = {one for one in self._chosen if one != value}
        self._chosen = others if value in self._chosen else {*others, value}
        self.draw()

    def do_apply(self) -> None:
        if not self._many:
            self.dismiss(self._options[self._marked].value)
            return
        self.dismiss(joined([o.value for o in self._options if o.value in self._chosen]))

    def _move(self, steps: int) -> None:
        self._marked = max(0, min(len(self._options) - 1, self._marked + steps))
        self.draw()

    def _row(self, option: Option, width: int, *, here: bool) -> Run:
        on = option.value in self._chosen
        sign = f"[{'x' if on else ' '}]" if self._many else f"({'*' if on else ' '})"
        text = fit(f"{sign} {option.label}", width, ellipsis=self._glyphs.ellipsis)
        return Run(text, Ink.CURSOR if here else Ink.PLAIN)

    def _meaning(self, width: int) -> Sequence[Line]:
        """Always of the same number of lines, so that the frame stands still."""
        told = list(wrapped(self._options[self._marked].meaning, width))[: _MEANING - 1]
        lines: list[Line] = [(), *((Run(line, Ink.QUIET),) for line in told)]
        return [*lines, *[()] * (_MEANING - len(lines))]
