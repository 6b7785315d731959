"""Screen 8: config.xml as a form, saved by the engine, or directly where none lives."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from kana_tui.domain.errors import KanaError
from kana_tui.domain.secret import SecretMark
from kana_tui.domain.settings import Settings
from kana_tui.services.overview import Snapshot
from kana_tui.services.receivers import CONFIRMED_WITHIN_S
from kana_tui.services.sending import PASSWORD_OF
from kana_tui.services.settings_control import STORED_WITHIN_S, UnsettledError
from kana_tui.services.settings_editing import SettingsEditing, SettingsForm
from kana_tui.tui.desk import Repositories
from kana_tui.tui.form_page import FormPage
from kana_tui.tui.header import Outage
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.panel import Answer, QuestionPanel
from kana_tui.tui.places import Place
from kana_tui.tui.scene import Scene
from kana_tui.tui.settling import control_of
from kana_tui.tui.top_page import TopPage

SAVED_WITHIN_S: Final = CONFIRMED_WITHIN_S + 4 * STORED_WITHIN_S
"""The engine's answer, and the writing around it."""


@frozen
class _Now:
    """What config.xml says, and since when the sender's password is set."""

    settings: Settings
    password: SecretMark | None


@frozen
class _Saved:
    values: int
    now: _Now


@frozen
class _Refused:
    """`now`: what is in force instead."""

    error: KanaError
    now: _Now


class SettingsPage(FormPage, TopPage, inherit_bindings=False):
    """The form stays on what it was opened on while something is unsaved: whoever saves then is
    told what was changed meanwhile, and decides."""

    BINDINGS = bindings(Place.SETTINGS, Place.FIELD, Place.SEARCH)

    top = listed = Place.SETTINGS

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._settings_form: SettingsForm | None = None
        self._now: _Now | None = None
        self._trouble = None if scene.editing else "It cannot be changed from here."
        self._asking = False

    @property
    def lasting(self) -> bool:
        """What was given up does not come back."""
        return not self.unsaved

    @property
    def form_name(self) -> str:
        return "config.xml"

    def headline(self) -> Line:
        return (Run(" config.xml", Ink.TITLE), Run(f"  {self._scene.config}"))

    def without_form(self) -> Sequence[Line]:
        if self._trouble is None:
            return super().without_form()
        return [(), (Run(f"   {self._trouble}", Ink.WARNING),)]

    def notices(self) -> Sequence[str]:
        told = [*super().notices()]
        if self._is_stale():
            told.append("config.xml was changed meanwhile: what you see is older")
        return told

    def on_mount(self) -> None:
        super().on_mount()
        self._ask()

    def take(self, news: Snapshot | Outage) -> None:
        outdated = self._is_stale() and not self.unsaved and self.line is None
        if self._settings_form is None or outdated:
            self._ask()
        super().take(news)

    def do_close(self) -> None:
        """Nothing lies over it that could be closed, but a line being typed."""
        self._give_up()

    def finished(self) -> None:
        """It stays, on what is in force now."""
        if self._now is not None:
            self._show(self._now)

    def write(self) -> None:
        form, editing, scene = self._settings_form, self._scene.editing, self._scene
        if form is None or editing is None:
            return
        change, password, seen = form.change_set(), form.new_password, form.password

        async def question(store: Repositories) -> _Saved | _Refused:
            control = control_of(scene, editing, store)
            try:
                changes = await control.save(change, password, scene.actor)
            except KanaError as error:
                return _Refused(error, await _read_if_possible(editing, store, seen))
            return _Saved(len(changes), await _read(editing, store))

        self.kana.ask(question, self._written, self.not_saved, SAVED_WITHIN_S)

    def _written(self, answer: _Saved | _Refused) -> None:
        if isinstance(answer, _Saved):
            self._now = answer.now
            values = "1 value is" if answer.values == 1 else f"{answer.values} values are"
            self.saved(f"config.xml: {values} changed and in force.")
            return
        unsettled = isinstance(answer.error, UnsettledError)
        if isinstance(answer.error, UnsettledError):
            self.kana.settling.keep(answer.error.command_id)
        title = "Not known" if unsettled else "Not saved"
        told = "what became of it is not known" if unsettled else "not saved, or not all of it"
        self.not_saved(f"config.xml: {told}.")
        if not self.is_mounted:
            return
        if self._settings_form is not None:
            self._settings_form.follow(answer.now.settings, answer.now.password)
            self.refresh_form()
        panel: QuestionPanel[None] = QuestionPanel(
            self._scene.glyphs, title, str(answer.error).splitlines(), [Answer("Back", None)]
        )
        self.app.push_screen(panel)

    def _is_stale(self) -> bool:
        """Whether config.xml says something else than what the form began with."""
        form = self._settings_form
        return form is not None and self._scene.settings() != form.settings

    def _ask(self) -> None:
        """Read the file, and whether there is a password."""
        editing = self._scene.editing
        if editing is None or self._asking or not self.is_mounted:
            return
        self._asking = True
        self.kana.ask(lambda store: _read(editing, store), self._opened, self._fail)

    def _opened(self, now: _Now) -> None:
        self._asking = False
        if self.is_mounted and not self.unsaved and self.line is None:
            self._show(now)

    def _show(self, now: _Now) -> None:
        editing = self._scene.editing
        if editing is not None:
            self._trouble = None
            self._settings_form = editing.form(now.settings, now.password)
            self.show_form(self._settings_form)

    def _fail(self, sentence: str) -> None:
        """Tried again with the next snapshot."""
        self._asking, self._trouble = False, sentence
        if self.is_mounted:
            self.draw()


async def _read(editing: SettingsEditing, store: Repositories) -> _Now:
    password = await store.secrets.mark(*PASSWORD_OF)
    return _Now(await asyncio.to_thread(editing.file.current), password)


async def _read_if_possible(
    editing: SettingsEditing, store: Repositories, seen: SecretMark | None
) -> _Now:
    """What is in force after a refusal, which may have come when a part was written already.

    With a store that is away, the password is the one `seen` so far.
    """
    try:
        return await _read(editing, store)
    except KanaError:
        return _Now(await asyncio.to_thread(editing.file.current), seen)
