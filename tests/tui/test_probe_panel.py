"""`t`: each stage of a mailbox's logins as it ends, on the board, its detail and its form."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Role
from kana_tui.ports.probe import Direction
from kana_tui.tui.places import Place
from tests.tui.form_seat import FormSeat, form_opened
from tests.tui.scripted_prober import WITHIN_S, ScriptedProber
from tests.tui.seat import Seat, seated
from tests.tui.stage import Stage

IN, OUT = Direction.INCOMING, Direction.OUTGOING
REFUSED = "mail.acme.test:110 refused PASS of box1: [AUTH] Authentication failed."
REMEDY = "Check user and password. After 3 refusals there is one try each 30 minutes."


def stocked() -> Stage:
    stage = Stage()
    for mailbox_id in range(1, 7):
        stage.desk.mailboxes._secrets[mailbox_id, "password"] = Secret("stored-password")
    return stage


class Probe:
    """In front of a probe's panel."""

    def __init__(self, seat: Seat, prober: ScriptedProber) -> None:
        self.seat = seat
        self.prober = prober

    def panel(self) -> str:
        return self.seat.panel()

    def row(self, name: str) -> str:
        lines = [line.strip("│ ") for line in self.panel().split("\n")]
        return next(line for line in lines if name in line.split()[:2])

    async def until(self, told: str) -> None:
        await self.seat.until(lambda: told in " ".join(self.panel().split()))

    async def through(self, direction: Direction, *names: str) -> None:
        for name in names:
            self.prober.ends(direction, name)
        await self.until(f"{names[-1]} is fine")


@asynccontextmanager
async def probed(size: tuple[int, int] = (80, 24), **own: Any) -> AsyncIterator[Probe]:
    """The first mailbox of the board, which is of type POP."""
    prober = ScriptedProber()
    async with seated(stocked(), size, probing=prober.probing, **own) as seat:
        await seat.press("t")
        found = Probe(seat, prober)
        await found.until("dns 0 s")
        yield found


@asynccontextmanager
async def form_probed(
    *keys: str, size: tuple[int, int] = (80, 24), stage: Stage | None = None
) -> AsyncIterator[tuple[FormSeat, Probe]]:
    prober = ScriptedProber()
    stage = stage or stocked()
    async with form_opened(*keys, stage=stage, size=size, probing=prober.probing) as form:
        yield form, Probe(form.seat, prober)


async def test_what_is_due_stands_there_at_once_and_fills_as_it_ends() -> None:
    async with probed() as on:
        assert "Test of support" in on.panel()
        assert on.row("dns") == "▶ dns               0 s"
        assert [line.strip("│ ") for line in on.panel().split("\n")[3:16]] == [
            "Incoming  127.0.0.1:110",
            "▶ dns               0 s",
            "tcp",
            "greeting",
            "capabilities",
            "login",
            "count",
            "Outgoing  localhost:25",
            "dns",
            "tcp",
            "greeting",
            "capabilities",
            "mail_from",
        ]
        await on.through(IN, "dns", "tcp")
        assert on.row("dns") == "✓ dns           0.250 s  dns is fine"
        assert on.row("greeting") == "▶ greeting          0 s"


async def test_a_login_that_works_both_ways_ends_in_words() -> None:
    async with probed() as on:
        await on.through(IN, "dns", "tcp", "greeting", "capabilities", "login", "count")
        on.prober.over(IN)
        await on.through(OUT, "dns", "tcp", "greeting", "capabilities", "mail_from")
        on.prober.over(OUT)
        await on.until("All is well.")
        assert "▶" not in on.panel()
        assert on.prober.relays[0][1] == "box1@acme.test"


async def test_what_failed_says_so_in_words_with_its_remedy_and_the_other_way_goes_on() -> None:
    async with probed() as on:
        await on.through(IN, "dns", "tcp", "greeting", "capabilities")
        on.prober.fails(IN, "login", REFUSED, REMEDY)
        await on.until("FAILED")
        text = " ".join(word for word in on.panel().split() if word != "│")
        assert "✗ login 1.500 s FAILED" in text
        assert REFUSED in text
        assert REMEDY in text
        assert "count" not in on.panel()
        await on.until("▶ dns 0 s")
        await on.through(OUT, "dns")
        on.prober.fails(OUT, "tcp", "localhost:25 refuses the connection.", "Check the port.")
        await on.until("It failed.")


@pytest.mark.parametrize("key", ["escape", "q", "ctrl+c"])
async def test_closing_gives_the_probe_up(key: str) -> None:
    async with probed() as on:
        await on.through(IN, "dns")
        await on.seat.press(key)
        await on.seat.until(on.prober.closed.is_set)
        assert on.panel() == ""
        assert on.seat.page == Place.BOARD


async def test_leaving_the_program_gives_the_probe_up() -> None:
    async with probed() as on:
        await on.through(IN, "dns")
        prober = on.prober
    assert await asyncio.to_thread(prober.closed.wait, WITHIN_S)


async def test_a_stage_that_takes_long_shows_for_how_long() -> None:
    async with probed() as on:
        await on.through(IN, "dns")
        on.seat.stage.clock.seconds_pass(17)
        await on.until("▶ tcp 17 s")


async def test_again_after_the_end_and_not_before() -> None:
    async with probed() as on:
        await on.seat.press("t")
        assert len(on.prober.accounts) == 1
        on.prober.fails(IN, "dns", "There is no such host.", "Check the name.")
        on.prober.fails(OUT, "dns", "There is no such host.", "Check the name.")
        await on.until("t again")
        await on.seat.press("t")
        await on.until("dns 0 s")
        assert len(on.prober.accounts) == 2


