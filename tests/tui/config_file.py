"""A real config.xml for the screen that edits it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from kana_tui.domain.secret import SecretMark
from kana_tui.services.settings_editing import SettingsEditing
from kana_tui.settings.file import ConfigFile
from kana_tui.settings.live import LiveSettings
from kana_tui.settings.reading import read_settings
from kana_tui.settings.settings_form import ConfigForm

CONFIG: Final = """\
<kana-tui version="1">
  <!-- Ann's -->
  <receivers poll-interval="30">
    <receiver name="r1" priority="high"/> <!-- urgent -->
    <receiver name="r2" priority="low"/>
  </receivers>
  <watermarks low="100" high="500"/>
</kana-tui>
"""


class Config:
    """config.xml in a folder of its own; `live`: an engine has its lock."""

    def __init__(self, path: Path, *, live: bool = False, text: str = CONFIG) -> None:
        self.path = path
        self.live = live
        path.write_text(text)
        self.settings = LiveSettings(path, read_settings(path), lambda _settings: None)
        self.file = ConfigFile(self.path, self.settings)

    @property
    def text(self) -> str:
        return self.path.read_text()

    @property
    def editing(self) -> SettingsEditing:
        return SettingsEditing(self.file, ConfigForm, lambda: self.live)

    def by_hand(self, old: str, new: str) -> None:
        assert old in self.text
        self.path.write_text(self.text.replace(old, new))
        self.settings.look()


class NoPassword:
    """As much of the SecretStore port as opening the form needs: none is set."""

    async def mark(self, _owner: str, _key: str) -> SecretMark | None:
        return None
