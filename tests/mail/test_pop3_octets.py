"""How a POP3 server counts bytes, learned from messages that were proven whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kana_tui.mail.pop3_octets import Octets

SIZES = st.tuples(st.integers(1, 10_000), st.integers(1, 500))
"""Bytes, and line ends beside."""


@given(st.integers(0, 1), st.lists(SIZES, min_size=1))
def test_after_one_message_every_other_that_is_counted_alike_agrees(
    way: int, messages: list[tuple[int, int]]
) -> None:
    octets = Octets()
    (other, lines), *_ = messages
    size = other + 2 * lines
    assert not octets.agree(size - way * lines, size, lines)
    octets.learn(size - way * lines, size, lines)
    assert octets.known
    for other, lines in messages:
        size = other + 2 * lines
        assert octets.agree(size - way * lines, size, lines)


@given(st.integers(0, 1), SIZES, SIZES)
def test_what_was_cut_never_agrees(way: int, head: tuple[int, int], tail: tuple[int, int]) -> None:
    octets = Octets()
    octets.learn(100 - way * 10, 100, 10)
    size, lines = head[0] + 2 * head[1], head[1]
    whole, all_lines = size + tail[0] + 2 * tail[1], lines + tail[1]
    assert not octets.agree(whole - way * all_lines, size, lines)


def test_a_message_without_lines_shows_nothing() -> None:
    octets = Octets()
    octets.learn(0, 0, 0)
    assert not octets.known
    octets.learn(100, 100, 10)
    assert octets.known


@given(st.lists(SIZES))
def test_a_server_that_was_doubted_is_never_relied_on(messages: list[tuple[int, int]]) -> None:
    octets = Octets()
    octets.doubt()
    for size, lines in messages:
        octets.learn(size, size, lines)
        assert not octets.agree(size, size, lines)
