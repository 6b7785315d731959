"""The keys of a line being edited, for a page that has one."""

from __future__ import annotations

from collections.abc import Callable

from kana_tui.tui.line_editor import LineEditor


class EditedLine:
    """Mixed into a page; does nothing while no line is edited."""

    @property
    def line(self) -> LineEditor | None:
        """The line that is edited now."""
        raise NotImplementedError

    def line_changed(self, *, text: bool) -> None:
        """The caret was moved, or the text is another one too."""
        raise NotImplementedError

    def type(self, text: str) -> None:
        self._do(lambda line: line.type(text))

    def do_caret_left(self) -> None:
        self._do(LineEditor.left)

    def do_caret_right(self) -> None:
        self._do(LineEditor.right)

    def do_caret_home(self) -> None:
        self._do(LineEditor.home)

    def do_caret_end(self) -> None:
        self._do(LineEditor.end)

    def do_word_left(self) -> None:
        self._do(LineEditor.word_left)

    def do_word_right(self) -> None:
        self._do(LineEditor.word_right)

    def do_erase(self) -> None:
        self._do(LineEditor.erase)

    def do_erase_forward(self) -> None:
        self._do(LineEditor.erase_forward)

    def do_erase_word(self) -> None:
        self._do(LineEditor.erase_word)

    def do_erase_all(self) -> None:
        self._do(LineEditor.erase_all)

    def _do(self, step: Callable[[LineEditor], None]) -> None:
        line = self.line
        if line is not None:
            before = line.text
            step(line)
            self.line_changed(text=line.text != before)
