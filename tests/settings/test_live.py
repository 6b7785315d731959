"""An edit of config.xml counts soon; a wrong one leaves the old settings in force."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from attrs import define, field

from kana_tui.domain.errors import InvalidSettingsError, NotFoundError, UnreachableError
from kana_tui.domain.settings import Settings
from kana_tui.settings.live import LOOK_EACH_S, LiveSettings
from kana_tui.settings.reading import read_settings
from tests.settings.config import config


@define
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    def pass_a_look(self) -> None:
        self.now += LOOK_EACH_S


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.xml"
    path.write_text(config())
    return path


@define
class Told:
    intervals: list[int] = field(factory=list)

    def __call__(self, settings: Settings) -> None:
        self.intervals.append(settings.intake.poll_interval_s)


def live_settings(path: Path, clock: Clock, told: Told | None = None) -> LiveSettings:
    return LiveSettings(path, read_settings(path), told or Told(), clock)


def interval(live: LiveSettings) -> int:
    return live.current().intake.poll_interval_s


def edit(path: Path, inside: str) -> None:
    path.write_text(config(inside))


def test_an_edit_is_in_force_after_the_next_look(path: Path) -> None:
    clock = Clock()
    live = live_settings(path, clock)
    edit(path, '<receivers poll-interval="7"/>')
    assert interval(live) == 30
    clock.pass_a_look()
    assert interval(live) == 7
    assert live.problem is None


def test_a_wrong_edit_leaves_the_old_in_force_and_is_told_until_it_is_mended(path: Path) -> None:
    clock = Clock()
    live = live_settings(path, clock)
    edit(path, '<receivers poll-interval="0"/>')
    clock.pass_a_look()
    assert interval(live) == 30
    assert isinstance(live.problem, InvalidSettingsError)
    edit(path, '<receivers poll-interval="12"/>')
    clock.pass_a_look()
    assert interval(live) == 12
    assert live.problem is None


def test_a_file_that_is_gone_leaves_the_old_in_force(path: Path) -> None:
    clock = Clock()
    live = live_settings(path, clock)
    path.unlink()
    clock.pass_a_look()
    assert interval(live) == 30
    assert isinstance(live.problem, NotFoundError)
    edit(path, "")
    clock.pass_a_look()
    assert interval(live) == 30
    assert live.problem is None


def test_what_comes_into_force_is_told_once_and_what_is_wrong_never(path: Path) -> None:
    clock, told = Clock(), Told()
    live = live_settings(path, clock, told)
    for inside in ('<receivers poll-interval="7"/>', "<wrong/>", '<receivers poll-interval="99"/>'):
        edit(path, inside)
        for _ in range(2):
            clock.pass_a_look()
            live.current()
    assert told.intervals == [7, 99]


def test_each_problem_is_told_once_and_again_after_it_was_mended(path: Path) -> None:
    clock, problems = Clock(), list[str]()
    live = live_settings(path, clock)
    live.on_problem = lambda error: problems.append(str(error))
    for inside in ("<wrong/>", "<wrong/> ", "<worse/>", "", "<worse/>"):
        edit(path, inside)
        for _ in range(2):
            clock.pass_a_look()
            live.current()
    assert ["wrong" in problem for problem in problems] == [True, False, False]


def test_what_was_written_here_is_in_force_without_waiting_for_a_look(path: Path) -> None:
    live = live_settings(path, Clock())
    edit(path, '<receivers poll-interval="7"/>')
    live.look()
    assert interval(live) == 7


@pytest.mark.parametrize("why", [errno.EACCES, errno.EMFILE])
def test_what_could_not_be_read_is_read_as_soon_as_it_can_be(
    path: Path, monkeypatch: pytest.MonkeyPatch, why: int
) -> None:
    def refused(*_: object) -> int:
        raise OSError(why, os.strerror(why))

    clock = Clock()
    live = live_settings(path, clock)
    edit(path, '<receivers poll-interval="7"/>')
    with monkeypatch.context() as now:
        now.setattr(os, "open", refused)
        clock.pass_a_look()
        assert interval(live) == 30
    assert isinstance(live.problem, UnreachableError)
    clock.pass_a_look()
    assert interval(live) == 7
    assert live.problem is None


def test_a_file_that_comes_back_as_it_was_is_no_problem_any_more(path: Path) -> None:
    clock = Clock()
    live = live_settings(path, clock)
    away = path.with_suffix(".away")
    path.rename(away)
    clock.pass_a_look()
    live.current()
    assert isinstance(live.problem, NotFoundError)
    away.rename(path)
    clock.pass_a_look()
    live.current()
    assert live.problem is None


def test_an_edit_that_keeps_size_and_time_of_writing_is_seen(path: Path) -> None:
    edit(path, '<receivers poll-interval="7"/>')
    written = path.stat()
    clock = Clock()
    live = live_settings(path, clock)
    while path.stat().st_ctime_ns == written.st_ctime_ns:  # its clock ticks in milliseconds
        edit(path, '<receivers poll-interval="9"/>')
    os.utime(path, ns=(written.st_atime_ns, written.st_mtime_ns))
    clock.pass_a_look()
    assert interval(live) == 9
