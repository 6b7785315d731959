"""The demo's mailboxes: the story's parts are there, whatever the number."""

from __future__ import annotations

from statistics import mean

from hypothesis import given
from hypothesis import strategies as st

from kana_tui.demo.cast import STORY_SIZE, cast
from kana_tui.demo.traffic import Bursts, Steady
from kana_tui.domain.authentication import AuthType
from kana_tui.domain.cover import Priority

counts = st.integers(STORY_SIZE, 300)


@given(counts)
def test_each_part_of_the_story_is_played_by_exactly_one(count: int) -> None:
    members = cast(count)
    assert len(members) == count
    assert sum(isinstance(m.traffic, Bursts) for m in members) == 1
    assert sum(m.wrong_password for m in members) == 1
    assert sum(m.priority is Priority.LOW for m in members) == 1
    assert sum(m.keep for m in members) == 1
    assert {m.auth_type for m in members} == {AuthType.POP, AuthType.IMAP}


@given(counts)
def test_no_two_share_an_account_a_name_or_an_address(count: int) -> None:
    members = cast(count)
    for of in (lambda m: m.user, lambda m: m.name, lambda m: m.email_address):
        assert len(set(map(of, members))) == count


@given(counts)
def test_the_mean_share_of_steady_mail_is_one(count: int) -> None:
    shares = [m.traffic.share for m in cast(count) if isinstance(m.traffic, Steady)]
    assert abs(mean(shares) - 1) < 1e-9


def test_the_wrong_password_opens_nothing() -> None:
    for member in cast():
        assert (member.mailbox_password == member.password) != member.wrong_password
