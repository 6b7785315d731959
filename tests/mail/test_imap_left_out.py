"""IMAP: what the server will not hand over is left out and named; all else is taken."""

from __future__ import annotations

import pytest

from kana_tui.domain.errors import MailError, Stage
from kana_tui.ports.mail_source import CHUNK_BYTES
from tests.mail.accounts import Read
from tests.mail.imap_talks import RAW, UIDS, session_with, take, three_messages
from tests.servers.odd_imap import OddImap, answered


async def _take(server: OddImap) -> tuple[list[bytes], dict[bytes, str]]:
    """Read and delete everything: what came, and what was left out."""
    got: list[Read] = []
    async with session_with(server) as session:
        await take(session, got)
        deletions = await session.finish()
        assert deletions.confirmed == {one.listed.uid for one in got}
        return [one.raw for one in got], dict(session.left_out)


class Poisoned(OddImap):
    """Ends each FETCH of message 7 by `end`; what was asked for before it is answered."""

    end = b"NO [SERVERBUG] cannot read it\x1b[2J"

    def _answer(self, tag: bytes, command: bytes, arguments: bytes) -> bytes:
        uids = self._named(arguments.split()[0]) if command == b"UID FETCH" else []
        if b"BODY" not in arguments or 7 not in uids:
            return super()._answer(tag, command, arguments)
        before = b",".join(b"%d" % uid for uid in uids if uid < 7)
        read_ = self._data(command, before + b" " + arguments) if before else b""
        return read_ + self._of_seven() + tag + b" " + self.end + b"\r\n"

    def _of_seven(self) -> bytes:
        return b""


class NilPoisoned(Poisoned):
    def _of_seven(self) -> bytes:
        return b"* 2 FETCH (UID 7 BODY[]<0> NIL)\r\n"


@pytest.mark.parametrize("kind", [Poisoned, NilPoisoned])
@pytest.mark.parametrize("size", [300, CHUNK_BYTES * 3])
async def test_one_message_that_cannot_be_read_keeps_no_other_from_being_read_and_deleted(
    kind: type[Poisoned], size: int
) -> None:
    server = kind({**three_messages(), 7: b"x" * size})
    got, left_out = await _take(server)
    assert got == [RAW[0], RAW[2]]
    assert left_out == {b"7": r"[SERVERBUG] cannot read it\x1b[2J"}
    assert set(server.messages) == {7}


@pytest.mark.parametrize("nothing", [b"NIL", b'""', b"{0}\r\n", None])
async def test_a_message_without_the_bytes_that_were_listed_is_left_out_and_named(
    nothing: bytes | None,
) -> None:
    def piece(number: int, uid: int, start: int, part: bytes) -> bytes:
        if uid != 7:
            return answered(number, uid, start, part)
        return (
            b"" if nothing is None else b"* %d FETCH (UID 7 BODY[]<0> %b)\r\n" % (number, nothing)
        )

    server = OddImap(three_messages(), piece=piece)
    got, left_out = await _take(server)
    assert got == [RAW[0], RAW[2]]
    assert left_out == {b"7": f"nothing came of its {len(RAW[1])} bytes"}
    assert set(server.messages) == {7}


@pytest.mark.parametrize("end", [b"OK [EXPUNGEISSUED] some", b"NO [EXPUNGEISSUED] some"])
async def test_a_message_of_which_the_server_says_that_it_was_deleted_is_merely_gone(
    end: bytes,
) -> None:
    class Gone(Poisoned):
        def _of_seven(self) -> bytes:
            return answered(3, 8, 0, RAW[2])

    server = Gone(three_messages())
    server.end = end
    got, left_out = await _take(server)
    assert (got, left_out) == ([RAW[0], RAW[2]], {})


async def test_a_message_that_is_listed_with_no_bytes_and_has_none_is_one() -> None:
    got, left_out = await _take(OddImap({4: b"", 7: RAW[1]}))
    assert (got, left_out) == ([b"", RAW[1]], {})


async def test_a_command_that_the_server_does_not_understand_ends_the_fetch() -> None:
    server = OddImap(three_messages())
    async with session_with(server) as session:
        listing = await session.listing()
        server.answers = {b"UID FETCH": b"TAG BAD what?\r\n"}
        with pytest.raises(MailError, match=r"what\?") as caught:
            _ = [one async for one in session.fetch(listing.messages)]
        assert caught.value.stage is Stage.DOWNLOAD
    assert set(server.messages) == set(UIDS)
