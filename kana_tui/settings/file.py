"""config.xml of a home, to be changed while it is in force."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from kana_tui.domain.change_set import ChangeSet
from kana_tui.domain.errors import KanaError
from kana_tui.domain.settings import Settings
from kana_tui.ports.settings_file import MovedOnError, Standing, Written
from kana_tui.settings.change import carry_out
from kana_tui.settings.document import Document
from kana_tui.settings.live import LiveSettings
from kana_tui.settings.reading import parse_settings, read_bytes
from kana_tui.settings.standing import digest, standing
from kana_tui.settings.writing import update


@frozen
class ConfigFile:
    """The SettingsFile port. `live`: the settings in force, which take a change up at once."""

    path: Path
    live: LiveSettings

    def current(self) -> Settings:
        self.live.look()
        return self.live.current()

    def change(self, change: ChangeSet, foreseen: Written | None = None) -> Written:
        done: list[Written] = []

        def write(document: Document) -> None:
            if foreseen is not None and digest(document.data) != foreseen.before:
                raise MovedOnError(
                    f"{self.path} was changed by somebody else at the same moment: nothing was "
                    "written.",
                    hint="Give it again.",
                )
            done.append(carry_out(change, document, self.path))

        update(self.path, write)
        self.live.look()
        return done[0]

    def foresee(self, change: ChangeSet) -> Written:
        data = read_bytes(self.path)
        parse_settings(data, self.path)  # what is no XML at all makes no document
        return carry_out(change, Document(data), self.path)

    def standing(self, foreseen: Written) -> Standing:
        try:
            return standing(foreseen, read_bytes(self.path), self.path)
        except KanaError:
            return Standing.UNCLEAR
