"""config.xml being edited, as a screen sees it: a form that knows what saving it would order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from attrs import frozen

from kana_tui.domain.change_set import ChangeSet
from kana_tui.domain.secret import SecretMark
from kana_tui.domain.settings import Settings
from kana_tui.ports.settings_file import SettingsFile
from kana_tui.services.forms import Form
from kana_tui.services.settings_control import NewPassword


class SettingsForm(Form, Protocol):
    """On the values that were read when it was opened, until `follow`."""

    @property
    def settings(self) -> Settings:
        """Those that it began with."""
        ...

    @property
    def password(self) -> SecretMark | None:
        """The sender's, as it was read."""
        ...

    @property
    def new_password(self) -> NewPassword | None:
        """The sender's password that was given here, instead of the one seen; None: none was."""
        ...

    def change_set(self) -> ChangeSet:
        """What saving orders: each value with what it was. Without what is wrong: see `check`."""
        ...

    def follow(self, settings: Settings, password: SecretMark | None) -> None:
        """The file says something else now: what was changed here stays, on top of that."""
        ...


@frozen
class SettingsEditing:
    """What a screen edits config.xml with. `form`: of these settings, and the sender's password.

    `engine_lives`: whether this node's engine does, which then is who writes the file.
    """

    file: SettingsFile
    form: Callable[[Settings, SecretMark | None], SettingsForm]
    engine_lives: Callable[[], bool]
