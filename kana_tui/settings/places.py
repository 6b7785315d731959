"""Where things lie: config.xml, the key, the store's folder, the logs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

NAME: Final = "kana-tui"
HOME_VARIABLE: Final = "KANA_TUI_HOME"
_SQLITE: Final = "sqlite:///"


@frozen
class Places:
    """All absolute. `home`: what relative store paths are relative to; `store`: a SQLite file.

    `engine_lock` lies beside a SQLite store, so that two homes that share one
    store share its lock; with PostgreSQL, and before the settings are known, in
    the home.
    """

    home: Path
    config: Path
    key: Path
    logs: Path
    store: Path | None = None

    @property
    def engine_lock(self) -> Path:
        return (self.store.parent if self.store else self.home) / "engine.lock"

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that a first start makes, the home first."""
        return tuple(dict.fromkeys((self.home, self.config.parent, self.key.parent)))

    def with_store(self, url: str) -> Places:
        """These places for a store at `url`, as config.xml gives it."""
        if not url.startswith(_SQLITE):
            return evolve(self, store=None)
        return evolve(self, store=(self.home / url.removeprefix(_SQLITE)).resolve())


def places(home: Path | None, config: Path | None) -> Places:
    """Everything under `home` or KANA_TUI_HOME; else beside `config`; else where the system has it.

    `config` overrides where config.xml is, in any case.
    """
    home = home or _from_environment()
    if home is None and config is None:
        return _of_the_system()
    config = None if config is None else config.absolute()
    folder = config.parent if home is None and config is not None else (home or Path()).absolute()
    return Places(
        home=folder,
        config=config or folder / "config.xml",
        key=folder / "secret.key",
        logs=folder / "logs",
    )


def _from_environment() -> Path | None:
    text = os.environ.get(HOME_VARIABLE)
    return Path(text) if text else None


def _of_the_system() -> Places:
    import platformdirs  # noqa: PLC0415  # a home folder needs none

    folders = platformdirs.PlatformDirs(NAME, appauthor=False)
    return Places(
        home=folders.user_data_path,
        config=folders.user_config_path / "config.xml",
        key=folders.user_config_path / "secret.key",
        logs=folders.user_log_path,
    )
