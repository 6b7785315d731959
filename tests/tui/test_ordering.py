"""Orders about any subject: written only for a live engine, pending, answered, told."""

from __future__ import annotations

from kana_tui.domain.errors import UnreachableError
from kana_tui.ports.commands import CommandKind, CommandState, Order
from kana_tui.tui.orders import Given
from tests.tui.seat import Seat, seated

STOP = Order("mx1", CommandKind.STOP, receiver="r1")


class Heard:
    """What `ended` was called with."""

    def __init__(self) -> None:
        self.given: list[Given] = []

    def __call__(self, given: Given) -> None:
        self.given.append(given)


def order(seat: Seat, one: Order = STOP) -> Heard:
    heard = Heard()
    seat.app.command(one, subject="receiver:mx1/r1", name="r1", verb="stop", ended=heard)
    return heard


async def written(seat: Seat, count: int = 1) -> None:
    await seat.until(lambda: len(seat.stage.desk.commands.kept) == count)
    await seat.told()


async def test_it_is_pending_for_its_subject_alone_until_it_is_answered() -> None:
    async with seated() as seat:
        heard = order(seat)
        await written(seat)
        assert seat.app.orders.pending("receiver:mx1/r1")
        assert not seat.app.orders.pending("receiver:mx1/r2")
        assert seat.app.orders.told("receiver:mx1/r1", "…") == "stop: pending…"
        assert seat.app.orders.open_order("receiver:mx1/r1") == STOP
        assert heard.given == []
        seat.stage.desk.commands.answer(1)
        await seat.until(lambda: bool(heard.given))
        assert heard.given[0].state is CommandState.DONE
        assert not seat.app.orders.pending("receiver:mx1/r1")
        assert seat.app.orders.open_order("receiver:mx1/r1") is None
        assert "r1: stop: done" in seat.header()


async def test_the_engines_error_is_told_and_handed_on() -> None:
    async with seated() as seat:
        heard = order(seat)
        await written(seat)
        seat.stage.desk.commands.answer(1, "There is no receiver 'r1'.")
        await seat.until(lambda: bool(heard.given))
        assert heard.given[0].error == "There is no receiver 'r1'."
        assert "r1: stop: There is no receiver 'r1'." in seat.header()


async def test_without_a_live_engine_of_that_node_nothing_is_written() -> None:
    async with seated() as seat:
        heard = order(seat, Order("mx2", CommandKind.STOP, receiver="r1"))
        assert "r1: stop: No engine is live on node mx2." in seat.header()
        assert heard.given[0].state is CommandState.FAILED
        await seat.told()
        assert seat.stage.desk.commands.kept == []


async def test_what_cannot_be_written_has_failed() -> None:
    async with seated() as seat:
        seat.stage.desk.commands.refusal = UnreachableError("The disk is full.")
        heard = order(seat)
        await seat.until(lambda: bool(heard.given))
        assert heard.given[0].error == "The disk is full."


async def test_an_order_whose_engine_dies_is_withdrawn_so_that_no_later_one_does_it() -> None:
    async with seated() as seat:
        heard = order(seat)
        await written(seat)
        seat.stage.engine = False
        await seat.told()
        await seat.until(lambda: bool(heard.given))
        assert heard.given[0].error == "The engine of node mx1 is gone."
        assert seat.stage.desk.commands.kept[0].state is CommandState.FAILED


async def test_two_orders_about_one_subject_are_both_answered() -> None:
    async with seated() as seat:
        first, second = order(seat), order(seat)
        await written(seat, 2)
        seat.stage.desk.commands.answer(2)
        await seat.until(lambda: bool(second.given))
        assert first.given == []
        assert seat.app.orders.pending("receiver:mx1/r1")
        seat.stage.desk.commands.answer(1, "no")
        await seat.until(lambda: bool(first.given))
        assert seat.app.orders.told("receiver:mx1/r1", "…") == "stop: done"
