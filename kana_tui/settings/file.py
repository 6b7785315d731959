"""config.xml of a home, to be changed while it is in force."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from kana_tui.domain.change_set import ChangeSet
from kana_tui.domain.settings import Settings
from kana_tui.ports.settings_file import Written
from kana_tui.settings.change import carry_out
from kana_tui.settings.document import Document
from kana_tui.settings.live import LiveSettings
from kana_tui.settings.reading import read_bytes
from kana_tui.settings.writing import update


@frozen
class ConfigFile:
    """The SettingsFile port. `live`: the settings in force, which take a change up at once."""

    path: Path
    live: LiveSettings

    def current(self) -> Settings:
        self.live.look()
        return self.live.current()

    def change(self, change: ChangeSet) -> Written:
        done: list[Written] = []
        update(self.path, lambda document: done.append(carry_out(change, document, self.path)))
        self.live.look()
        return done[0]

    def foresee(self, change: ChangeSet) -> Written:
        return carry_out(change, Document(read_bytes(self.path)), self.path)
