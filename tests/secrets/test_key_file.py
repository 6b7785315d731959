"""The key file: only its owner's, made once, and never in the place of one that is lost (F65)."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kana_tui.domain.errors import UnreachableError
from kana_tui.secrets.key_file import KeyFile, find_key_file, load_keys, make_key

KEYS = [base64.urlsafe_b64encode(bytes([number]) * 32) for number in (1, 2)]
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


def written(folder: Path, text: bytes = KEYS[0] + b"\n", mode: int = 0o600) -> Path:
    path = folder / "secret.key"
    path.write_bytes(text)
    path.chmod(mode)
    return path


def load(path: Path) -> tuple[bytes, ...] | None:
    return load_keys(KeyFile(path))


def no_secrets() -> bool:
    return False


def test_a_first_key_is_owner_only_and_read_again_as_it_was_made(folder: Path) -> None:
    path = folder / "secret.key"
    old = os.umask(0)
    try:
        keys, made = make_key(path, no_secrets)
        assert made
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(keys) == 1
    assert load(path) == keys
    assert [file.name for file in folder.iterdir()] == ["secret.key"]


def test_the_key_is_on_disk_before_anything_is_sealed_with_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    real_sync, real_link = os.fsync, os.link

    def sync(descriptor: int) -> None:
        seen.append("sync")
        real_sync(descriptor)

    def link(source: Path, target: Path) -> None:
        seen.append("link")
        real_link(source, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "link", link)
    make_key(folder / "secret.key", no_secrets)
    assert seen == ["sync", "link", "sync"]


def test_no_key_is_made_while_the_store_holds_secrets(folder: Path) -> None:
    path = folder / "secret.key"
    with pytest.raises(UnreachableError, match="is missing, and the store holds secrets") as told:
        make_key(path, lambda: True)
    assert str(path) in told.value.message
    assert told.value.exit_code == 6
    assert list(folder.iterdir()) == []


def test_whoever_makes_a_key_second_gets_the_first_ones(folder: Path) -> None:
    path = folder / "secret.key"
    first, _ = make_key(path, no_secrets)
    assert make_key(path, no_secrets) == (first, False)


def test_many_first_starts_at_once_agree_on_one_key(folder: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "from kana_tui.secrets.key_file import make_key\n"
        "print(make_key(pathlib.Path(sys.argv[1]), lambda: False)[0][0].decode())"
    )
    command = [sys.executable, "-c", script, str(folder / "secret.key")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    assert len({process.communicate()[0] for process in running}) == 1
    assert [file.name for file in folder.iterdir()] == ["secret.key"]


def test_a_disk_that_fails_leaves_no_key_at_all(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    for call in ("fsync", "link"):
        with monkeypatch.context() as patched:
            patched.setattr(os, call, full)
            with pytest.raises(UnreachableError, match="cannot be made: No space left"):
                make_key(folder / "secret.key", no_secrets)
        assert list(folder.iterdir()) == []


def test_no_key_file_is_none(folder: Path) -> None:
    assert load(folder / "secret.key") is None


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o602, 0o700, 0o660])
def test_a_looser_mode_is_refused_with_the_chmod_to_run(folder: Path, mode: int) -> None:
    path = written(folder, mode=mode)
    with pytest.raises(UnreachableError, match=f"has mode {mode:04o}") as told:
        load(path)
    assert told.value.hint == f"chmod 600 {path}"
    assert told.value.exit_code == 6


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_owner_only_is_accepted(folder: Path, mode: int) -> None:
    assert load(written(folder, mode=mode)) == (KEYS[0],)


@AS_ROOT
def test_a_key_of_another_account_is_refused(folder: Path) -> None:
    path = written(folder)
    os.chown(path, 12345, 12345)
    with pytest.raises(UnreachableError, match=r"belongs to another account \(user ID 12345\)"):
        load(path)


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777, 0o1777])
def test_a_folder_that_others_may_write_to_is_refused(folder: Path, mode: int) -> None:
    path = written(folder)
    folder.chmod(mode)
    with pytest.raises(UnreachableError, match="others may write there") as told:
        load(path)
    assert told.value.hint == f"chmod go-w {folder}"
    path.unlink()
    with pytest.raises(UnreachableError, match="others may write there"):
        make_key(path, no_secrets)
    assert not path.exists()


@AS_ROOT
def test_a_folder_of_another_account_is_refused(folder: Path) -> None:
    path = written(folder)
    os.chown(folder, 12345, 12345)
    with pytest.raises(UnreachableError, match="could put another key there"):
        load(path)


def test_a_link_is_followed_and_both_folders_are_looked_at(folder: Path, tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir(mode=0o700)
    (folder / "secret.key").symlink_to(written(real))
    assert load(folder / "secret.key") == (KEYS[0],)
    real.chmod(0o777)
    with pytest.raises(UnreachableError, match=str(real)):
        load(folder / "secret.key")


def test_a_link_to_nothing_is_refused_and_not_written_through(folder: Path) -> None:
    (folder / "secret.key").symlink_to(folder / "gone")
    with pytest.raises(UnreachableError, match="is a link to nothing"):
        load(folder / "secret.key")


def test_what_is_no_file_is_refused(folder: Path) -> None:
    (folder / "secret.key").mkdir()
    with pytest.raises(UnreachableError, match="is not a file"):
        load(folder / "secret.key")
    os.mkfifo(folder / "pipe", 0o600)
    with pytest.raises(UnreachableError, match="is not a file"):
        load(folder / "pipe")


def test_several_keys_stand_one_a_line_in_their_order(folder: Path) -> None:
    text = b"# new\r\n" + KEYS[1] + b"\r\n\n# old\n  " + KEYS[0]
    assert load(written(folder, text)) == (KEYS[1], KEYS[0])


@pytest.mark.parametrize("text", [b"", b"\n# nothing\n"])
def test_a_file_without_a_key_is_refused(folder: Path, text: bytes) -> None:
    with pytest.raises(UnreachableError, match="holds no key"):
        load(written(folder, text))


@pytest.mark.parametrize(
    "wrong", [b"hunter2", KEYS[0][:-4], KEYS[0] + b"AAAA", b"\xff\0", b"?" * 44]
)
def test_what_is_no_key_is_told_by_its_line_and_not_repeated(folder: Path, wrong: bytes) -> None:
    with pytest.raises(UnreachableError, match="something else than a key in line 2") as told:
        load(written(folder, KEYS[0] + b"\n" + wrong + b"\n"))
    assert wrong.decode("latin-1") not in str(told.value)


def test_systemds_credential_comes_first_then_the_named_file_then_the_one_beside_config_xml(
    tmp_path: Path,
) -> None:
    beside, named = tmp_path / "home" / "secret.key", tmp_path / "named.key"
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    environment = {"CREDENTIALS_DIRECTORY": str(credentials), "KANA_TUI_KEY_FILE": str(named)}
    assert find_key_file(beside, {}) == KeyFile(beside)
    assert find_key_file(beside, environment) == KeyFile(named)
    (credentials / "secret.key").touch()
    assert find_key_file(beside, environment) == KeyFile(
        credentials / "secret.key", credential=True
    )


@pytest.mark.parametrize(
    ("mode", "accepted"), [(0o400, True), (0o440, True), (0o444, False), (0o460, False)]
)
def test_a_credential_has_the_mode_that_systemd_gives_it(
    folder: Path, mode: int, *, accepted: bool
) -> None:
    file = KeyFile(written(folder, mode=mode), credential=True)
    if accepted:
        assert load_keys(file) == (KEYS[0],)
        return
    with pytest.raises(UnreachableError, match=f"has mode {mode:04o}"):
        load_keys(file)
