"""What a complete listing means: new, to take, to delete, gone, confirmed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kana_tui.domain.intake import (
    LedgerRow,
    LedgerSums,
    Outcome,
    Presence,
    Sighting,
    ledger_total,
    plan,
    retry_after,
)

NOW = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)


def row(
    uid: bytes,
    outcome: Outcome,
    presence: Presence = Presence.PENDING,
    *,
    size: int = 10,
    validity: int = 1,
    **own: Any,
) -> LedgerRow:
    return LedgerRow(1, validity, uid, size, outcome, presence, **own)


def test_an_unknown_message_is_new_and_taken() -> None:
    todo = plan([], 1, [Sighting(b"a", 10)], keep=False)
    assert todo.new == todo.take == (Sighting(b"a", 10),)


def test_a_message_listed_before_but_never_taken_is_taken_and_not_new() -> None:
    todo = plan([row(b"a", Outcome.LISTED)], 1, [Sighting(b"a", 10)], keep=False)
    assert not todo.new
    assert todo.take == (Sighting(b"a", 10),)


def test_a_taken_message_that_is_still_there_is_deleted_unless_kept() -> None:
    taken = row(b"a", Outcome.STORED)
    assert plan([taken], 1, [Sighting(b"a", 10)], keep=False).delete == (taken,)
    assert plan([taken], 1, [Sighting(b"a", 10)], keep=True).delete == ()


def test_a_known_uid_with_another_size_is_read_again_and_not_deleted() -> None:
    taken = row(b"a", Outcome.STORED)
    todo = plan([taken], 1, [Sighting(b"a", 11)], keep=False)
    assert todo.reread == (taken,)
    assert not todo.delete


def test_an_unknown_size_equals_none_so_the_message_is_read_again() -> None:
    for size in (10, 0):
        taken = row(b"a", Outcome.STORED, size=size)
        assert plan([taken], 1, [Sighting(b"a", 0)], keep=False).reread == (taken,)


def test_what_an_earlier_listing_had_is_taken_before_what_is_new() -> None:
    listed = [Sighting(b"a", 10), Sighting(b"b", 10)]
    todo = plan([row(b"b", Outcome.LISTED)], 1, listed, keep=False)
    assert [sighting.uid for sighting in todo.take] == [b"b", b"a"]
    assert [sighting.uid for sighting in todo.new] == [b"a"]


def test_what_was_tried_before_is_a_suspect_and_remains() -> None:
    tried = row(b"a", Outcome.LISTED, tries=1, tried_at=NOW)
    again = row(b"b", Outcome.STORED, size=11, tries=2, tried_at=NOW)
    todo = plan([tried, again], 1, [Sighting(b"a", 10), Sighting(b"b", 10)], keep=False)
    assert todo.suspects == (tried, again)
    assert (todo.healthy, todo.remaining, todo.waiting) == ((), 1, (b"a",))
    assert todo.taken_before == {b"b"}


def test_suspects_are_due_one_after_the_other_the_one_left_alone_for_longest_first() -> None:
    rows = [
        row(b"%d" % age, Outcome.LISTED, tries=2, tried_at=NOW - timedelta(minutes=age))
        for age in (3, 5, 4, 7)
    ]
    listed = [Sighting(one.uid, 10) for one in rows]
    assert plan(rows, 1, listed, keep=False).due(NOW) == (b"7", b"5", b"4")


def test_a_suspect_is_left_alone_for_ever_longer_but_never_for_over_an_hour() -> None:
    minutes = [retry_after(tries) / timedelta(minutes=1) for tries in (0, 1, 2, 3, 4, 5, 10**6)]
    assert minutes == [0, 1, 4, 16, 60, 60, 60]


def test_what_was_kept_or_refused_and_is_no_longer_listed_has_vanished() -> None:
    for presence in (Presence.KEPT, Presence.REFUSED):
        taken = row(b"a", Outcome.STORED, presence)
        todo = plan([taken], 1, [], keep=True)
        assert (todo.vanished, todo.absent) == ((taken,), ())


def test_an_unanswered_deletion_is_in_doubt_until_what_was_new_then_is_read() -> None:
    taken, other = row(b"a", Outcome.STORED), Sighting(b"b", 10)
    todo = plan([taken], 1, [other], keep=False)
    assert (todo.doubtful, todo.absent) == ((taken,), ())
    doubtful = evolve(taken, presence=Presence.DOUBTFUL)
    todo = plan([doubtful, row(b"b", Outcome.LISTED)], 1, [other], keep=False)
    assert (todo.doubtful, todo.absent) == ((), ())
    todo = plan([doubtful, row(b"b", Outcome.STORED)], 1, [other], keep=False)
    assert todo.absent == (doubtful,)


def test_what_was_in_doubt_and_is_listed_again_is_deleted_as_ever() -> None:
    doubtful = row(b"a", Outcome.STORED, Presence.DOUBTFUL)
    todo = plan([doubtful], 1, [Sighting(b"a", 10)], keep=False)
    assert todo.returned == todo.delete == (doubtful,)


def test_what_is_no_longer_listed_is_gone_if_never_taken_and_confirmed_if_taken() -> None:
    missed, taken = row(b"a", Outcome.LISTED), row(b"b", Outcome.STORED)
    todo = plan([missed, taken], 1, [], keep=False)
    assert todo.gone == (missed,)
    assert todo.absent == (taken,)


def test_under_a_new_uidvalidity_the_untaken_are_gone_and_the_taken_have_vanished() -> None:
    missed = row(b"a", Outcome.LISTED, validity=1)
    taken = row(b"b", Outcome.STORED, validity=1)
    todo = plan([missed, taken], 2, [Sighting(b"a", 10), Sighting(b"b", 10)], keep=False)
    assert todo.gone == (missed,)
    assert todo.vanished == (taken,)
    assert not todo.absent
    assert [s.uid for s in todo.take] == [b"a", b"b"]


@given(
    st.dictionaries(st.binary(min_size=1, max_size=2), st.sampled_from(Outcome)),
    st.sets(st.binary(min_size=1, max_size=2)),
    st.booleans(),
)
def test_every_listed_message_has_exactly_one_fate(
    known: dict[bytes, Outcome], listed: set[bytes], keep: bool
) -> None:
    rows = [row(uid, outcome) for uid, outcome in known.items()]
    todo = plan(rows, 1, [Sighting(uid, 10) for uid in sorted(listed)], keep=keep)
    take = {s.uid for s in todo.take}
    delete = {r.uid for r in todo.delete}
    taken = {uid for uid, outcome in known.items() if outcome is not Outcome.LISTED}
    assert take == listed - taken
    assert delete == (set() if keep else listed & taken)
    assert todo.remaining == len(take)


class Server(RuleBasedStateMachine):
    """A server and a ledger that follow each other through any order of events."""

    def __init__(self) -> None:
        super().__init__()
        self.drop: list[bytes] = []
        self.arrived = 0
        self.rows: list[LedgerRow] = []
        self.gone = self.remaining = 0

    @rule(count=st.integers(1, 3))
    def arrive(self, count: int) -> None:
        self.drop += [b"%d" % (self.arrived + i) for i in range(count)]
        self.arrived += count

    @rule(position=st.integers(0, 9))
    def somebody_else_deletes(self, position: int) -> None:
        if position < len(self.drop):
            del self.drop[position]

    @rule(take=st.integers(0, 4), confirmed=st.booleans())
    def visit(self, take: int, confirmed: bool) -> None:
        todo = plan(self.rows, 1, [Sighting(uid, 10) for uid in self.drop], keep=False)
        left = {r.uid for r in (*todo.gone, *todo.absent, *todo.doubtful)}
        self.gone += len(todo.gone)
        self.rows = [r for r in self.rows if r.uid not in left or r.outcome is Outcome.STORED]
        self.rows = [evolve(r, presence=Presence.ABSENT) if r.uid in left else r for r in self.rows]
        self.rows += [row(s.uid, Outcome.LISTED) for s in todo.new]
        self.remaining = todo.remaining
        taken = {s.uid for s in todo.take[:take]}
        self.rows = [evolve(r, outcome=Outcome.STORED) if r.uid in taken else r for r in self.rows]
        self.remaining -= len(taken)
        if confirmed:
            done = taken | {r.uid for r in todo.delete}
            self.drop = [uid for uid in self.drop if uid not in done]

    @invariant()
    def the_ledger_adds_up(self) -> None:
        stored = sum(r.outcome is Outcome.STORED for r in self.rows)
        seen = len(self.rows) + self.gone
        sums = LedgerSums("m", stored, 0, 0, 0, self.gone, self.remaining, seen)
        assert sums.difference == 0

    @invariant()
    def nothing_is_taken_twice(self) -> None:
        uids = [r.uid for r in self.rows]
        assert len(uids) == len(set(uids))


TestServer = Server.TestCase


def test_the_total_names_every_part() -> None:
    sums = [LedgerSums("a", 1, 2, 3, 4, 5, 6, 21), LedgerSums("b", 1, 0, 0, 0, 0, 0, 2)]
    assert ledger_total(sums) == {
        "stored": 2,
        "filtered": 2,
        "duplicate": 3,
        "quarantined": 4,
        "gone": 5,
        "remaining": 6,
        "seen": 23,
        "difference": 1,
    }
