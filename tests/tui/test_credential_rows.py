"""A mailbox's credentials in words, and their section on its page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from kana_tui.domain.runway import Held, RunwayKind
from kana_tui.ports.mailboxes import StoredMailbox
from kana_tui.tui.credential_rows import credential_rows, told
from kana_tui.tui.desk import Repositories
from kana_tui.tui.line import Ink
from tests.tui.hostile import HOSTILE
from tests.tui.memory_library import NOON
from tests.tui.test_mailbox_page import reading

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
PEER = "imap.acme.test:993"


def held(kind: RunwayKind, **own: Any) -> Held:
    usual = {"mailbox_id": 1, "mailbox": "support", "email_address": "box1@acme.test"}
    return Held(kind=kind, **{**usual, **own})


CERTIFICATE = held(
    RunwayKind.INCOMING_CERTIFICATE,
    of=PEER,
    proven_at=NOON - 2 * MINUTE,
    ends_at=NOON + 23 * DAY + MINUTE,
    detail="for imap.acme.test; issued by CN=Acme CA",
)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (
            CERTIFICATE,
            "certificate of imap.acme.test:993: 23 days left (2026-11-26), proven 2m ago",
        ),
        (
            held(RunwayKind.INCOMING_LOGIN, of=f"support at {PEER}"),
            f"login of support at {PEER}: not proven yet",
        ),
        (
            held(RunwayKind.INCOMING_LOGIN, of="x", set_at=NOON, proven_at=NOON - DAY),
            "login of x: set 2026-11-03, proven 1d00h ago, before it was set",
        ),
        (
            held(RunwayKind.CLIENT_SECRET, ends_at=NOON - DAY, set_at=NOON - 90 * DAY),
            "client secret: ended 2026-11-02, set 2026-08-05, not proven yet",
        ),
        (
            held(RunwayKind.CLIENT_SECRET, ends_at=NOON + MINUTE, proven_at=NOON),
            "client secret: less than a day left (2026-11-03), proven <1m ago",
        ),
        (
            held(RunwayKind.CLIENT_SECRET, ends_at=NOON + DAY, proven_at=NOON),
            "client secret: 1 day left (2026-11-04), proven <1m ago",
        ),
        (
            held(RunwayKind.TOKEN, ends_at=NOON - DAY, proven_at=NOON - DAY),
            "access token: renewed when it is needed, proven 1d00h ago",
        ),
        (
            held(RunwayKind.TOKEN, failing=True, detail="The server is away."),
            "access token: no new one, not proven yet: The server is away.",
        ),
        (
            held(
                RunwayKind.SIGN_IN,
                sign_in_again=True,
                set_at=NOON - 9 * DAY,
                proven_at=NOON - DAY,
                detail="It was revoked.",
            ),
            "sign-in: sign in again, since 2026-10-25, proven 1d00h ago: It was revoked.",
        ),
    ],
)
def test_each_is_told_in_words(one: Held, words: str) -> None:
    assert told(one, NOON) == words


def test_a_token_in_force_tells_until_when_in_local_time() -> None:
    one = held(RunwayKind.TOKEN, ends_at=NOON + 31 * MINUTE, proven_at=NOON)
    until = (NOON + 31 * MINUTE).astimezone()
    assert told(one, NOON) == (
        f"access token: until {until:%H:%M}, renewed by itself, proven <1m ago"
    )


def test_what_ends_first_is_first_and_what_has_ended_stands_out() -> None:
    ended = held(RunwayKind.CLIENT_SECRET, ends_at=NOON - DAY, proven_at=NOON)
    fine = held(RunwayKind.INCOMING_LOGIN, of="x", proven_at=NOON)
    rows = credential_rows([fine, CERTIFICATE, ended], NOON, 100)
    kinds = [row.key[1] for row in rows if isinstance(row.key, tuple)]
    assert kinds == [ended.kind, CERTIFICATE.kind, fine.kind]
    assert [row.line[1].ink for row in rows] == [Ink.HIGH, Ink.WARNING, Ink.PLAIN]


@pytest.mark.parametrize("width", [20, 40, 80])
def test_a_long_one_goes_on_under_itself(width: int) -> None:
    rows = credential_rows([CERTIFICATE], NOON, width)
    assert len(rows) > (width < 80)
    assert len({row.key for row in rows}) == len(rows)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_server_calls_itself_cannot_harm_the_terminal(text: str) -> None:
    one = held(RunwayKind.TOKEN, of=text, failing=True, detail=text)
    for row in credential_rows([one], NOON, 80):
        assert all(run.text.isprintable() for run in row.line)


async def test_the_page_has_a_section_of_them() -> None:
    async def runway(_store: Repositories, stored: StoredMailbox) -> Sequence[Held]:
        assert stored.mailbox.name == "support"
        return [CERTIFICATE]

    async with reading(runway=runway) as seat:
        await seat.to("Credentials")
        await seat.to("23 days left (2026-11-26)")
        assert "certificate of imap.acme.test:993" in seat.rows()


async def test_without_a_runway_there_is_no_such_section() -> None:
    async with reading() as seat:
        await seat.to("Visits")
        await seat.press("G")
        assert "Credentials" not in seat.rows()
