"""Gives an order to an engine: written down by its port, waited for, and told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kana_tui.ports.commands import Command, Order
from kana_tui.tui.desk import Repositories
from kana_tui.tui.line import Ink
from kana_tui.tui.orders import Given
from kana_tui.tui.scene import Scene

if TYPE_CHECKING:
    from kana_tui.tui.app import KanaApp

Ended = Callable[[Given], None]


class Ordering:
    """Of all pages; what is known of the orders is in `app.orders`."""

    def __init__(self, app: KanaApp, scene: Scene) -> None:
        self._app = app
        self._scene = scene
        self._asked_about: set[int] = set()
        self._ended: dict[int, Ended] = {}

    def give(
        self, order: Order, *, subject: str, name: str, verb: str, ended: Ended | None = None
    ) -> None:
        """Without a live engine of its node nothing is written: it has failed at once.

        `ended` is called once, when the engine has answered or the order has failed.
        """
        app, actor = self._app, self._scene.actor
        number = app.orders.give(order, subject, name, verb).number
        if ended is not None:
            self._ended[number] = ended
        if not self._lives(order.node):
            self._tell(app.orders.failed(number, f"No engine is live on node {order.node}."))
            return
        app.ask(
            lambda store: store.commands.request(order, actor),
            lambda command: app.orders.written(number, command),
            lambda sentence: self._tell(app.orders.failed(number, sentence)),
        )
        app.draw()

    def ask_for_answers(self) -> None:
        """With each snapshot, whether the engines have answered: an answer is a write, too."""
        for given in self._app.orders.waiting():
            if given.command_id is not None and given.number not in self._asked_about:
                self._asked_about.add(given.number)
                self._ask_for_answer(given.number, given.command_id, given.order.node)

    def _ask_for_answer(self, number: int, command_id: int, node: str) -> None:
        app = self._app
        lives = self._lives(node)

        async def ask(store: Repositories) -> Command | None:
            if not lives:  # what was given up here must not be carried out by a later engine
                await store.commands.withdraw(command_id, f"The engine of node {node} is gone.")
            return await store.commands.get(command_id)

        def then(command: Command | None) -> None:
            self._asked_about.discard(number)
            ended = app.orders.answered(number, command)
            if ended is not None:
                self._tell(ended)

        def failed(_sentence: str) -> None:
            self._asked_about.discard(number)  # the outage is told by the feed

        app.ask(ask, then, failed)

    def _lives(self, node: str) -> bool:
        known = self._app.snapshot
        return known is not None and any(n.live and n.row.name == node for n in known.nodes)

    def _tell(self, given: Given) -> None:
        told = f"{given.name}: {given.told(self._scene.glyphs.dots)}"
        self._app.say(told, Ink.PLAIN if given.error is None else Ink.WARNING)
        ended = self._ended.pop(given.number, None)
        if ended is not None:
            ended(given)
