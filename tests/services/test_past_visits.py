"""Each visit leaves a row: when, by whom, what it took, and what kept it from more."""

from __future__ import annotations

import pytest

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.settings import Settings
from kana_tui.mail.header import read_envelope
from kana_tui.services.intake import IntakePorts, MailboxIntake
from kana_tui.services.visit import Bounds
from kana_tui.store.store import Store
from tests.contracts.setting import ALICE, NOON, SetClock, add_mailbox
from tests.services.memory_mail import MemoryServer


class Office:
    """A mailbox, its server in memory, and the intake that visits it."""

    def __init__(self, store: Store, clock: SetClock) -> None:
        self.store = store
        self.server = MemoryServer(before_fetch=lambda _uid: void(clock.go_on(2)))
        ports = IntakePorts(
            mailboxes=store.mailboxes,
            intake=store.intake,
            depths=store.depths,
            source=self.server,
            read_envelope=read_envelope,
            clock=clock,
            visits=store.visits,
        )
        self.intake = MailboxIntake(ports)

    async def visit(self, mailbox: Mailbox) -> None:
        await self.intake.visit(mailbox, Settings(), "mx1/r1", Bounds())


def void(_value: object) -> None:
    """For its effect alone."""


@pytest.fixture
def office(store: Store, clock: SetClock) -> Office:
    return Office(store, clock)


async def test_a_visit_is_kept_with_its_times_holder_and_what_it_took(office: Office) -> None:
    mailbox = await add_mailbox(office.store)
    office.server.deliver(b"Subject: one\r\n\r\n1\r\n", b"Subject: two\r\n\r\n22\r\n")
    await office.visit(mailbox)
    (visit,) = await office.store.visits.newest(mailbox.id)
    assert (visit.holder, visit.started_at) == ("mx1/r1", NOON)
    assert visit.ended_at > visit.started_at
    assert (visit.taken, visit.size_bytes) == (2, 39)
    assert (visit.error_stage, visit.error_message) == (None, None)


async def test_a_visit_that_failed_tells_its_stage_and_the_servers_words(office: Office) -> None:
    mailbox = await add_mailbox(office.store)
    office.server.fail_login = MailError(Stage.LOGIN, "[AUTH] no", hint="Look at the password.")
    await office.visit(mailbox)
    (visit,) = await office.store.visits.newest(mailbox.id)
    assert (visit.taken, visit.error_stage) == (0, Stage.LOGIN)
    assert visit.error_message == "[AUTH] no"


async def test_a_look_at_the_depth_is_no_visit(office: Office) -> None:
    mailbox = await add_mailbox(office.store)
    await office.intake.sample(mailbox, Settings(), "mx1/sampler")
    assert list(await office.store.visits.newest(mailbox.id)) == []


async def test_a_visit_that_did_not_come_about_leaves_nothing(office: Office) -> None:
    mailbox = await add_mailbox(office.store)
    await office.store.mailboxes.remove(mailbox.id, ALICE, archive=False)
    await office.visit(mailbox)
    assert list(await office.store.visits.newest(mailbox.id)) == []
