"""Changing the key file: a key more, a key less, the file whole at every moment."""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import define, field

from kana_tui.domain.errors import ConflictError, UnreachableError
from kana_tui.secrets.key_file import (
    CREDENTIALS_VARIABLE,
    KEY_BYTES,
    KEY_FILE_VARIABLE,
    KeyFile,
    load_keys,
    sync_folder,
    write_new,
)

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

_COMMENT: Final = b"#"


@define
class KeyRing:
    """The KeyRing port. Whoever changes the file holds the lock of its folder, for the file
    itself is replaced. The keys are read when it is held, and after each change."""

    _file: KeyFile
    _keys: Sequence[bytes] = field(default=(), init=False, repr=False)

    @contextmanager
    def held(self) -> Iterator[None]:
        self._refuse_foreign()
        with _locked(self._path):
            self._keys = self._read()
            yield

    def keys(self) -> Sequence[bytes]:
        return self._keys

    def put_new_first(self) -> None:
        new = base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES))

        def change(lines: list[bytes]) -> list[bytes]:
            first = next(number for number, line in enumerate(lines) if _is_key(line))
            return [*lines[:first], new + b"\n", *lines[first:]]

        self._rewrite(change)

    def remove(self, keys: Collection[bytes]) -> None:
        self._rewrite(lambda lines: [line for line in lines if line.strip() not in keys])

    def reseal(self, sealed: bytes) -> bytes | None:
        from cryptography.fernet import InvalidToken, MultiFernet  # noqa: PLC0415

        try:
            return MultiFernet([_fernet(key) for key in self._keys]).rotate(sealed)
        except InvalidToken:
            return None

    def opener(self, sealed: bytes) -> bytes | None:
        from cryptography.fernet import InvalidToken  # noqa: PLC0415

        for key in self._keys:
            with suppress(InvalidToken):
                _fernet(key).decrypt(sealed)
                return key
        return None

    @property
    def _path(self) -> Path:
        """Where the file really is: a link to it stays one."""
        return self._file.path.resolve()

    def _read(self) -> Sequence[bytes]:
        keys = load_keys(self._file)
        if keys is None:
            raise UnreachableError(
                f"The key file {self._path} is missing.", hint="Put it back from a copy."
            )
        return keys

    def _refuse_foreign(self) -> None:
        if self._file.credential:
            raise UnreachableError(
                f"The key file {self._file.path} was handed over by systemd, as a copy that nobody "
                "can change.",
                hint="Stop the unit, rotate with the file that its LoadCredential= names "
                f"({KEY_FILE_VARIABLE}=FILE, without {CREDENTIALS_VARIABLE}), as the account that "
                "owns the home, and start the unit again.",
            )

    def _rewrite(self, change: Callable[[list[bytes]], list[bytes]]) -> None:
        """The file with other lines, its mode and owner kept."""
        path = self._path
        prepared = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            before, data = path.stat(), path.read_bytes()
            lines = data.splitlines(keepends=True)
            if lines and not lines[-1].endswith(b"\n"):
                lines[-1] += b"\n"
            write_new(prepared, b"".join(change(lines)), before)
            prepared.replace(path)
            sync_folder(path.parent)
            self._keys = self._read()
        except OSError as error:
            raise UnreachableError(
                f"The key file {path} cannot be changed: {error.strerror}.",
                hint="Its folder must be writable for this account, with free space "
                f"(ls -ld {path.parent}). On a read-only file system: make it writable for as "
                f"long as this takes, or name a copy elsewhere with {KEY_FILE_VARIABLE}.",
            ) from error
        finally:
            with suppress(OSError):
                prepared.unlink()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """The lock of the folder that `path` lies in; ConflictError while another holds it."""
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def _lock(folder: int, path: Path) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ConflictError(
            f"The keys in {path} are being changed by another process.",
            hint="Try again when it has ended; fuser shows which one it is.",
        ) from None


@lru_cache(maxsize=64)
def _fernet(key: bytes) -> Fernet:
    from cryptography.fernet import Fernet  # noqa: PLC0415  # most programs change no key

    return Fernet(key)


def _is_key(line: bytes) -> bool:
    text = line.strip()
    return bool(text) and not text.startswith(_COMMENT)
