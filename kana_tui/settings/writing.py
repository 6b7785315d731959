"""Writing config.xml back: whole or not at all, and no byte other than what was to change."""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from kana_tui.domain.errors import (
    ConflictError,
    InvalidSettingsError,
    NotFoundError,
    UnreachableError,
)
from kana_tui.domain.settings import Settings
from kana_tui.settings.document import Document
from kana_tui.settings.reading import parse_settings, read_bytes

LOCK_WITHIN_S: Final = 5.0
_ASK_EACH_S: Final = 0.02


def update(
    path: Path, change: Callable[[Document], None], *, within_s: float = LOCK_WITHIN_S
) -> Settings:
    """Read the file again under its lock, `change` it, prove the result, put it in its place.

    The settings that are in the file now. InvalidSettingsError: it is wrong, or
    would be after the change. ConflictError: somebody else holds the lock for
    longer than `within_s`. UnreachableError: it cannot be written. In each of
    these cases the file is as it was.
    """
    path = path.resolve()  # a link stays one: what it points to is replaced
    with _locked(path, within_s) as descriptor:
        before = read_bytes(path)
        parse_settings(before, path)
        document = Document(before)
        change(document)
        settings = proven(document, path)
        if document.data != before:
            _replace(path, document.data, os.fstat(descriptor))
        return settings


def proven(document: Document, path: Path) -> Settings:
    """What the changed document says; InvalidSettingsError if that is wrong."""
    try:
        return parse_settings(document.data, path)
    except InvalidSettingsError as error:
        raise InvalidSettingsError(
            f"The change of {path} is refused; nothing was written:", error.problems
        ) from None


def create(path: Path, text: str) -> bool:
    """Make the file with mode 0600; False, and nothing done, if there is one already."""
    with _prepared(path, text.encode()) as prepared:
        try:
            os.link(prepared, path)  # unlike a rename it never takes another's place
        except FileExistsError:
            return False
    _sync_folder(path)
    return True


def _replace(path: Path, data: bytes, before: os.stat_result) -> None:
    with _prepared(path, data, before) as prepared:
        prepared.replace(path)
    with suppress(OSError):  # it is in its place: to refuse it now would be wrong
        _sync_folder(path)


@contextmanager
def _prepared(path: Path, data: bytes, like: os.stat_result | None = None) -> Iterator[Path]:
    """`data` on disk beside `path` with mode and owner of `like`; gone after the block."""
    prepared = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(prepared, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            if like is not None:
                made = os.fstat(descriptor)
                if (made.st_uid, made.st_gid) != (like.st_uid, like.st_gid):
                    os.fchown(descriptor, like.st_uid, like.st_gid)
                os.fchmod(descriptor, like.st_mode & 0o7777)
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        yield prepared
    except OSError as error:
        raise UnreachableError(
            f"{path} cannot be written: {error.strerror}.",
            hint=f"It needs free space, and a folder that is its owner's (ls -ld {path.parent}).",
        ) from error
    finally:
        with suppress(OSError):
            prepared.unlink()


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(path: Path, within_s: float) -> Iterator[int]:
    """Hold the file's lock: of the file that is at `path` once we have it, not of one replaced."""
    deadline = time.monotonic() + within_s
    while True:
        descriptor = _open(path)
        try:
            if _taken(descriptor) and _is_at(path, descriptor):
                yield descriptor
                return
        finally:
            os.close(descriptor)
        if time.monotonic() >= deadline:
            raise ConflictError(
                f"{path} is being changed by another process.",
                hint="Try again; fuser shows which one it is.",
            )
        time.sleep(_ASK_EACH_S)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        raise NotFoundError(f"There is no {path}.", hint="The first start makes one.") from None
    except OSError as error:
        raise UnreachableError(
            f"{path} cannot be written: {error.strerror}.",
            hint=f"Make it writable for this account (ls -l {path}).",
        ) from error


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
