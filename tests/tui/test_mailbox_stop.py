"""`x` on a mailbox: its field Active is edited, audited, after a question where that stops it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from kana_tui.domain.audit import Change
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Role
from kana_tui.store.store import Store
from tests.contracts.setting import ALICE
from tests.mailboxes import mailbox_values
from tests.tui.seat import Seat, seated
from tests.tui.stage import Stage, mailbox
from tests.tui.store_desk import StoreDesk


class World:
    """One mailbox, in a store and on the board."""

    def __init__(self, seat: Seat, desk: StoreDesk) -> None:
        self.seat = seat
        self.desk = desk

    def active(self) -> bool:
        async def ask(store: Store) -> bool:
            stored = await store.mailboxes.get(1)
            assert stored is not None
            return bool(stored.mailbox.values()["active"])

        return self.desk.done(ask)

    def changes(self) -> list[tuple[str, Change | None]]:
        async def ask(store: Store) -> list[tuple[str, Change | None]]:
            entries = await store.audit.list(object_="mailbox:1")
            return [(one.operator, one.change) for one in entries if one.action == "edit"]

        return self.desk.done(ask)


@asynccontextmanager
async def on_board(home: Path, *, active: bool = True, **own: Any) -> AsyncIterator[World]:
    stage = Stage((mailbox(1, "Support", 512, active=active),))
    desk = StoreDesk(home, stage.clock)

    async def add(store: Store) -> None:
        values = mailbox_values(name="Support", active=active)
        await store.mailboxes.add(values, {"password": Secret("hunter2")}, ALICE)

    desk.done(add)
    async with seated(stage, desk=desk, **own) as seat:
        yield World(seat, desk)


async def test_stopping_asks_naming_the_mailbox_with_the_focus_on_cancel(tmp_path: Path) -> None:
    async with on_board(tmp_path) as world:
        await world.seat.press("x")
        assert "Stop downloading from Support?" in world.seat.panel()
        assert "512 messages wait there." in " ".join(world.seat.panel().replace("│", " ").split())
        assert "[Cancel]" in world.seat.panel()
        await world.seat.press("enter")
        assert world.seat.panel() == ""
        assert world.active()


async def test_after_a_yes_it_is_inactive_and_that_is_audited(tmp_path: Path) -> None:
    async with on_board(tmp_path) as world:
        await world.seat.press("x", "right", "enter")
        await world.seat.until(lambda: "Support: stopped" in world.seat.header())
        assert not world.active()
        assert world.changes() == [("alice", Change("active", "yes", "no"))]


async def test_starting_does_not_ask(tmp_path: Path) -> None:
    async with on_board(tmp_path, active=False) as world:
        await world.seat.press("x")
        assert world.seat.panel() == ""
        await world.seat.until(lambda: "Support: started" in world.seat.header())
        assert world.active()
        assert world.changes() == [("alice", Change("active", "no", "yes"))]


async def test_one_that_was_stopped_elsewhere_meanwhile_is_told(tmp_path: Path) -> None:
    async with on_board(tmp_path) as world:
        await world.seat.press("x", "right", "enter")
        await world.seat.until(lambda: "Support: stopped" in world.seat.header())
        await world.seat.press("x", "right", "enter")
        await world.seat.until(lambda: "Support: was stopped already" in world.seat.header())
        assert len(world.changes()) == 1


async def test_it_works_on_the_detail_page(tmp_path: Path) -> None:
    async with on_board(tmp_path) as world:
        await world.seat.press("enter")
        assert world.seat.page == "mailbox"
        await world.seat.press("x", "right", "enter")
        await world.seat.until(lambda: not world.active())


@pytest.mark.parametrize(
    ("own", "why"),
    [
        ({"read_only": True}, "This screen is read-only (--read-only)."),
        ({"role": lambda: Role.OPERATOR}, "You are operator; this needs the role admin."),
    ],
    ids=["read-only", "operator"],
)
async def test_who_may_not_is_told_why(tmp_path: Path, own: dict[str, Any], why: str) -> None:
    async with on_board(tmp_path, **own) as world:
        await world.seat.press("x")
        assert why in world.seat.header()
        assert world.active()
