"""A page that is a form, saved as a whole: what changed is shown first, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kana_tui.tui.action import Action
from kana_tui.tui.actions import by_key
from kana_tui.tui.form_changes_panel import Parting, parting_panel, save_panel
from kana_tui.tui.form_list_page import FormListPage
from kana_tui.tui.line import Ink
from kana_tui.tui.places import Place
from kana_tui.tui.scene import Scene


class FormPage(FormListPage, inherit_bindings=False):
    """Has its form saved by `write`, which ends in `saved` or `not_saved`; until then no key has
    an effect. `form_name`: what is saved, as panels call it."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._saving: Callable[[], None] | None = None

    @property
    def form_name(self) -> str:
        raise NotImplementedError

    @property
    def unsaved(self) -> bool:
        """Whether anything would be lost."""
        listed = self._list
        return listed is not None and (
            any(section.changes for section in listed.sections) or bool(listed.form.changes())
        )

    def write(self) -> None:
        """Have the form's changes saved; end in `saved` or `not_saved`."""
        raise NotImplementedError

    def finished(self) -> None:
        """What comes after saving by the key for it."""
        raise NotImplementedError

    def saved(self, sentence: str) -> None:
        then, self._saving = self._saving, None
        if self.is_mounted and then is not None:
            then()
        self.kana.say(sentence, Ink.PLAIN)

    def not_saved(self, sentence: str, key: str | None = None) -> None:
        """`key`: of the entry that has the sentence as its error; without one it is a toast."""
        self._saving = None
        if not self.is_mounted or self._list is None:
            return
        self._list.show()
        if key is not None:
            self._list.to(key)
            sentence = "Not saved: see what stands under the field."
        self.kana.say(sentence, on=self)
        self.draw()

    def notices(self) -> Sequence[str]:
        return (f"saving{self._scene.glyphs.dots}",) if self._saving is not None else ()

    def perform(self, action: Action) -> None:
        if self._saving is not None:
            self.refuse("It is being saved.")
        else:
            super().perform(action)

    def do_close(self) -> None:
        if self._give_up():
            return
        self.part(super().do_close)

    def do_back(self) -> None:
        if self._give_up():
            return
        self.part(super().do_back)

    def do_save(self) -> None:
        self.keep()
        listed = self._list
        if listed is None:
            return
        if not self.is_right():
            return
        if self.unsaved:

            def answered(answer: Parting | None) -> None:
                if answer is Parting.SAVE:
                    self._write(self.finished)

            title = f"Save {self.form_name}?"
            changes = listed.form.changes()
            self.app.push_screen(
                save_panel(self._scene.glyphs, title, changes, self.labels()), answered
            )
        else:
            told = "Nothing was changed: there is nothing to save."
            self.kana.say(told, Ink.PLAIN, on=self)

    def part(self, then: Callable[[], None]) -> None:
        """`then`, after a question if there is something that was not saved."""
        self._give_up()
        if self._refused_while_reading():
            return
        listed = self._list
        if listed is None or not self.unsaved:
            then()
            return

        def answered(answer: Parting | None) -> None:
            if answer is Parting.DISCARD:
                then()
            elif answer is Parting.SAVE:
                self.save_now(then)

        title = f"{self.form_name} has unsaved changes. Leave?"
        changes = listed.form.changes()
        self.app.push_screen(
            parting_panel(self._scene.glyphs, title, changes, self.labels()), answered
        )

    def labels(self) -> dict[str, str]:
        """What people call the fields, by key."""
        listed = self._list
        entries = () if listed is None else listed.entries
        return {e.key: f"{e.label} ({e.unit})" if e.unit else e.label for e in entries}

    def is_right(self) -> bool:
        """Whether it can be saved; otherwise the cursor goes to what is wrong first."""
        listed = self._list
        if listed is None or self._refused_while_reading():
            return False
        wrong = listed.form.check()
        listed.show()
        if wrong is not None:
            listed.to(wrong)
            count = sum(section.errors for section in listed.sections)
            fields = "1 field is" if count == 1 else f"{count} fields are"
            self.kana.say(f"Not saved: {fields} wrong.", on=self)
        self.draw()
        return wrong is None

    def _refused_while_reading(self) -> bool:
        """What is still on its way would be lost, or be saved without having been shown."""
        if self.reading:
            self.refuse("A secret's file is still being read.")
        return bool(self.reading)

    def save_now(self, then: Callable[[], None]) -> None:
        """Without another question, if nothing is wrong; `then` comes once it is saved."""
        if self.is_right():
            self._write(then)

    def _write(self, then: Callable[[], None]) -> None:
        """Every way to save leads through here: whoever may not press `s` saves by none of them."""
        refusal = by_key(Place.FORM)["s"].refusal(self.situation())
        if refusal is not None:
            self.refuse(refusal)
            return
        self._saving = then
        self.draw()
        self.write()
