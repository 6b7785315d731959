"""A probe that a screen follows: it runs in the desk's thread, and can be given up from here."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Final

from kana_tui.domain.errors import KanaError, NotFoundError
from kana_tui.ports.probe import Probed
from kana_tui.services.mailbox_form import MailboxForm
from kana_tui.services.probing import Plan, Probing
from kana_tui.tui.desk import Repositories
from kana_tui.tui.scene import Scene

if TYPE_CHECKING:
    from kana_tui.tui.app import KanaApp

LASTS_AT_MOST_S: Final = 3600.0
"""Each wait has its own deadline, and comes long before."""

News = Plan | Probed
MakePlan = Callable[[Probing, Repositories], Awaitable[Plan]]


def of_stored(mailbox_id: int) -> MakePlan:
    """As it is stored when the probe begins."""

    async def plan(probing: Probing, store: Repositories) -> Plan:
        stored = await store.mailboxes.get(mailbox_id)
        if stored is None or stored.mailbox.archived:
            raise NotFoundError("The mailbox was archived or deleted meanwhile.")
        return await probing.of_stored(stored.mailbox)

    return plan


def of_form(form: MailboxForm) -> MakePlan:
    """As it stands on the form now, whatever is typed later."""
    mailbox, secrets = form.mailbox(), dict(form.secrets)
    stored = None if form.stored is None else form.stored.mailbox

    async def plan(probing: Probing, _store: Repositories) -> Plan:
        return await probing.of_form(mailbox, secrets, stored)

    return plan


class ProbeRun:
    """Begun once. `told` gets the plan and then each stage, in the screen's thread; `ended`
    comes last, with a sentence where there was trouble; neither comes after `stop`."""

    def __init__(
        self,
        app: KanaApp,
        scene: Scene,
        plan: MakePlan,
        told: Callable[[News], None],
        ended: Callable[[str | None], None],
    ) -> None:
        self._app = app
        self._scene = scene
        self._plan = plan
        self._told = told
        self._ended = ended
        self._lock = threading.Lock()
        self._stopped = False
        self._stop_there: Callable[[], None] | None = None

    def begin(self) -> None:
        self._app.ask(self._run, lambda _: self._end(None), self._end, LASTS_AT_MOST_S)

    def stop(self) -> None:
        """Give it up: its connection is closed at once. May be called twice, and after its end."""
        with self._lock:
            self._stopped, there = True, self._stop_there
        if there is not None:
            there()

    async def _run(self, store: Repositories) -> None:
        """In the desk's thread."""
        probing = self._scene.probing
        if probing is None:
            raise KanaError("No login can be tested from here.")
        try:
            async with asyncio.timeout(None) as bound, probing(store) as use:
                self._can_be_stopped(bound)
                plan = await self._plan(use, store)
                self._tell(plan)
                async with aclosing(use.run(plan)) as stages:
                    async for one in stages:
                        self._tell(one)
        except TimeoutError:
            if not self._stopped:
                raise
        finally:
            with self._lock:
                self._stop_there = None

    def _can_be_stopped(self, bound: asyncio.Timeout) -> None:
        loop = asyncio.get_running_loop()

        def end() -> None:
            with suppress(RuntimeError):  # it has ended meanwhile
                bound.reschedule(loop.time())

        def stop_there() -> None:
            with suppress(RuntimeError):  # the loop has ended with the screen
                loop.call_soon_threadsafe(end)

        with self._lock:
            self._stop_there = stop_there
            if self._stopped:
                end()

    def _tell(self, news: News) -> None:
        def deliver() -> None:
            if not self._stopped:
                self._told(news)

        with suppress(RuntimeError):  # the screen has been left
            self._app.post_message(self._app.Answered(deliver))

    def _end(self, trouble: str | None) -> None:
        if not self._stopped:
            self._ended(trouble)
