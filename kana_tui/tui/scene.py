"""What a screen is told when it opens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from attrs import frozen
from textual.theme import Theme

from kana_tui.domain.audit import Actor
from kana_tui.domain.runway import Held
from kana_tui.domain.settings import Role, Settings
from kana_tui.ports.ca_files import CaFiles
from kana_tui.ports.clock import Clock
from kana_tui.ports.mailboxes import StoredMailbox
from kana_tui.services.overview import Snapshot
from kana_tui.services.probing import Probing
from kana_tui.services.reading import Readable
from kana_tui.services.settings_editing import SettingsEditing
from kana_tui.services.signing_in import SigningIn
from kana_tui.tui.desk import Desk, Repositories
from kana_tui.tui.feed import Source
from kana_tui.tui.glyphs import Glyphs


class Host(Protocol):
    """Whether this screen's process hosts the engine."""

    @property
    def hosting(self) -> bool: ...


@frozen
class Scene:
    """`actor`: who looks, on which node. `at`: the mailbox to open on. `story`: the demo's line.

    `may_leave_running`: whether an engine hosted here can outlive the screen.
    `role`: of who looks, as config.xml says it now.
    `trouble`: a sentence on what is wrong with this node's settings, if anything.
    `read_message`: headers and text of raw bytes; may take long, never raises.
    `editing`: how config.xml is changed; None: it is not, from here.
    `sign_in`: how somebody signs in for a mailbox, on a store; None: nobody does, from here.
    `runway`: a mailbox's credentials, from a store; None: they are not told of.
    `probing`: how a mailbox's logins are probed, on a store; None: they are not, from here.
    `ca_files`: looks at a CA file when it is given; None: only a visit does.
    `clipboard`: whether the terminal may be handed text to copy (OSC 52).
    """

    actor: Actor
    open_source: Callable[[], Source]
    desk: Desk
    clock: Clock
    host: Host
    glyphs: Glyphs
    palette: Theme
    config: Path
    log: Path
    read_message: Callable[[bytes], Readable]
    read_only: bool = False
    at: str | None = None
    story: Callable[[Snapshot], str] | None = None
    may_leave_running: bool = True
    clipboard: bool = True
    ca_files: CaFiles | None = None
    editing: SettingsEditing | None = None
    sign_in: Callable[[Repositories], AbstractAsyncContextManager[SigningIn]] | None = None
    runway: Callable[[Repositories, StoredMailbox], Awaitable[Sequence[Held]]] | None = None
    probing: Callable[[Repositories], AbstractAsyncContextManager[Probing]] | None = None
    settings: Callable[[], Settings] = Settings
    every_s: float = 1.0
    trouble: Callable[[], str | None] = lambda: None
    role: Callable[[], Role] = lambda: Role.ADMIN

    @property
    def node(self) -> str:
        return self.actor.node

    @property
    def who(self) -> str:
        return f"{self.actor.operator}@{self.actor.node}"
