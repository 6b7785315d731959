"""Where things lie: one home folder, or beside --config, or where the system has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kana_tui.settings.places import Places, places


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("KANA_TUI_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def test_a_home_holds_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path("/srv/kana")
    expected = Places(home, home / "config.xml", home / "secret.key", home / "logs")
    assert places(home, None) == expected
    monkeypatch.setenv("KANA_TUI_HOME", "/srv/kana")
    assert places(None, None) == expected
    assert places(Path("/other"), None).home == Path("/other")


def test_a_config_alone_has_everything_beside_it() -> None:
    found = places(None, Path("/etc/kana/main.xml"))
    folder = Path("/etc/kana")
    assert found == Places(folder, folder / "main.xml", folder / "secret.key", folder / "logs")


def test_a_config_beside_a_home_is_only_that(monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path("/srv/kana")
    expected = Places(home, Path("/etc/kana.xml"), home / "secret.key", home / "logs")
    assert places(home, Path("/etc/kana.xml")) == expected
    monkeypatch.setenv("KANA_TUI_HOME", "/srv/kana")
    assert places(None, Path("/etc/kana.xml")) == expected


def test_without_either_it_is_where_the_system_has_such_things(tmp_path: Path) -> None:
    found = places(None, None)
    assert found.config == tmp_path / ".config/kana-tui/config.xml"
    assert found.key == tmp_path / ".config/kana-tui/secret.key"
    assert found.home == tmp_path / ".local/share/kana-tui"
    assert found.logs == tmp_path / ".local/state/kana-tui/log"


def test_relative_ways_are_of_the_working_directory_and_the_store_of_the_home(
    tmp_path: Path,
) -> None:
    found = places(Path("home"), None).with_store("sqlite:///kana.db")
    assert found.home == tmp_path / "home"
    assert found.store == tmp_path / "home" / "kana.db"
    assert places(None, Path("config.xml")).home == tmp_path


def test_homes_that_share_a_store_share_its_lock(tmp_path: Path) -> None:
    store = tmp_path / "shared" / "kana.db"
    first = places(tmp_path / "a", None).with_store(f"sqlite:///{store}")
    second = places(tmp_path / "b", None).with_store("sqlite:///../shared/kana.db")
    assert first.engine_lock == second.engine_lock == tmp_path / "shared" / "engine.lock"


def test_the_lock_of_a_home_is_in_the_home(tmp_path: Path) -> None:
    found = places(tmp_path, None)
    lock = tmp_path / "engine.lock"
    assert found.engine_lock == lock
    assert found.with_store("sqlite:///kana.db").engine_lock == lock
    assert found.with_store("postgresql://db/kana").engine_lock == lock
