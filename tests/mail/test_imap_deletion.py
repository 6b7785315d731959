"""IMAP deletions: exactly what was named, and confirmed only where it is gone."""

from __future__ import annotations

import pytest

from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.imap_deletion import OTHERS_FLAGGED, STILL_THERE
from kana_tui.ports.mail_source import Deletions, Listed
from tests.mail.imap_talks import (
    UIDS,
    session_with,
    three_messages,
)
from tests.servers.odd_imap import OddImap


async def _delete(server: OddImap, *uids: int) -> Deletions:
    async with session_with(server) as session:
        await session.listing()
        session.delete([Listed(b"%d" % uid, 1) for uid in uids])
        return await session.finish()


async def test_only_what_was_named_is_expunged() -> None:
    server = OddImap(three_messages(), flagged={8})
    deletions = await _delete(server, 4, 7)
    assert deletions == Deletions(frozenset({b"4", b"7"}), {})
    assert set(server.messages) == {8}
    assert b"UID EXPUNGE 4,7" in server.log


async def test_a_store_that_is_ignored_in_silence_is_refused() -> None:
    server = OddImap(three_messages(), deaf_to_store=True)
    deletions = await _delete(server, 4, 7)
    assert deletions == Deletions(frozenset(), {b"4": STILL_THERE, b"7": STILL_THERE})


@pytest.mark.parametrize("command", [b"UID STORE", b"UID EXPUNGE"])
async def test_a_refused_deletion_carries_the_servers_words(command: bytes) -> None:
    server = OddImap(three_messages(), answers={command: b"TAG NO [NOPERM] read only\r\n"})
    deletions = await _delete(server, 4, 7)
    words = "[NOPERM] read only"
    assert deletions == Deletions(frozenset(), {b"4": words, b"7": words})
    assert set(server.messages) == set(UIDS)


async def test_where_nobody_tells_what_is_left_nothing_is_confirmed() -> None:
    server = OddImap(three_messages(), answers={b"UID SEARCH": b"TAG NO not now\r\n"})
    assert await _delete(server, 4) == Deletions(frozenset(), {})


async def test_what_is_gone_already_is_confirmed() -> None:
    assert (await _delete(OddImap(three_messages()), 4, 5)).confirmed == {b"4", b"5"}


async def test_a_farewell_before_the_confirmation_is_an_error() -> None:
    server = OddImap(three_messages(), answers={b"UID EXPUNGE": b"* BYE going down\r\n"})
    with pytest.raises(MailError, match="going down") as caught:
        await _delete(server, 4)
    assert caught.value.stage is Stage.DELETE


async def test_without_uidplus_all_flagged_are_expunged_where_all_are_ours() -> None:
    server = OddImap(three_messages(), capabilities=b"IMAP4rev1")
    deletions = await _delete(server, 4, 7)
    assert deletions == Deletions(frozenset({b"4", b"7"}), {})
    assert set(server.messages) == {8}
    assert not any(line.startswith(b"UID EXPUNGE") for line in server.log)


async def test_without_uidplus_nothing_is_expunged_where_others_flagged_too() -> None:
    server = OddImap(three_messages(), capabilities=b"IMAP4rev1", flagged={8})
    deletions = await _delete(server, 4, 7)
    assert deletions == Deletions(frozenset(), {b"4": OTHERS_FLAGGED, b"7": OTHERS_FLAGGED})
    assert set(server.messages) == set(UIDS)
    assert b"EXPUNGE" not in server.log


async def test_without_uidplus_only_those_that_are_flagged_are_expunged() -> None:
    class Stubborn(OddImap):
        def _data(self, command: bytes, arguments: bytes) -> bytes:
            told = super()._data(command, arguments)
            self.flagged.discard(7)
            return told

    server = Stubborn(three_messages(), capabilities=b"IMAP4rev1")
    assert await _delete(server, 4, 7) == Deletions(frozenset({b"4"}), {b"7": STILL_THERE})
    assert set(server.messages) == {7, 8}


async def test_an_expunge_that_did_nothing_is_repeated_once() -> None:
    class Sleepy(OddImap):
        slept = False

        def _expunged(self, uids: set[int]) -> bytes:
            if self.slept:
                return super()._expunged(uids)
            self.slept = True
            return b""

    server = Sleepy(three_messages())
    assert await _delete(server, 4, 7) == Deletions(frozenset({b"4", b"7"}), {})
    assert set(server.messages) == {8}


async def test_at_the_end_flagging_and_expunging_go_out_together() -> None:
    class Deaf(OddImap):
        """Answers STORE only after it heard the EXPUNGE behind it."""

        held: bytes = b""

        def _answer(self, tag: bytes, command: bytes, arguments: bytes) -> bytes:
            told = super()._answer(tag, command, arguments)
            if command == b"UID STORE":
                self.held = told
                return b""
            told, self.held = self.held + told, b""
            return told

    assert (await _delete(Deaf(three_messages()), 4, 7)).confirmed == {b"4", b"7"}


@pytest.mark.parametrize("command", [b"UID STORE", b"UID SEARCH", b"EXPUNGE"])
async def test_without_uidplus_a_refusal_confirms_nothing(command: bytes) -> None:
    answers = {command: b"TAG NO [NOPERM] no\r\n"}
    server = OddImap(three_messages(), capabilities=b"IMAP4rev1", answers=answers)
    deletions = await _delete(server, 4)
    assert deletions == Deletions(frozenset(), {b"4": "[NOPERM] no"})
    assert set(server.messages) == set(UIDS)


async def test_without_uidplus_a_store_that_is_ignored_expunges_nothing() -> None:
    server = OddImap(three_messages(), capabilities=b"IMAP4rev1", deaf_to_store=True)
    deletions = await _delete(server, 4)
    assert deletions == Deletions(frozenset(), {b"4": STILL_THERE})
    assert b"EXPUNGE" not in server.log
