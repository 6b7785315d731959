"""Time that a server gets: for what comes, and not for what it claims."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.connection import Patience
from kana_tui.mail.source import NetworkMailSource
from kana_tui.ports.mail_source import SLOWEST_BYTES_PER_S, TRANSFER_MOST_S
from tests.mail.accounts import SOON_S, account, read_all
from tests.servers.odd_imap import OddImap
from tests.servers.odd_pop3 import OddPop3
from tests.servers.scripted import Peer, Talk, scripted

HUGE = 10**14
DRIP_S = SOON_S / 10


@given(st.lists(st.integers(0, 10**9)))
def test_bytes_that_come_earn_time_up_to_an_hour(sizes: list[int]) -> None:
    patience = Patience(30.0)
    for size in sizes:
        patience.earn(size)
    earned_s = sum(sizes) / SLOWEST_BYTES_PER_S
    assert patience.total_s == pytest.approx(30 + min(earned_s, TRANSFER_MOST_S))
    assert patience.next_s == 30


async def _drip(peer: Peer, begin: bytes) -> None:
    await peer.send(begin)
    while True:
        await peer.send(b"x")
        await peer.pause(DRIP_S)


async def _pop3(peer: Peer) -> None:
    await OddPop3([b"x"], size_told=lambda _raw: HUGE, answers={b"RETR": b"+OK\r\n"}).until(
        b"RETR", peer
    )
    await _drip(peer, b"Subject: a")


async def _imap(peer: Peer) -> None:
    odd = OddImap({1: b"x"}, size_told=lambda _raw: HUGE)
    await odd.until(b"SELECT", peer)
    tag = (await peer.line()).split()[0]
    await peer.send(b"* 1 FETCH (UID 1 RFC822.SIZE %d)\r\n%b OK done\r\n" % (HUGE, tag))
    await _drip(peer, b"* 1 FETCH (UID 1 BODY[]<0> {200000}\r\n")


@pytest.mark.parametrize(("auth_type", "talk"), [(AuthType.POP, _pop3), (AuthType.IMAP, _imap)])
async def test_a_huge_size_that_is_only_claimed_earns_no_time(
    auth_type: AuthType, talk: Talk
) -> None:
    async with scripted(talk) as server:
        wanted = account(server.port, auth_type, timeout_s=SOON_S)
        async with NetworkMailSource().open(wanted) as session:
            with pytest.raises(MailError) as caught:
                await read_all(session)
    assert (caught.value.stage, caught.value.deadline) == (Stage.DOWNLOAD, True)
