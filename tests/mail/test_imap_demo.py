"""The demo's IMAP server speaks all that our client says."""

from __future__ import annotations

from attrs import evolve

from kana_tui.demo.connection import listening
from kana_tui.demo.imap_server import ImapServer
from kana_tui.domain.authentication import AuthType
from kana_tui.mail.imap_session import imap_session
from kana_tui.ports.mail_source import CHUNK_BYTES
from tests.demo.accounts import PASSWORD
from tests.demo.accounts import account as demo_account
from tests.mail.accounts import account, read_all

LARGE = b"Subject: large\r\n\r\n" + b"x" * CHUNK_BYTES + b"\r\n"


async def test_a_visit_of_the_demo_reads_and_deletes_what_it_lists() -> None:
    messages = [b"Subject: %d\r\n\r\ntext\r\n" % number for number in range(200)] + [LARGE]
    held = demo_account(*messages)
    server = ImapServer({held.user: held})
    async with listening(server.talk) as port:
        wanted = account(port, AuthType.IMAP, user=held.user, password=PASSWORD)
        async with imap_session(wanted) as session:
            assert await session.count() == 201
            got = await read_all(session)
            session.delete([one.listed for one in got[:150]])
            deletions = await session.finish()
    assert [one.raw for one in got] == messages
    assert deletions.confirmed == {one.listed.uid for one in got[:150]}
    assert not deletions.refused
    assert len(held.drop) == 51


async def test_the_demo_hands_out_no_more_than_the_limit() -> None:
    held = demo_account(LARGE)
    server = ImapServer({held.user: held})
    async with listening(server.talk) as port:
        wanted = account(port, AuthType.IMAP, user=held.user, password=PASSWORD)
        async with imap_session(evolve(wanted, max_message_size=1000)) as session:
            (got,) = await read_all(session)
    assert (got.raw, got.size, got.truncated) == (LARGE[:1000], len(LARGE), True)
