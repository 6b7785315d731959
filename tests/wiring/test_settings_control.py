"""config.xml changed without an engine: beside others who change it, and where it cannot be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kana_tui.domain.audit import Actor, Change
from kana_tui.domain.change_set import ChangeSet, SetValue
from kana_tui.domain.errors import InvalidSettingsError
from kana_tui.services.redeclaration import Redeclaration, UnwritableError
from kana_tui.services.settings_control import SettingsControl
from kana_tui.settings.file import ConfigFile
from kana_tui.settings.live import LiveSettings
from kana_tui.settings.reading import read_settings
from kana_tui.store.commands import SqlCommands
from kana_tui.store.open import open_store
from kana_tui.wiring.clock import SystemClock
from tests.contracts.setting import ALICE
from tests.store.memory_secret_box import MemorySecretBox
from tests.tui.config_file import CONFIG

BOB = Actor("bob", "mx1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.xml"
    path.write_text(CONFIG)
    return path


@asynccontextmanager
async def control_of(path: Path) -> AsyncIterator[SettingsControl]:
    """As another process has it: a store and a file of its own."""
    box, clock = MemorySecretBox(), SystemClock()
    async with open_store("sqlite:///kana.db", path.parent, box, clock) as store:
        live = LiveSettings(path, read_settings(path), lambda _settings: None)
        redeclaration = Redeclaration(
            ConfigFile(path, live), store.commands, store.node_settings, store.nodes, clock
        )
        yield SettingsControl(redeclaration, store.secrets, lambda: False)


def poll_interval(text: str) -> ChangeSet:
    return ChangeSet((SetValue("receivers.poll-interval", text),))


def text(path: Path) -> str:
    return path.read_text()


def by_hand(path: Path, text: str) -> None:
    path.write_text(text)


def make_unwritable(path: Path) -> None:
    """By a folder in its place, to which nobody can write, root neither."""
    folder = path.with_name("folder")
    folder.mkdir()
    path.unlink()
    path.symlink_to(folder)


async def audited(path: Path) -> list[Change | None]:
    box = MemorySecretBox()
    async with open_store("sqlite:///kana.db", path.parent, box, SystemClock()) as store:
        return [one.change for one in await store.audit.list(object_="config:mx1")]


async def test_an_edit_by_hand_at_the_same_moment_is_kept_and_the_change_made_on_top(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, edits = SqlCommands.begin, ["600", "700"]

    async def begin_and_edit(*arguments: object) -> bool:
        begun = await begin(*arguments)  # type: ignore[arg-type]
        if edits:
            by_hand(path, CONFIG.replace('high="500"', f'high="{edits.pop(0)}"'))
        return begun

    monkeypatch.setattr(SqlCommands, "begin", begin_and_edit)
    async with control_of(path) as control:
        await control.change(poll_interval("7"), ALICE)
    assert text(path) == CONFIG.replace('high="500"', 'high="700"').replace('"30"', '"7"')
    assert await audited(path) == [Change("receivers.poll-interval", "30", "7")]


async def test_of_two_who_change_at_once_none_loses_anything_and_each_is_audited(
    path: Path,
) -> None:
    async with control_of(path) as hers, control_of(path) as his:

        async def change(control: SettingsControl, actor: Actor, first: int) -> None:
            for number in range(first, first + 10):
                await control.change(poll_interval(str(number)), actor)

        await asyncio.gather(change(hers, ALICE, 100), change(his, BOB, 200))
    changes = [one for one in await audited(path) if one is not None]
    assert len(changes) == 20
    assert {one.new for one in changes} == {str(n) for n in (*range(100, 110), *range(200, 210))}
    last = read_settings(path).intake.poll_interval_s
    assert str(last) in {one.new for one in changes}


async def test_a_file_that_is_no_xml_any_more_is_refused_with_its_line(path: Path) -> None:
    async with control_of(path) as control:
        by_hand(path, "<kana-tui")
        with pytest.raises(InvalidSettingsError, match="1") as refused:
            await control.change(poll_interval("7"), ALICE)
    assert "Line 1" in str(refused.value)
    assert text(path) == "<kana-tui"


async def test_a_file_that_cannot_be_written_is_told_and_no_order_is_left(path: Path) -> None:
    async with control_of(path) as control:
        make_unwritable(path)
        with pytest.raises(UnwritableError) as refused:
            await control.change(poll_interval("7"), ALICE)
        assert refused.value.exit_code == 6
        assert await control.redeclaration.commands.pending("mx1") == []
