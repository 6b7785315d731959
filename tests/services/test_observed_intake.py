"""What intake tells its observer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping

import pytest
from attrs import define, field

from kana_tui.domain.errors import LostLeaseError, MailError, Stage
from kana_tui.domain.intake import Outcome
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.settings import Settings
from kana_tui.mail.header import read_envelope
from kana_tui.services.intake import IntakePorts, MailboxIntake
from kana_tui.services.visit import Bounds
from kana_tui.store.store import Store
from tests.contracts.setting import ALICE, SetClock, add_mailbox
from tests.services.memory_mail import MemoryServer

ADDRESS = "support@acme.test"
RAW = b"Subject: hello\r\n\r\nHello.\r\n"


@define
class Ear:
    """Implements `IntakeObserver`: remembers."""

    outcomes: Counter[tuple[str, Outcome]] = field(factory=Counter)
    sizes: Counter[str] = field(factory=Counter)
    visits_s: list[float] = field(factory=list)
    failures: list[tuple[str, Stage]] = field(factory=list)

    def stored(self, mailbox: str, outcomes: Mapping[Outcome, int], size_bytes: int) -> None:
        self.outcomes.update({(mailbox, outcome): count for outcome, count in outcomes.items()})
        self.sizes[mailbox] += size_bytes

    def visited(self, seconds: float) -> None:
        self.visits_s.append(seconds)

    def failed(self, mailbox: str, stage: Stage) -> None:
        self.failures.append((mailbox, stage))


class Desk:
    """A mailbox with its server, and intake that is listened to."""

    def __init__(self, store: Store, clock: SetClock, mailbox: Mailbox) -> None:
        self.store, self.clock, self.mailbox = store, clock, mailbox
        self.server, self.ear = MemoryServer(), Ear()
        self.intake = MailboxIntake(
            IntakePorts(
                mailboxes=store.mailboxes,
                intake=store.intake,
                depths=store.depths,
                source=self.server,
                read_envelope=read_envelope,
                clock=clock,
                observer=self.ear,
            )
        )

    async def visit(self) -> None:
        await self.intake.visit(self.mailbox, Settings(), "mx1/r1", Bounds())

    async def sample(self) -> None:
        await self.intake.sample(self.mailbox, Settings(), "mx1/sampler")


@pytest.fixture
async def desk(store: Store, clock: SetClock) -> Desk:
    return Desk(store, clock, await add_mailbox(store))


async def test_what_is_committed_is_told_with_its_bytes(desk: Desk) -> None:
    desk.server.deliver(RAW, RAW + b"more\r\n")
    await desk.visit()
    assert desk.ear.outcomes == {(ADDRESS, Outcome.STORED): 2}
    assert desk.ear.sizes == {ADDRESS: 2 * len(RAW) + 6}
    assert desk.ear.failures == []


async def test_a_visit_is_told_with_its_length(desk: Desk) -> None:
    desk.server.deliver(RAW)
    desk.server.before_fetch = lambda _uid: _take(desk.clock, 7)
    await desk.visit()
    assert desk.ear.visits_s == [7.0]


async def test_what_was_committed_before_a_failure_is_told_too(desk: Desk) -> None:
    desk.server.deliver(RAW, RAW)
    desk.server.fail_at = {b"2": MailError(Stage.DOWNLOAD, "No.")}
    await desk.visit()
    assert desk.ear.outcomes == {(ADDRESS, Outcome.STORED): 1}
    assert desk.ear.failures == [(ADDRESS, Stage.DOWNLOAD)]
    assert len(desk.ear.visits_s) == 1


async def test_a_refused_login_is_told_of_a_visit_and_of_a_look(desk: Desk) -> None:
    desk.server.fail_login = MailError(Stage.LOGIN, "No.", refused_credentials=True)
    await desk.visit()
    await desk.sample()
    assert desk.ear.failures == [(ADDRESS, Stage.LOGIN)] * 2


async def test_a_look_is_no_visit(desk: Desk) -> None:
    await desk.sample()
    assert desk.ear == Ear()


async def test_a_visit_that_lost_its_lease_is_still_told(desk: Desk) -> None:
    desk.server.deliver(RAW)
    async with asyncio.TaskGroup() as tasks:
        removals: list[asyncio.Task[object]] = []

        def remove(_uid: bytes) -> None:
            removal = desk.store.mailboxes.remove(desk.mailbox.id, ALICE, archive=True)
            removals.append(tasks.create_task(removal))

        desk.server.before_fetch = remove
        with pytest.raises(LostLeaseError):
            await desk.visit()
    assert removals
    assert len(desk.ear.visits_s) == 1


def _take(clock: SetClock, seconds: float) -> None:
    clock.go_on(seconds)
