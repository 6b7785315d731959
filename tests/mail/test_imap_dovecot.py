"""IMAP against a real Dovecot, beyond the contract: logins, folders, flags, long pipelines."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from attrs import evolve

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.mail.imap_session import imap_session
from kana_tui.mail.imap_transfer import UNDER_WAY_BYTES
from kana_tui.ports.mail_source import Account
from tests.mail.accounts import dovecot_account, read, read_all
from tests.servers.dovecot import Dovecot, crlf, simple_messages

BOTH = [AuthType.IMAP, AuthType.SECURE_IMAP]
ODD_SUBJECT = b'Subject: (a {5} "b) [c] \\ * %%\nFrom: Ann (x) <ann@example.com>\n\nbody {3}\n'


def _account(dovecot: Dovecot, user: str, auth_type: AuthType = AuthType.IMAP) -> Account:
    return dovecot_account(dovecot, auth_type, user)


def _flags(dovecot: Dovecot, user: str) -> set[str]:
    """The flags of all messages of a user, as Maildir's letters."""
    names = [file.name for file in (dovecot.folder / "mail" / user / "cur").iterdir()]
    return {letter for name in names for letter in name.partition(":2,")[2]}


def _folder(dovecot: Dovecot, user: str, name: str) -> Path:
    """A new folder of a user, on the server's disk."""
    home = dovecot.folder / "mail" / user
    owner = home.stat()
    place = home / f".{name}"
    for part in (place, place / "cur", place / "new", place / "tmp"):
        part.mkdir()
        os.chown(part, owner.st_uid, owner.st_gid)
    return place


@pytest.mark.parametrize("auth_type", BOTH)
@pytest.mark.parametrize("delete", [False, True])
async def test_more_than_may_be_under_way_comes_whole_and_in_order(
    dovecot: Dovecot, auth_type: AuthType, delete: bool
) -> None:
    user, messages = dovecot.user(), list(simple_messages(1300, size=2500))
    dovecot.deliver(user, *messages)
    assert sum(map(len, messages)) > UNDER_WAY_BYTES
    got = []
    async with imap_session(_account(dovecot, user, auth_type)) as session:
        listing = await session.listing()
        async for fetched in session.fetch(listing.messages):
            got.append(await read(fetched))
            if delete:
                session.delete([fetched.listed])
        deletions = await session.finish()
    assert [one.raw for one in got] == [crlf(raw) for raw in messages]
    assert len(deletions.confirmed) == (1300 if delete else 0)
    assert not deletions.refused
    assert dovecot.count(user) == (0 if delete else 1300)


async def test_large_and_small_messages_mix(dovecot: Dovecot) -> None:
    user, small = dovecot.user(), list(simple_messages(40))
    large = [b"Subject: large\n\n" + bytes([65 + n]) * (700_000 * n) + b"\n" for n in range(1, 6)]
    messages = [*small[:20], *large[:3], *small[20:], *large[3:]]
    dovecot.deliver(user, *messages)
    async with imap_session(_account(dovecot, user)) as session:
        got = await read_all(session)
    assert [one.raw for one in got] == [crlf(raw) for raw in messages]


async def test_reading_leaves_messages_unseen(dovecot: Dovecot) -> None:
    user = dovecot.user()
    dovecot.deliver(user, *simple_messages(3))
    async with imap_session(_account(dovecot, user)) as session:
        await read_all(session)
        await session.finish()
    assert dovecot.count(user) == 3
    assert _flags(dovecot, user) == set()


async def test_what_others_flagged_as_deleted_is_read_and_not_expunged(dovecot: Dovecot) -> None:
    user, messages = dovecot.user(), list(simple_messages(3))
    dovecot.deliver(user, *messages)
    home = dovecot.folder / "mail" / user
    first = min((home / "new").iterdir())
    first.rename(home / "cur" / f"{first.name}:2,T")
    async with imap_session(_account(dovecot, user)) as session:
        got = await read_all(session)
        ours = [one.listed for one in got if one.raw == crlf(messages[2])]
        session.delete(ours)
        deletions = await session.finish()
    assert len(got) == 3
    assert deletions.confirmed == {one.uid for one in ours}
    assert sorted(dovecot.stored(user)) == sorted(messages[:2])


async def test_odd_subjects_are_only_text(dovecot: Dovecot) -> None:
    user = dovecot.user()
    dovecot.deliver(user, ODD_SUBJECT, *simple_messages(1))
    async with imap_session(_account(dovecot, user)) as session:
        got = await read_all(session)
    assert got[0].raw == crlf(ODD_SUBJECT)


@pytest.mark.parametrize("auth_type", BOTH)
@pytest.mark.parametrize("password", ['p"w\\ é', "(", "{5}", " lead and trail ", "日本語", "%s[x]"])
async def test_any_password_logs_in(dovecot: Dovecot, auth_type: AuthType, password: str) -> None:
    user = dovecot.user(password=password)
    account = evolve(_account(dovecot, user, auth_type), secret=Secret(password))
    async with imap_session(account) as session:
        assert await session.count() == 0


async def test_a_plain_type_can_upgrade_before_it_logs_in(dovecot: Dovecot) -> None:
    account = evolve(_account(dovecot, dovecot.user()), upgrade_tls=True)
    async with imap_session(account) as session:
        assert await session.count() == 0


@pytest.mark.parametrize(
    ("folder", "on_disk"),
    [
        ("Archiv", "Archiv"),
        ("Läden & Süd", "L&AOQ-den &- S&APw-d"),
        ("日本語", "&ZeVnLIqe-"),
        ('a"b', 'a"b'),
    ],
)
async def test_a_folder_of_any_name_is_read(dovecot: Dovecot, folder: str, on_disk: str) -> None:
    user, raw = dovecot.user(), next(iter(simple_messages(1)))
    (_folder(dovecot, user, on_disk) / "new" / "1.M1.test").write_bytes(raw)
    dovecot.deliver(user, b"Subject: in the inbox\n\n")
    async with imap_session(evolve(_account(dovecot, user), folder=folder)) as session:
        assert await session.count() == 1
        got = await read_all(session)
    assert [one.raw for one in got] == [crlf(raw)]


async def test_a_folder_that_is_not_there_is_named(dovecot: Dovecot) -> None:
    account = evolve(_account(dovecot, dovecot.user()), folder="Läden")
    with pytest.raises(MailError, match="Läden") as caught:
        async with imap_session(account) as session:
            await session.listing()
    assert caught.value.stage is Stage.LIST
    with pytest.raises(MailError, match="Läden"):
        async with imap_session(account) as session:
            await session.count()


async def test_uids_and_validity_stay_and_a_new_mailbox_has_another(dovecot: Dovecot) -> None:
    user = dovecot.user()
    dovecot.deliver(user, *simple_messages(2))
    async with imap_session(_account(dovecot, user)) as session:
        first = await session.listing()
    async with imap_session(_account(dovecot, user)) as session:
        assert await session.listing() == first
    assert first.uid_validity > 0
    assert all(one.received_at is not None for one in first.messages)
