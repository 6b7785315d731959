"""A login followed step by step: each is handed over as it ends, however the login ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

from kana_tui.domain.certificate import Certificate
from kana_tui.domain.errors import MailError
from kana_tui.domain.visible import visible
from kana_tui.mail.trace import Trace
from kana_tui.ports.probe import Direction, Probed, ProbeStage

REMEDIES: Final = {
    ProbeStage.DNS: "Check the server's name, and this host's DNS.",
    ProbeStage.TCP: "Check server and port, and whether a firewall stands between.",
    ProbeStage.TLS: "Check the port, and what the server's log says of the handshake.",
    ProbeStage.GREETING: "Check that the port is the one of this protocol, and the server's log.",
    ProbeStage.CAPABILITIES: "Check port and type: the server does not answer as it should.",
    ProbeStage.TOKEN: "Check the OAuth 2.0 fields, and sign in again where somebody has to.",
    ProbeStage.LOGIN: "Check user and secret, and what the server's log says of this login.",
    ProbeStage.COUNT: "The login itself worked: check the folder, and the server's log.",
    ProbeStage.SMTP_TLS: "Check the SMTP port, and the kind of TLS that it speaks.",
    ProbeStage.SMTP_LOGIN: "Check SMTP user and password, and the server's log.",
    ProbeStage.MAIL_FROM: "Check with the server's administrator that this address may send.",
}
"""Of a failure that knows none of its own."""

Login = Callable[[Trace], Awaitable[None]]


class Steps:
    """A Trace that hands each step to `ended`, each name once.

    A login that is made again, on another connection, is all part of the step
    that failed before: what its first steps tell is left out.
    """

    def __init__(self, direction: Direction, ended: Callable[[Probed], None]) -> None:
        self._direction = direction
        self._hand_over = ended
        self._clock = asyncio.get_running_loop().time
        self._stage: ProbeStage | None = None
        self._since_s = self._clock()
        self._told: list[str] = []
        self._certificate: Certificate | None = None
        self._ended: set[ProbeStage] = set()
        self._again = False

    def begin(self, stage: ProbeStage) -> None:
        self._again = stage in self._ended
        if self._again or stage is self._stage:
            return
        self.finish()
        self._stage, self._since_s, self._told = stage, self._clock(), []
        self._certificate = None

    def tell(self, detail: str) -> None:
        if not self._again:
            self._told.append(detail)

    def accepted(self, certificate: Certificate | None) -> None:
        if not self._again:
            self._certificate = certificate

    def finish(self) -> None:
        """The step that is under way has worked."""
        if self._stage is not None:
            self._end(self._stage, "; ".join(self._told))
            self._stage = None

    def fail(self, error: MailError) -> None:
        """The step that is under way has not worked; it is the last one."""
        stage = self._stage or ProbeStage.DNS
        self._end(stage, error.message, error.hint or REMEDIES[stage])

    def _end(self, stage: ProbeStage, detail: str, hint: str | None = None) -> None:
        seconds = self._clock() - self._since_s
        self._ended.add(stage)
        ok, remedy = hint is None, None if hint is None else visible(hint)
        told, shown = visible(detail), self._certificate
        self._hand_over(Probed(self._direction, stage, ok, seconds, told, remedy, shown))


async def followed(direction: Direction, log_in: Login) -> AsyncGenerator[Probed, None]:
    """The steps of `log_in`, each as it ends. Closing the iterator ends the login at once."""
    ended: asyncio.Queue[Probed | None] = asyncio.Queue()
    steps = Steps(direction, ended.put_nowait)
    login = asyncio.create_task(_whole(log_in, steps))
    login.add_done_callback(lambda _: ended.put_nowait(None))
    try:
        while (one := await ended.get()) is not None:
            yield one
        await login  # a fault of ours is raised here
    finally:
        login.cancel()
        await asyncio.wait({login})


async def _whole(log_in: Login, steps: Steps) -> None:
    try:
        await log_in(steps)
    except MailError as error:
        steps.fail(error)
    else:
        steps.finish()
