"""What no port shows: which rows are there, and which are not any more."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kana_tui.domain.errors import ConflictError
from kana_tui.domain.levels import Crossing
from kana_tui.ports.messages import MessageFilter
from kana_tui.store.store import Store
from tests.contracts.depth import sampled
from tests.contracts.setting import ALICE, add_mailbox, lease_of, letter, sums_of, take


def execute(place: Path, statement: str) -> list[tuple[object, ...]]:
    """As another process, which is how what has no port yet comes into the store."""
    with closing(sqlite3.connect(place)) as other:
        other.execute("PRAGMA foreign_keys = ON")
        rows = other.execute(statement).fetchall()
        other.commit()
    return rows


def parts(place: Path) -> int:
    ((count,),) = execute(place, "SELECT count(*) FROM message_part")
    assert isinstance(count, int)
    return count


async def test_the_next_lease_removes_what_an_earlier_visit_left_unfinished(
    store: Store, place: Path
) -> None:
    mailbox, other = await add_mailbox(store), await add_mailbox(store, "Sales")
    for one in (mailbox, other):
        lease = await lease_of(store, one)
        message_id = await store.intake.open_large(lease)
        await store.intake.append_part(lease, message_id, 0, b"part")
    await lease_of(store, mailbox)
    assert parts(place) == 1  # the other mailbox's visit goes on
    await lease_of(store, other)
    assert parts(place) == 0
    assert execute(place, "SELECT * FROM unfinished") == []


@pytest.mark.parametrize("history", [True, False])
async def test_a_removed_mailbox_leaves_no_unfinished_parts(
    store: Store, place: Path, history: bool
) -> None:
    mailbox = await add_mailbox(store)
    lease = await lease_of(store, mailbox)
    if history:
        await take(store, lease, letter(b"1"))
    message_id = await store.intake.open_large(lease)
    await store.intake.append_part(lease, message_id, 0, b"part")
    await store.mailboxes.remove(mailbox.id, ALICE, archive=True)
    assert parts(place) == 0


async def test_a_duplicate_leaves_no_parts(store: Store, place: Path) -> None:
    lease = await lease_of(store, await add_mailbox(store))
    small = letter(b"1", b"the same")
    await take(store, lease, small, uid_validity=1)
    message_id = await store.intake.open_large(lease)
    await store.intake.append_part(lease, message_id, 0, b"the same")
    large = letter(b"1", b"", size=8, digest=small.digest, message_id=message_id)
    await take(store, lease, large, uid_validity=2)
    assert parts(place) == 0


async def test_a_mailbox_that_disappears_leaves_no_row(store: Store, place: Path) -> None:
    mailbox = await add_mailbox(store)
    lease = await lease_of(store, mailbox)
    await sampled(store, lease, 600)
    await store.mailboxes.remove(mailbox.id, ALICE, archive=False)
    for table in ("mailbox", "secret", "lease", "level", "alert", "notification", "depth_sample"):
        assert execute(place, f"SELECT * FROM {table}") == []


async def test_a_quarantined_message_keeps_its_mailbox_and_stays_out_of_lists(
    store: Store, place: Path
) -> None:
    mailbox = await add_mailbox(store)
    (taken,) = await take(store, await lease_of(store, mailbox), letter(b"1"))
    execute(place, "UPDATE message SET state = 'quarantined'")
    execute(
        place,
        "INSERT INTO quarantine SELECT id, mailbox_id, 0, 0, 'cause', 'trace', 1, 0 FROM message",
    )
    sums = await sums_of(store, mailbox)
    assert (sums.quarantined, sums.stored, sums.difference) == (1, 0, 0)
    assert await store.messages.count(MessageFilter()) == 0
    assert taken.message_id is not None
    assert await store.messages.get(taken.message_id) is not None
    with pytest.raises(ConflictError, match="1 quarantined"):
        await store.mailboxes.remove(mailbox.id, ALICE, archive=False)


async def test_mail_in_the_outbox_keeps_its_mailbox(store: Store, place: Path) -> None:
    mailbox = await add_mailbox(store)
    execute(
        place,
        "INSERT INTO outbound (id, kind, mailbox_id, from_, subject, message_id_header, state,"
        f" attempts, created_by, created_at, changed_at, raw) VALUES (1, 'reply', {mailbox.id},"
        " 'a@b.test', 'Re', '<1@b.test>', 'waiting', 0, 'alice', 0, 0, x'')",
    )
    with pytest.raises(ConflictError, match="1 in the outbox"):
        await store.mailboxes.remove(mailbox.id, ALICE, archive=False)


async def test_a_secret_is_sealed_and_bound_to_its_row(store: Store, place: Path) -> None:
    await add_mailbox(store)
    ((owner, key, sealed),) = execute(place, "SELECT owner, key, sealed FROM secret")
    assert (owner, key) == ("mailbox:1", "password")
    assert isinstance(sealed, bytes)
    assert b"hunter2" not in sealed


async def test_each_crossing_is_noted_once_in_the_transaction_of_its_sample(
    store: Store, place: Path
) -> None:
    lease = await lease_of(store, await add_mailbox(store))
    for seconds, remote in enumerate((150, 160, 600, 550, 0)):
        await sampled(store, lease, remote, seconds)
    rows = execute(place, "SELECT crossing, depth, state FROM notification ORDER BY id")
    assert rows == [
        (Crossing.LOW_REACHED, 150, "pending"),
        (Crossing.HIGH_REACHED, 600, "pending"),
        (Crossing.DRAINED, 0, "pending"),
    ]


async def test_a_changed_audit_row_breaks_its_chain_there(store: Store, place: Path) -> None:
    await add_mailbox(store)
    await add_mailbox(store, "Sales")
    execute(place, "UPDATE audit SET operator = 'mallory' WHERE id = 3")
    (proof,) = await store.audit.verify()
    assert (proof.entries, proof.broken_at) == (2, 3)
