"""What leaves the engine: alerts as letters, and letters by SMTP."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from attrs import frozen

from kana_tui.engine.alerter import Alerter
from kana_tui.engine.sender import Sender
from kana_tui.mail.letter import compose
from kana_tui.mail.smtp_sender import SmtpMailSender
from kana_tui.ports.tokens import Tokens
from kana_tui.services.alerting import Alerting, AlertingPorts
from kana_tui.services.overview import Snapshot
from kana_tui.services.proving import Proving, RelayProving
from kana_tui.services.sending import Sending, SendingPorts
from kana_tui.store.store import Store
from kana_tui.wiring.clock import SystemClock
from kana_tui.wiring.command import open_reader, overview_of
from kana_tui.wiring.home import Home


@frozen
class Outlets:
    """Workers of the engine."""

    alerter: Alerter
    sender: Sender

    async def finish(self) -> None:
        """All that is due now, once: alerts first, since they become letters."""
        await self.alerter.finish()
        await self.sender.finish()


@asynccontextmanager
async def outlets(home: Home, store: Store, tokens: Tokens, node: str) -> AsyncIterator[Outlets]:
    """The workers, with a reader of the overview of their own."""
    clock = SystemClock()
    reader = await asyncio.to_thread(open_reader, home)
    overview = overview_of(home, reader)

    thread = ThreadPoolExecutor(1, "alerter")  # of its own: alerts wait for nobody else's work

    async def snapshot() -> Snapshot:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(thread, overview.snapshot, home.settings, clock.now())

    alerting = AlertingPorts(store.notifications, store.mailboxes, snapshot, compose, clock)
    chance = random.SystemRandom().random
    proving = RelayProving(Proving(store.proofs, clock), store.mailboxes)
    sender = SmtpMailSender(tokens, proving.met)
    sending = SendingPorts(store.outbox, sender, store.secrets, clock, chance, store.mailboxes)
    written = asyncio.Event()
    try:
        yield Outlets(
            Alerter(Alerting(alerting, lambda: home.settings), written),
            Sender(Sending(sending, lambda: home.settings, node), written),
        )
    finally:
        thread.shutdown(wait=False, cancel_futures=True)
        reader.close()
