"""The key file: found, checked, read; made on the first start, and never where one is lost."""

from __future__ import annotations

import base64
import os
import secrets
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from attrs import define, field, frozen

from kana_tui.domain.errors import UnreachableError

CREDENTIALS_VARIABLE: Final = "CREDENTIALS_DIRECTORY"
"""Set by systemd for a unit with LoadCredential=secret.key:… (systemd.exec(5))."""
KEY_FILE_VARIABLE: Final = "KANA_TUI_KEY_FILE"
NAME: Final = "secret.key"
KEY_BYTES: Final = 32
_LARGEST_BYTES: Final = 64 * 1024
_HEAD: Final = (
    "# The key of kana_tui's secrets. Without it they are lost: keep a copy elsewhere.\n"
    "# A new key goes on a line before the others: the first one seals, all of them open.\n"
    "# The last one is also the audit log's: keep it.\n"
)


@frozen
class KeyFile:
    """Where the key is. `credential`: systemd handed it over, and its word on owner and mode is
    another than ours."""

    path: Path
    credential: bool = False


def find_key_file(beside_config: Path, environment: Mapping[str, str]) -> KeyFile:
    """systemd's credential, else KANA_TUI_KEY_FILE, else the one beside config.xml."""
    folder = environment.get(CREDENTIALS_VARIABLE)
    if folder and (credential := Path(folder) / NAME).exists():
        return KeyFile(credential, credential=True)
    named = environment.get(KEY_FILE_VARIABLE)
    return KeyFile(Path(named).absolute() if named else beside_config)


def load_keys(file: KeyFile) -> tuple[bytes, ...] | None:
    """The keys in `file`, the one that seals first; None if there is no file.

    UnreachableError: others could read or replace it, it cannot be read, or
    what is in it is no key.
    """
    try:
        descriptor = os.open(file.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        if file.path.is_symlink():
            raise _refused(file.path, "is a link to nothing", "Mend the link.") from None
        return None
    except OSError as error:
        raise _refused(
            file.path,
            f"cannot be read: {error.strerror}",
            f"Make it readable for this account alone (ls -l {file.path}).",
        ) from error
    try:
        _refuse_exposed(file, os.fstat(descriptor))
        text = os.read(descriptor, _LARGEST_BYTES)
    finally:
        os.close(descriptor)
    return _keys(text, file.path)


@define
class KeysOnDisk:
    """The keys of a file that others may change: read again only when the file is another one."""

    _file: KeyFile
    _seen: tuple[int, ...] | None = field(default=None, init=False)

    def changed(self) -> tuple[bytes, ...] | None:
        """The keys, where the file is another one than when it was last read here; else None.
        None too where they cannot be had just now: those that are known stay in force."""
        try:
            found = self._file.path.stat()
            seen = found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
            if seen == self._seen:
                return None
            keys = load_keys(self._file)
        except (OSError, UnreachableError):
            return None
        self._seen = seen
        return keys


def make_key(path: Path, holds_secrets: Callable[[], bool]) -> tuple[tuple[bytes, ...], bool]:
    """A new key in a new file at `path`, mode 0600, on disk, and whether it was made here: or the
    keys of whoever was first.

    UnreachableError: the store holds what only the lost key opens, or the file
    cannot be made.
    """
    if holds_secrets():
        raise UnreachableError(
            f"The key file {path} is missing, and the store holds secrets that only it opens.",
            hint="Put it back from a copy; no new key is made for these secrets.",
        )
    _refuse_exposed_folder(path.parent)
    key = base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES))
    prepared = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        write_new(prepared, _HEAD.encode() + key + b"\n")
        made = _linked(prepared, path)
    except OSError as error:
        raise UnreachableError(
            f"The key file {path} cannot be made: {error.strerror}.",
            hint=f"Its folder must be writable for this account (ls -ld {path.parent}).",
        ) from error
    finally:
        with suppress(OSError):
            prepared.unlink()
    sync_folder(path.parent)
    keys = load_keys(KeyFile(path))
    if keys is None:
        raise _refused(path, "vanished while it was made", "Start again.")
    return keys, made


def _linked(prepared: Path, path: Path) -> bool:
    """Give it its name: whole or not at all, and never in another's place (False)."""
    try:
        os.link(prepared, path)
    except FileExistsError:
        return False
    return True


def write_new(path: Path, data: bytes, like: os.stat_result | None = None) -> None:
    """A file that was not there, on disk, mode 0600, or with mode and owner of `like`."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        if like is not None:
            made = os.fstat(descriptor)
            if (made.st_uid, made.st_gid) != (like.st_uid, like.st_gid):
                os.fchown(descriptor, like.st_uid, like.st_gid)
            os.fchmod(descriptor, like.st_mode & 0o7777)
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_exposed(file: KeyFile, found: os.stat_result) -> None:
    """Refuse a key that another account could read, or put another one in its place."""
    path, mode = file.path, stat.S_IMODE(found.st_mode)
    if not stat.S_ISREG(found.st_mode):
        raise _refused(path, "is not a file", "Put a file with the key there.")
    if file.credential:
        # It is root's, and the group bits are the mask of the ACL that lets this account read it.
        if mode & 0o027:
            raise _refused(path, f"has mode {mode:04o}", "Hand it over by LoadCredential=.")
        return
    if found.st_uid != os.geteuid():
        raise _refused(
            path,
            f"belongs to another account (user ID {found.st_uid})",
            f"Run as that account, or: chown {os.geteuid()} {path}",
        )
    if mode & 0o177:
        raise _refused(path, f"has mode {mode:04o}: others may use it", f"chmod 600 {path}")
    for folder in dict.fromkeys((path.parent, path.resolve().parent)):
        _refuse_exposed_folder(folder)


def _refuse_exposed_folder(folder: Path) -> None:
    try:
        found = folder.stat()
    except OSError as error:
        raise UnreachableError(
            f"The key file's folder {folder} cannot be used: {error.strerror}.",
            hint="Create it, with mode 0700.",
        ) from error
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o022:
        raise UnreachableError(
            f"The key file's folder {folder} has mode {mode:04o}: others may write there.",
            hint=f"chmod go-w {folder}",
        )
    if found.st_uid not in (0, os.geteuid()):
        raise UnreachableError(
            f"The key file's folder {folder} belongs to another account "
            f"(user ID {found.st_uid}), which could put another key there.",
            hint=f"Run as that account, or: chown {os.geteuid()} {folder}",
        )


def _keys(data: bytes, path: Path) -> tuple[bytes, ...]:
    lines = [line.strip() for line in data.split(b"\n")]
    numbered = [(n, line) for n, line in enumerate(lines, 1) if line and not line.startswith(b"#")]
    for number, line in numbered:
        if not _is_key(line):
            raise _refused(
                path,
                f"holds something else than a key in line {number}",
                "Put the key back from a copy: 44 characters of URL-safe base64.",
            )
    if not numbered:
        raise _refused(path, "holds no key", "Put the key back from a copy.")
    return tuple(line for _, line in numbered)


def _is_key(line: bytes) -> bool:
    try:
        return len(base64.b64decode(line, altchars=b"-_", validate=True)) == KEY_BYTES
    except ValueError:
        return False


def _refused(path: Path, why: str, remedy: str) -> UnreachableError:
    return UnreachableError(f"The key file {path} {why}.", hint=remedy)
