"""A visit that begins after an edit works with the mailbox as it is, whatever its caller knows."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from attrs import define, field

from kana_tui.domain.errors import LostLeaseError
from kana_tui.domain.fields.incoming import AfterDownload
from kana_tui.domain.secret import Secret
from kana_tui.ports.intake import Taken
from kana_tui.ports.mail_source import Account, MailSession
from tests.services.desk import Desk, raws
from tests.services.memory_mail import MemoryServer


@define
class Servers:
    """Implements `MailSource`: by host name; remembers which secret each was shown."""

    by_host: dict[str, MemoryServer]
    shown: list[tuple[str, str]] = field(factory=list)

    def open(self, account: Account) -> AbstractAsyncContextManager[MailSession]:
        self.shown.append((account.server, account.secret.reveal()))
        return self.by_host[account.server].open(account)


@pytest.fixture
def old() -> MemoryServer:
    return MemoryServer({b"1": b"Subject: old\r\n\r\nAAAA\r\n"})


@pytest.fixture
def new() -> MemoryServer:
    return MemoryServer({b"1": b"Subject: new\r\n\r\nBBBB\r\n"})


@pytest.fixture
async def servers(desk: Desk, old: MemoryServer, new: MemoryServer) -> Servers:
    await desk.open(server="old.test")
    found = Servers({"old.test": old, "new.test": new})
    desk.server = found  # type: ignore[assignment]  # both are mail sources
    return found


async def test_the_old_server_never_sees_the_new_secret(desk: Desk, servers: Servers) -> None:
    known = await desk.read()
    await desk.edit({"password": Secret("of the new one")}, server="new.test")
    await desk.visit_as_known(known)
    assert servers.shown == [("new.test", "of the new one")]
    assert await desk.subjects() == ["new"]


async def test_no_message_of_the_new_account_is_taken_for_one_of_the_old(
    desk: Desk, servers: Servers, old: MemoryServer, new: MemoryServer
) -> None:
    known = await desk.read()
    old.lose_quit = True
    await desk.edit(server="new.test")
    await desk.visit_as_known(known)
    await desk.visit()
    assert await desk.subjects() == ["new"]
    assert not new.messages
    assert old.messages


async def test_a_mailbox_that_was_just_deactivated_is_only_looked_at(
    desk: Desk, servers: Servers, old: MemoryServer
) -> None:
    known = await desk.read()
    await desk.edit(active=False)
    result = await desk.visit_as_known(known)
    assert (result and result.taken, result and result.more) == (0, False)
    assert old.messages
    assert desk.view().depth.remote == 1


async def test_a_mailbox_that_is_to_keep_its_mail_since_just_now_keeps_it(
    desk: Desk, servers: Servers, old: MemoryServer
) -> None:
    known = await desk.read()
    await desk.edit(after_download=AfterDownload.KEEP)
    await desk.visit_as_known(known)
    assert await desk.subjects() == ["old"]
    assert old.messages


async def test_an_edit_before_the_login_sends_nothing_to_any_server(
    desk: Desk, servers: Servers
) -> None:
    mailboxes = desk.store.mailboxes

    class Slow:
        """Reads the mailbox, and then somebody edits it."""

        def __getattr__(self, name: str) -> Any:
            return getattr(mailboxes, name)

        async def secret(self, *args: Any) -> Secret | None:
            await desk.edit({"password": Secret("of the new one")}, server="new.test")
            return await mailboxes.secret(*args)

    desk.mailboxes = Slow()
    with pytest.raises(LostLeaseError):
        await desk.visit_as_known(await desk.read())
    assert servers.shown == []


async def test_a_mailbox_that_is_gone_is_not_visited(desk: Desk, servers: Servers) -> None:
    known = await desk.read()
    mailboxes = desk.store.mailboxes

    class Gone:
        def __getattr__(self, name: str) -> Any:
            return getattr(mailboxes, name)

        async def get(self, _mailbox_id: int) -> None:
            return None

    desk.mailboxes = Gone()
    assert await desk.visit_as_known(known) is None
    assert servers.shown == []


async def test_an_edit_after_the_last_commit_still_keeps_deletions_from_happening(
    desk: Desk,
) -> None:
    await desk.open()
    desk.server.deliver(*raws(2))
    intake = desk.store.intake

    class Edited:
        def __getattr__(self, name: str) -> Any:
            return getattr(intake, name)

        async def commit_batch(self, *args: Any, **rest: Any) -> tuple[Taken, ...]:
            taken = await intake.commit_batch(*args, **rest)
            await desk.edit(active=False)
            return tuple(taken)

    desk.intake = Edited()
    with pytest.raises(LostLeaseError):
        await desk.visit()
    assert len(desk.server.messages) == 2
