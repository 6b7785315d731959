"""The screen's own access to the store: elsewhere, on first use, with a deadline."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from kana_tui.domain.errors import NotFoundError, UnreachableError
from kana_tui.ports.commands import CommandKind, CommandState, Order
from kana_tui.store.store import Store
from kana_tui.tui.desk import Desk, Repositories
from kana_tui.wiring.home import Home, open_home
from kana_tui.wiring.screen_store import ScreenStore
from tests.wiring.invocations import invocation_of
from tests.wiring.program import run

PATIENCE_S = 30.0


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """With a store in it, as the engine or `status` makes one."""
    assert run("--home", tmp_path / "home", "status").returncode == 0
    return open_home(invocation_of(tmp_path / "home"))


@pytest.fixture
def desk(home: Home) -> Iterator[ScreenStore]:
    made = ScreenStore(home)
    yield made
    made.close()


async def mailboxes(store: Repositories) -> int:
    return len(await store.mailboxes.all())


def test_it_is_a_desk(desk: ScreenStore) -> None:
    taken: Desk = desk
    assert taken.ask(mailboxes).result(PATIENCE_S) == 0


def test_a_question_is_answered_in_another_thread(desk: ScreenStore) -> None:
    async def where(_store: Store) -> str:
        return threading.current_thread().name

    assert desk.ask(where).result(PATIENCE_S) == "desk"


def test_questions_are_answered_side_by_side_on_one_store(desk: ScreenStore) -> None:
    met = [asyncio.Event(), asyncio.Event()]

    def meet(mine: int) -> Future[int]:
        async def question(store: Store) -> int:
            met[mine].set()
            await met[1 - mine].wait()
            return id(store)

        return desk.ask(question)

    first, second = meet(0), meet(1)
    assert first.result(PATIENCE_S) == second.result(PATIENCE_S)


def test_what_is_written_is_there_for_everybody(desk: ScreenStore, home: Home) -> None:
    order = Order("mx1", CommandKind.NOW, receiver="r1")
    given = desk.ask(lambda store: store.commands.request(order, invocation_of(Path()).actor))
    command = given.result(PATIENCE_S)
    other = ScreenStore(home)
    try:
        found = other.ask(lambda store: store.commands.get(command.id)).result(PATIENCE_S)
    finally:
        other.close()
    assert found is not None
    assert found.state is CommandState.PENDING


def test_an_error_is_the_answer_and_the_next_question_does_not_suffer(desk: ScreenStore) -> None:
    order = Order("mx1", CommandKind.NOW, mailbox_id=77)
    refused = desk.ask(lambda store: store.commands.request(order, invocation_of(Path()).actor))
    with pytest.raises(NotFoundError, match="no mailbox 77"):
        refused.result(PATIENCE_S)

    async def fault(_store: Store) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        desk.ask(fault).result(PATIENCE_S)
    assert desk.ask(mailboxes).result(PATIENCE_S) == 0


def test_an_answer_that_is_late_is_an_error_of_the_store(desk: ScreenStore) -> None:
    async def forever(_store: Store) -> None:
        await asyncio.Event().wait()

    with pytest.raises(UnreachableError, match=r"did not answer within 0\.01 seconds"):
        desk.ask(forever, within_s=0.01).result(PATIENCE_S)


def test_a_store_that_is_not_there_is_never_made_and_is_opened_once_it_is(
    desk: ScreenStore, home: Home
) -> None:
    store = home.places.store
    assert store is not None
    away = store.with_name("away.db")
    store.rename(away)
    with pytest.raises(UnreachableError, match="is not there"):
        desk.ask(mailboxes).result(PATIENCE_S)
    assert not store.exists()
    away.rename(store)
    assert desk.ask(mailboxes).result(PATIENCE_S) == 0


def test_another_file_in_its_place_is_opened_anew(
    desk: ScreenStore, home: Home, tmp_path: Path
) -> None:
    store = home.places.store
    assert store is not None

    async def itself(store: Store) -> Store:
        return store

    before = desk.ask(itself).result(PATIENCE_S)
    assert run("--home", tmp_path / "other", "status").returncode == 0
    for name in ("kana.db-wal", "kana.db-shm"):
        (store.parent / name).unlink(missing_ok=True)
    (tmp_path / "other" / "kana.db").replace(store)
    assert desk.ask(itself).result(PATIENCE_S) is not before
    assert desk.ask(mailboxes).result(PATIENCE_S) == 0


def test_closing_gives_up_what_is_unanswered(desk: ScreenStore) -> None:
    asked = threading.Event()

    async def forever(_store: Store) -> None:
        asked.set()
        await asyncio.Event().wait()

    waiting = desk.ask(forever, within_s=PATIENCE_S)
    assert asked.wait(PATIENCE_S)
    desk.close()
    with pytest.raises(UnreachableError, match="screen was left"):
        waiting.result(PATIENCE_S)
    assert desk.ask(mailboxes).cancelled()


def test_nothing_is_begun_before_the_first_question(home: Home) -> None:
    before = set(threading.enumerate())
    desk = ScreenStore(home)
    desk.close()
    assert set(threading.enumerate()) == before
