"""The settings in force while config.xml may be edited at any time."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kana_tui.domain.errors import InvalidSettingsError, KanaError
from kana_tui.domain.settings import Settings
from kana_tui.settings.reading import read_settings

LOOK_EACH_S: Final = 1.0
"""A change must be in force within 5 s."""

Stamp = tuple[int, int, int, int] | None

_UNREAD: Final = (-1, -1, -1, -1)
"""The stamp of no file."""


class LiveSettings:
    """The file's settings, read again when it has changed; a file that is wrong changes nothing.

    `problem` is what is wrong with the file now, for people to be told;
    `on_problem` is given each once. `on_change` is given what comes into force.
    """

    def __init__(
        self,
        path: Path,
        settings: Settings,
        on_change: Callable[[Settings], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._settings = settings
        self._on_change = on_change
        self._monotonic = monotonic
        self._look_at = monotonic() + LOOK_EACH_S
        self._stamp = _stamp(path)
        self.problem: KanaError | None = None
        self.on_problem: Callable[[KanaError], None] = lambda _error: None

    def current(self) -> Settings:
        """The settings in force; looks at the file once a second at most."""
        now = self._monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_EACH_S
            self.look()
        return self._settings

    def look(self) -> None:
        """Take up what the file says now."""
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        try:
            settings = read_settings(self._path)
        except KanaError as error:
            # What was not read may become readable while the file stays as it is.
            self._stamp = stamp if isinstance(error, InvalidSettingsError) else _UNREAD
            before, self.problem = self.problem, error
            if before is None or str(before) != str(error):
                self.on_problem(error)
            return
        self._stamp = stamp
        self._on_change(settings)
        self._settings, self.problem = settings, None


def _stamp(path: Path) -> Stamp:
    """What differs once a file was written to, replaced, or given other rights; None: it cannot
    be seen."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
