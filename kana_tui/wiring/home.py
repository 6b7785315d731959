"""The home: where things lie, the settings in force, and the key; made on the first start."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import field, frozen

from kana_tui.domain.errors import NotFoundError, UnreachableError
from kana_tui.domain.settings import Settings
from kana_tui.domain.visible import visible
from kana_tui.ports.settings_file import SettingsFile
from kana_tui.secrets.box import FernetBox
from kana_tui.secrets.key_file import KeyFile, KeysOnDisk, find_key_file, load_keys, make_key
from kana_tui.secrets.redaction import Redactor
from kana_tui.settings.keys import values_of
from kana_tui.settings.live import LiveSettings
from kana_tui.settings.places import Places, places
from kana_tui.settings.reading import read_settings
from kana_tui.settings.shown import secrets_in, shown_settings
from kana_tui.wiring.invocation import Invocation


@frozen
class Home:
    """What every program that works with the store is given."""

    places: Places
    log_level: str
    redactor: Redactor
    secret_box: FernetBox
    live: LiveSettings = field(repr=False)

    @property
    def settings(self) -> Settings:
        """Those in force now: an edit of config.xml counts within 5 s."""
        return self.live.current()

    @property
    def settings_file(self) -> SettingsFile:
        """config.xml, to be changed."""
        from kana_tui.settings.file import ConfigFile  # noqa: PLC0415  # most commands only read

        return ConfigFile(self.places.config, self.live)


def open_home(invocation: Invocation) -> Home:
    """The home, its config.xml and its key, each made if there is none yet.

    What is made is named on standard error. InvalidSettingsError: config.xml is
    wrong. UnreachableError: the home cannot be written, or the key is refused.
    """
    found = places(invocation.home, invocation.config)
    made: list[Path] = []
    redactor = Redactor()

    def learn(settings: Settings) -> None:
        for secret in secrets_in(settings):
            redactor.learn(secret)

    try:
        made += [folder for folder in found.folders if _make_folder(folder)]
        settings = _settings(found.config, made)
        learn(settings)
        keys = _keys(found, settings.store_url, made)
    finally:
        tell_made(made)
    return Home(
        places=found.with_store(settings.store_url),
        log_level=invocation.log_level,
        redactor=redactor,
        secret_box=FernetBox(keys, redactor, KeysOnDisk(key_file(found))),
        live=LiveSettings(found.config, settings, learn),
    )


def settings_path(home: Path | None, config: Path | None) -> Path:
    """Where config.xml is, or would be made."""
    return places(home, config).config


def validate_settings(home: Path | None, config: Path | None) -> Path:
    """The path of config.xml once it has been read without a mistake; makes nothing."""
    path = settings_path(home, config)
    read_settings(path)
    return path


def effective_settings(home: Path | None, config: Path | None) -> dict[str, Any]:
    """The settings as a document, defaults filled in, secrets hidden; makes nothing."""
    return shown_settings(_effective(home, config))


def effective_values(home: Path | None, config: Path | None) -> list[tuple[str, str]]:
    """The same by keys, as config.xml writes them."""
    return [(value.key, value.text) for value in values_of(_effective(home, config))]


def _effective(home: Path | None, config: Path | None) -> Settings:
    try:
        return read_settings(settings_path(home, config))
    except NotFoundError:
        return Settings()


def tell_made(made: list[Path]) -> None:
    """Name on standard error what a first start has made."""
    if made:
        told = ", ".join(visible(str(path)) for path in made)
        sys.stderr.write(f"Made {told}.\n")
        if any(path.name == "secret.key" for path in made):
            sys.stderr.write("Keep a copy of the key elsewhere: without it all secrets are lost.\n")


def _make_folder(folder: Path) -> bool:
    """Make it with mode 0700; False if it is there already. UnreachableError: not usable."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        made = True
    except FileExistsError:
        made = False
    except OSError as error:
        raise UnreachableError(
            f"The home {folder} cannot be made: {error.strerror}.",
            hint="Name a folder that this account may write to with --home DIR.",
        ) from error
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise UnreachableError(
            f"The home {folder} is no folder that this account can write to.",
            hint=f"Look at it (ls -ld {folder}), or name another one with --home DIR.",
        )
    return made


def _settings(path: Path, made: list[Path]) -> Settings:
    try:
        return read_settings(path)
    except NotFoundError:
        from kana_tui.settings.default import default_text  # noqa: PLC0415  # once in a life
        from kana_tui.settings.writing import create  # noqa: PLC0415

        if create(path, default_text()):
            made.append(path)
        return read_settings(path)


def key_file(found: Places) -> KeyFile:
    """Where the keys are: handed over by systemd, named in the environment, or at home."""
    return find_key_file(found.key, os.environ)


def _keys(found: Places, store_url: str, made: list[Path]) -> tuple[bytes, ...]:
    file = key_file(found)
    keys = load_keys(file)
    if keys is None:
        keys, made_here = make_key(file.path, _holds_sealed(store_url, found.home))
        if made_here:
            made.append(file.path)
    return keys


def _holds_sealed(store_url: str, home: Path) -> Callable[[], bool]:
    def ask() -> bool:
        from kana_tui.store.location import locate  # noqa: PLC0415
        from kana_tui.store.sealed import holds_sealed  # noqa: PLC0415  # loads SQLAlchemy

        return holds_sealed(locate(store_url, home))

    return ask
