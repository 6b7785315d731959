"""The key file is changed whole: its comments, mode and owner stay, and so does a link to it."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from kana_tui.domain.errors import ConflictError, UnreachableError
from kana_tui.secrets.key_file import KeyFile, KeysOnDisk, load_keys, make_key
from kana_tui.secrets.key_ring import KeyRing


def key(number: int) -> bytes:
    return base64.urlsafe_b64encode(bytes([number]) * 32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    found = tmp_path / "secret.key"
    make_key(found, lambda: False)
    return found


def rotated(path: Path) -> None:
    ring = KeyRing(KeyFile(path))
    with ring.held():
        ring.put_new_first()


def test_comments_and_order_stay_and_the_new_key_is_first(path: Path) -> None:
    before = b"# ours\n\n" + key(1) + b"\n# the oldest\n" + key(2)
    path.write_bytes(before)
    rotated(path)
    lines = path.read_bytes().splitlines()
    assert lines == [b"# ours", b"", lines[2], key(1), b"# the oldest", key(2)]
    assert load_keys(KeyFile(path)) == (lines[2], key(1), key(2))


def test_a_key_is_removed_and_nothing_else(path: Path) -> None:
    path.write_bytes(b"# ours\n" + b"\n".join(key(n) for n in (1, 2, 3)) + b"\n")
    ring = KeyRing(KeyFile(path))
    with ring.held():
        ring.remove([key(2)])
        assert ring.keys() == (key(1), key(3))
    assert path.read_bytes() == b"# ours\n" + key(1) + b"\n" + key(3) + b"\n"


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_mode_and_owner_stay(path: Path, mode: int) -> None:
    path.chmod(mode)
    if os.geteuid() == 0:
        os.chown(path, 0, 12345)
    before = path.stat()
    rotated(path)
    after = path.stat()
    assert after.st_ino != before.st_ino
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode,
        before.st_uid,
        before.st_gid,
    )


def test_a_link_stays_one(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.key"
    link.symlink_to(path)
    rotated(link)
    assert link.is_symlink()
    assert len(load_keys(KeyFile(path)) or ()) == 2


def test_nothing_is_left_beside_the_file(path: Path) -> None:
    rotated(path)
    assert [one.name for one in path.parent.iterdir()] == ["secret.key"]


def test_what_systemd_handed_over_is_not_for_us_to_change(path: Path) -> None:
    ring = KeyRing(KeyFile(path, credential=True))
    with pytest.raises(UnreachableError, match="handed over by systemd") as caught, ring.held():
        ring.put_new_first()
    assert "LoadCredential=" in (caught.value.hint or "")
    assert "KANA_TUI_KEY_FILE=FILE" in (caught.value.hint or "")


def test_a_file_system_without_room_leaves_the_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnreachableError, match="No space left") as caught:
        rotated(path)
    assert str(path.parent) in (caught.value.hint or "")
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["secret.key"]


def test_one_holder_at_a_time(path: Path) -> None:
    one, other = KeyRing(KeyFile(path)), KeyRing(KeyFile(path))
    with one.held(), pytest.raises(ConflictError, match="another process"), other.held():
        pass
    with other.held():
        pass


def test_no_key_is_told_by_a_ring(path: Path) -> None:
    ring = KeyRing(KeyFile(path))
    with ring.held():
        assert all(one.decode() not in repr(ring) for one in (load_keys(KeyFile(path)) or ()))


def test_a_file_that_was_replaced_is_read_again_and_only_then(path: Path) -> None:
    source = KeysOnDisk(KeyFile(path))
    assert source.changed() == load_keys(KeyFile(path))
    assert source.changed() is None
    rotated(path)
    assert len(source.changed() or ()) == 2
    assert source.changed() is None


def test_a_file_that_cannot_be_read_just_now_changes_nothing(path: Path) -> None:
    source = KeysOnDisk(KeyFile(path))
    source.changed()
    path.chmod(0o644)
    path.write_bytes(key(1))
    assert source.changed() is None
    path.chmod(0o600)
    assert source.changed() == (key(1),)
    path.unlink()
    assert source.changed() is None
