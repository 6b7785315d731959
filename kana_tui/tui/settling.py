"""Changes of config.xml of which it is not known what became: looked at again until it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kana_tui.ports.commands import Command, CommandState
from kana_tui.services.redeclaration import Redeclaration
from kana_tui.services.settings_control import SettingsControl
from kana_tui.services.settings_editing import SettingsEditing
from kana_tui.tui.desk import Repositories
from kana_tui.tui.line import Ink
from kana_tui.tui.scene import Scene

if TYPE_CHECKING:
    from kana_tui.tui.app import KanaApp


def control_of(scene: Scene, editing: SettingsEditing, store: Repositories) -> SettingsControl:
    redeclaration = Redeclaration(
        editing.file, store.commands, store.node_settings, store.nodes, scene.clock
    )
    return SettingsControl(redeclaration, store.secrets, editing.engine_lives)


class Settling:
    """Of all pages: whoever saved may have gone on to another one."""

    def __init__(self, app: KanaApp, scene: Scene) -> None:
        self._app = app
        self._scene = scene
        self._unsettled: set[int] = set()
        self._asked_about: set[int] = set()

    def keep(self, command_id: int) -> None:
        self._unsettled.add(command_id)

    def look_again(self) -> None:
        """With each snapshot."""
        for command_id in self._unsettled - self._asked_about:
            self._ask(command_id)

    def _ask(self, command_id: int) -> None:
        scene, editing = self._scene, self._scene.editing
        if editing is None:
            return

        async def question(store: Repositories) -> Command | None:
            return await control_of(scene, editing, store).look_again(command_id)

        def then(command: Command | None) -> None:
            self._asked_about.discard(command_id)
            if command is not None:
                self._unsettled.discard(command_id)
                self._tell(command)

        def failed(_sentence: str) -> None:
            self._asked_about.discard(command_id)  # the outage is told by the feed

        self._asked_about.add(command_id)
        self._app.ask(question, then, failed)

    def _tell(self, command: Command) -> None:
        if command.state is CommandState.DONE:
            self._app.say("config.xml: it is changed, and in the audit log.", Ink.PLAIN)
        else:
            self._app.say(f"config.xml: {command.error}")
