"""A home is made by the first command that needs it, and refused where it cannot be trusted."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from kana_tui.domain.settings import Settings
from kana_tui.settings.default import default_text
from kana_tui.settings.reading import read_settings
from tests.wiring.program import run, run_as_nobody

USAGE, NOT_FOUND, UNREACHABLE = 2, 3, 6
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another account")
NOBODY = 65534
FIRST = {"config.xml", "secret.key", "kana.db"}
SQLITES_OWN = {"kana.db-wal", "kana.db-shm"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def files(home: Path) -> set[str]:
    return {file.name for file in home.iterdir()} - SQLITES_OWN


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def add_mailbox(home: Path) -> None:
    done = run(
        "--home", home, "mailbox", "add", "--set", "name=A", "--set", "email_address=a@example.com",
        "--set", "server=localhost", "--set", "user=a", "--secret", "password", text="hunter2\n",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_first_start_makes_exactly_these_files_owner_only_and_names_them(home: Path) -> None:
    done = run("--home", home, "status")
    assert done.returncode == 0, done.stderr
    assert files(home) == FIRST
    assert mode(home) == 0o700
    assert {mode(file) for file in home.iterdir()} == {0o600}
    for name in FIRST:
        assert str(home / name) in done.stderr
    assert "Keep a copy of the key" in done.stderr
    assert (home / "config.xml").read_text() == default_text()


def test_of_many_that_start_at_once_each_thing_is_named_by_whoever_made_it(home: Path) -> None:
    with ThreadPoolExecutor(6) as starts:
        done = list(starts.map(lambda _: run("--home", home, "status"), range(6)))
    assert {one.returncode for one in done} == {0}
    told = " ".join(one.stderr.replace(",", " ").replace(".\n", " ") for one in done).split()
    for made in (home, *(home / name for name in FIRST)):
        assert told.count(str(made)) == 1, told


def test_the_second_start_makes_nothing_and_says_nothing(home: Path) -> None:
    run("--home", home, "status")
    before = {file: file.read_bytes() for file in home.iterdir() if file.name in FIRST}
    done = run("--home", home, "status")
    assert (done.returncode, done.stderr) == (0, "")
    assert {file: file.read_bytes() for file in before} == before


def test_with_json_only_the_document_is_on_standard_output(home: Path) -> None:
    done = run("--home", home, "status", "--json")
    assert json.loads(done.stdout)["mailboxes"] == []


@pytest.mark.parametrize(
    "command",
    [["--help"], ["--version"], ["config", "path"], ["config", "show"], ["run", "--help"]],
)
def test_what_needs_no_store_makes_nothing(home: Path, command: list[str]) -> None:
    done = run("--home", home, *command)
    assert done.returncode == 0, done.stderr
    assert not home.exists()


def test_validate_makes_nothing_and_does_not_find_what_is_not_there(home: Path) -> None:
    done = run("--home", home, "config", "validate")
    assert done.returncode == NOT_FOUND
    assert str(home / "config.xml") in done.stderr
    assert not home.exists()


def test_every_way_to_say_where_the_home_is(home: Path, tmp_path: Path) -> None:
    def path_of(*arguments: str | Path, **env: str) -> str:
        env["HOME"] = str(tmp_path)
        return run(*arguments, "config", "path", text="", **env).stdout.strip()

    assert path_of("--home", home) == f"{home}/config.xml"
    assert path_of(KANA_TUI_HOME=str(home)) == f"{home}/config.xml"
    assert path_of("--config", home / "my.xml") == f"{home}/my.xml"
    found = path_of(XDG_CONFIG_HOME=str(tmp_path / "cfg"))
    assert found == f"{tmp_path}/cfg/kana-tui/config.xml"


def test_with_a_config_alone_all_is_beside_it(home: Path) -> None:
    done = run("--config", home / "my.xml", "status")
    assert done.returncode == 0, done.stderr
    assert files(home) == {"my.xml", "secret.key", "kana.db"}


def test_without_a_home_all_is_where_the_system_has_such_things(tmp_path: Path) -> None:
    variables = {"XDG_CONFIG_HOME": "c", "XDG_DATA_HOME": "d", "XDG_STATE_HOME": "s"}
    env = {name: str(tmp_path / folder) for name, folder in variables.items()}
    done = run("status", text="", **env, HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "c" / "kana-tui") == {"config.xml", "secret.key"}
    assert files(tmp_path / "d" / "kana-tui") == {"kana.db"}
    assert {mode(tmp_path / folder / "kana-tui") for folder in "cd"} == {0o700}


def test_a_config_that_is_wrong_is_told_whole_before_anything_else_is_made(home: Path) -> None:
    home.mkdir(mode=0o700)
    (home / "config.xml").write_text(
        '<kana-tui version="1">\n <a/>\n <ssl enabled="x"/>\n <receivers poll-interval="0"/>\n'
        "</kana-tui>"
    )
    done = run("--home", home, "status")
    assert done.returncode == USAGE
    assert [line[:7] for line in done.stderr.splitlines()[1:]] == ["Line 2:", "Line 3:", "Line 4:"]
    assert files(home) == {"config.xml"}
    told = json.loads(run("--home", home, "status", "--json").stderr)["error"]
    assert told["code"] == "invalid_settings"
    assert "Line 4:" in told["message"]


def test_validate_says_where_a_good_file_is(home: Path) -> None:
    run("--home", home, "status")
    done = run("--home", home, "config", "validate", "--json")
    assert json.loads(done.stdout) == {"path": str(home / "config.xml"), "valid": True}


def test_show_hides_the_stores_password(home: Path) -> None:
    home.mkdir(mode=0o700)
    (home / "config.xml").write_text(
        '<kana-tui version="1"><store url="postgresql://kana:hunter2@db/kana"/></kana-tui>'
    )
    for command in (["config", "show"], ["config", "show", "--json"]):
        done = run("--home", home, *command)
        assert done.returncode == 0, done.stderr
        assert "kana:***@db" in done.stdout
        assert "hunter2" not in done.stdout + done.stderr


def test_a_key_that_others_can_read_is_refused_with_the_chmod_by_every_command(home: Path) -> None:
    run("--home", home, "status")
    key = home / "secret.key"
    key.chmod(0o644)
    for command in (["status"], ["mailbox", "list"], ["ledger"], ["run", "--once"]):
        done = run("--home", home, *command)
        assert done.returncode == UNREACHABLE, done.stderr
        assert f"chmod 600 {key}" in done.stderr
    assert mode(key) == 0o644


def test_a_key_that_is_lost_is_never_replaced_while_the_store_holds_secrets(home: Path) -> None:
    add_mailbox(home)
    key = home / "secret.key"
    kept = key.read_bytes()
    key.unlink()
    for command in (["status"], ["mailbox", "list"], ["run", "--once"]):
        done = run("--home", home, *command)
        assert done.returncode == UNREACHABLE, done.stderr
        assert f"The key file {key} is missing" in done.stderr
        assert not key.exists()
    key.write_bytes(kept)
    key.chmod(0o600)
    assert run("--home", home, "status").returncode == 0


def test_the_audit_log_alone_keeps_a_lost_key_from_being_replaced(home: Path) -> None:
    add_mailbox(home)
    assert run("--home", home, "mailbox", "delete", "A").returncode == 0
    (home / "secret.key").unlink()
    done = run("--home", home, "status")
    assert done.returncode == UNREACHABLE, done.stderr
    assert not (home / "secret.key").exists()


def test_a_store_without_secrets_gets_a_new_key(home: Path) -> None:
    run("--home", home, "status")
    (home / "secret.key").unlink()
    done = run("--home", home, "status")
    assert done.returncode == 0, done.stderr
    assert str(home / "secret.key") in done.stderr


def test_the_key_may_be_a_named_file_or_systemds_credential(home: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    done = run("--home", home, "status", KANA_TUI_KEY_FILE=str(keys / "secret.key"))
    assert done.returncode == 0, done.stderr
    assert files(home) == {"config.xml", "kana.db"}
    assert mode(keys / "secret.key") == 0o600
    (keys / "secret.key").chmod(0o400)
    done = run("--home", home, "status", CREDENTIALS_DIRECTORY=str(keys))
    assert (done.returncode, done.stderr) == (0, "")
    assert files(home) == {"config.xml", "kana.db"}


def test_a_home_below_a_file_is_told_with_its_path(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    for home in (blocked, blocked / "home", blocked / "a" / "b"):
        done = run("--home", home, "status")
        assert done.returncode == UNREACHABLE, done.stderr
        assert str(home) in done.stderr


@pytest.fixture
def others_home(home: Path) -> Iterator[Path]:
    """A home of ours that every account can get to."""
    home.mkdir(mode=0o755)
    ways = [folder for folder in home.parents if folder.stat().st_mode & 0o001 == 0]
    for folder in ways:
        folder.chmod(folder.stat().st_mode | 0o001)
    yield home
    for folder in ways:
        folder.chmod(folder.stat().st_mode & ~0o001)


@AS_ROOT
def test_a_home_that_is_not_ours_to_write_is_refused_and_left_alone(
    others_home: Path, tmp_path: Path
) -> None:
    done = run_as_nobody(tmp_path / "own", "--home", others_home, "status")
    assert done.returncode == UNREACHABLE, done.stderr
    assert str(others_home) in done.stderr
    assert list(others_home.iterdir()) == []


@AS_ROOT
def test_a_folder_where_no_home_can_be_made_is_told(others_home: Path, tmp_path: Path) -> None:
    done = run_as_nobody(tmp_path / "own", "--home", others_home / "new", "status")
    assert done.returncode == UNREACHABLE, done.stderr
    assert f"The home {others_home}/new cannot be made: Permission denied" in done.stderr


@AS_ROOT
def test_another_accounts_key_is_refused_even_by_root(home: Path) -> None:
    run("--home", home, "status")
    os.chown(home / "secret.key", NOBODY, NOBODY)
    done = run("--home", home, "status")
    assert done.returncode == UNREACHABLE
    assert "belongs to another account" in done.stderr


def test_a_home_that_others_may_write_to_is_refused(home: Path) -> None:
    run("--home", home, "status")
    home.chmod(0o777)
    done = run("--home", home, "status")
    assert done.returncode == UNREACHABLE
    assert f"chmod go-w {home}" in done.stderr


def test_a_store_of_a_newer_schema_is_refused_and_left_alone(home: Path) -> None:
    run("--home", home, "status")
    with closing(sqlite3.connect(home / "kana.db")) as store, store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in (["status"], ["mailbox", "list"], ["ledger"]):
        done = run("--home", home, *command)
        assert done.returncode == UNREACHABLE, done.stderr
        assert "9999" in done.stderr


def test_a_store_that_is_damaged_is_told_and_gets_no_new_key(home: Path) -> None:
    run("--home", home, "status")
    (home / "kana.db").write_bytes(b"this is no database" * 1000)
    for name in SQLITES_OWN:
        (home / name).unlink(missing_ok=True)
    (home / "secret.key").unlink()
    done = run("--home", home, "status")
    assert done.returncode == UNREACHABLE, done.stderr
    assert "is not a database" in done.stderr
    assert not (home / "secret.key").exists()


def test_an_absolute_store_is_where_the_config_says(home: Path, tmp_path: Path) -> None:
    home.mkdir(mode=0o700)
    (tmp_path / "data").mkdir()
    (home / "config.xml").write_text(
        f'<kana-tui version="1"><store url="sqlite:///{tmp_path}/data/mail.db"/></kana-tui>'
    )
    assert run("--home", home, "status").returncode == 0
    assert (tmp_path / "data" / "mail.db").exists()
    assert files(home) == {"config.xml", "secret.key"}
    assert read_settings(home / "config.xml") != Settings()


def test_no_secret_is_in_the_store_in_the_clear(home: Path) -> None:
    add_mailbox(home)
    assert not [file for file in home.iterdir() if b"hunter2" in file.read_bytes()]