async def test_small_screens_scroll_and_follow_what_is_under_way() -> None:
    async with probed((60, 15)) as on:
        await on.through(IN, "dns", "tcp", "greeting", "capabilities", "login", "count")
        on.prober.over(IN)
        await on.through(OUT, "dns", "tcp", "greeting")
        await on.until("▶ capabilities 0 s")
        assert "count is fine" in on.panel()
        assert "Incoming" not in on.panel()
        assert all(len(line) <= 60 for line in on.panel().split("\n"))
        await on.seat.press(*["k"] * 20)
        assert "Incoming" in on.panel()
        await on.seat.press("pagedown", "pagedown", "pagedown")
        assert "mail_from" in on.panel()


async def test_a_long_remedy_is_wrapped_on_a_small_screen() -> None:
    async with probed((60, 15)) as on:
        on.prober.fails(
            IN, "dns", "No such host. " * 5, "Check the name, and this host's DNS. " * 3
        )
        await on.until("FAILED")
        assert all(len(line) <= 60 for line in on.panel().split("\n"))
        words = " ".join(word for word in on.panel().split() if word != "│")
        assert "Check the name, and this host's DNS. Check the name" in words


async def test_all_of_it_can_be_copied_whole() -> None:
    async with probed() as on:
        await on.through(IN, "dns")
        on.prober.fails(IN, "tcp", "No connection " * 20, "Check the port.")
        await on.until("FAILED")
        await on.seat.press("c")
        assert on.seat.page == Place.UNFRAMED


async def test_hostile_words_are_shown_harmless() -> None:
    async with probed() as on:
        on.prober.fails(IN, "dns", "\x1b]0;owned\x07[/b]\u202e", "\x1b[2J[red]")
        await on.until("FAILED")
        assert "\x1b" not in on.panel()
        assert "\u202e" not in on.panel()
        assert "[/b]" in on.panel()


async def test_from_the_detail_too() -> None:
    prober = ScriptedProber()
    async with seated(stocked(), probing=prober.probing) as seat:
        await seat.press("enter")
        await seat.until(lambda: seat.page == Place.DETAIL)
        await seat.press("t")
        on = Probe(seat, prober)
        await on.until("dns 0 s")
        assert prober.accounts[0].secret == Secret("stored-password")
        await seat.press("escape")
        assert seat.page == Place.DETAIL


async def test_a_missing_password_is_told_without_asking_the_server() -> None:
    prober = ScriptedProber()
    async with seated(Stage(), probing=prober.probing) as seat:
        await seat.press("t")
        on = Probe(seat, prober)
        await on.until("No password is set for box1@acme.test.")
        assert "✗ login" in on.panel()
        assert not prober.accounts


async def test_who_only_looks_may_not_probe_and_a_read_only_screen_may() -> None:
    prober = ScriptedProber()
    async with seated(stocked(), probing=prober.probing, role=lambda: Role.VIEWER) as seat:
        await seat.press("t")
        assert "this needs the role operator" in seat.header()
        assert seat.panel() == ""
    async with probed(read_only=True) as on:
        assert on.prober.accounts


async def test_the_form_is_tested_as_it_stands_and_stays_unsaved() -> None:
    async with form_probed() as (form, on):
        await form.type("POP server", "mail.acme.test")
        await form.to("POP password")
        await form.press("enter", *"typed-secret", "enter")
        await form.press("t")
        await on.until("dns 0 s")
        assert "Test of support, as it stands on the form" in on.panel()
        assert "mail.acme.test:110" in on.panel()
        assert "typed-secret" not in on.panel()
        account = on.prober.accounts[0]
        assert (account.server, account.secret) == ("mail.acme.test", Secret("typed-secret"))
        await form.press("escape")
        assert form.page.unsaved
        assert "mail.acme.test" in form.line("POP server")
        assert form.stored("server") == "127.0.0.1"
        assert form.secret("password") == "stored-password"


async def test_a_secret_that_was_not_typed_is_the_stored_one() -> None:
    async with form_probed() as (form, on):
        await form.type("POP user", "somebody")
        await form.press("t")
        await on.until("dns 0 s")
        account = on.prober.accounts[0]
        assert (account.user, account.secret) == ("somebody", Secret("stored-password"))


async def test_a_new_mailbox_is_tested_before_it_exists() -> None:
    async with form_probed("plus") as (form, on):
        await form.type("E-mail address", "new@acme.test")
        await form.type("POP server", "mail.acme.test")
        await form.type("POP user", "new")
        await form.press("t")
        assert "Not tested: see what stands under the field." in form.header()
        assert "is required" in form.below("POP password")
        await form.press("enter", *"secret-1", "enter", "t")
        await on.until("dns 0 s")
        assert on.prober.accounts[0].secret == Secret("secret-1")
        await form.press("escape")
        assert form.stage.desk.mailboxes.writes == 0


async def test_what_is_no_login_is_not_tried() -> None:
    async with form_probed() as (form, on):
        await form.type("POP port", "none")
        await form.press("t")
        assert on.panel() == ""
        assert "POP port" in form.cursor()
        assert not on.prober.accounts


async def test_what_is_wrong_elsewhere_keeps_no_login_from_being_tested() -> None:
    async with form_probed() as (form, on):
        await form.type("Name", "")
        await form.press("t")
        await on.until("dns 0 s")
        assert on.prober.accounts
