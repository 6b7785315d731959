"""IMAP commands: any string, folder and set of UIDs arrives as what it is."""

from __future__ import annotations

import base64
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.mail.imap_commands import (
    QUOTED_MOST,
    SET_BYTES,
    command,
    folder_name,
    uid_set,
    uid_sets,
)
from kana_tui.mail.imap_replies import parse_values


@given(st.lists(st.text(st.characters(exclude_characters="\0\r\n", codec="utf-8")), max_size=4))
def test_strings_are_read_back_as_they_were_given(words: list[str]) -> None:
    parts = command(b"X", *words)
    lines, literals = [parts[0]], list[bytes]()
    for part in parts[1:]:
        size = int(lines[-1].rpartition(b"{")[2][:-1])
        literals.append(part[:size])
        lines.append(part[size:])
    assert parse_values(lines, literals) == [b"X", *(word.encode() for word in words)]


@pytest.mark.parametrize(
    ("word", "unasked", "parts"),
    [
        ("plain", 0, (b'X "plain"',)),
        ("NIL", 0, (b'X "NIL"',)),
        ("é", 0, (b"X {2}", "é".encode())),
        ("é", 2, ("X {2+}\r\né".encode(),)),
        ("é", 1, (b"X {2}", "é".encode())),
        ("x" * (QUOTED_MOST + 1), 0, (b"X {%d}" % (QUOTED_MOST + 1), b"x" * (QUOTED_MOST + 1))),
        ("\x07", 0, (b"X {1}", b"\x07")),
    ],
)
def test_what_cannot_be_quoted_is_a_literal(
    word: str, unasked: int, parts: tuple[bytes, ...]
) -> None:
    assert command(b"X", word, unasked_literals=unasked) == parts


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("INBOX", "INBOX"),
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),  # RFC 3501, 5.1.3
        ("Läden & Süd", "L&AOQ-den &- S&APw-d"),
        ("😀", "&2D3eAA-"),
        ("a\tb", "a&AAk-b"),
        ("", ""),
    ],
)
def test_a_folders_name_is_modified_utf7(folder: str, name: str) -> None:
    assert folder_name(folder) == name


@given(st.text(st.characters(codec="utf-8")))
def test_a_folders_name_is_printable_ascii_and_can_be_read_back(folder: str) -> None:
    name = folder_name(folder)
    assert re.fullmatch("[ -~]*", name)
    assert re.sub("&([^-]*)-", _shifted, name) == folder


def _shifted(match: re.Match[str]) -> str:
    if not match[1]:
        return "&"
    padded = match[1].replace(",", "/") + "=" * (-len(match[1]) % 4)
    return base64.b64decode(padded).decode("utf-16-be")


@given(st.sets(st.integers(1, 60) | st.integers(1, 2**32 - 1), min_size=1))
def test_a_set_names_exactly_its_uids_and_no_two_runs_touch(uids: set[int]) -> None:
    runs = [
        (int(first), int(last or first))
        for first, _, last in (run.partition(b":") for run in uid_set(uids).split(b","))
    ]
    assert {one for first, last in runs for one in range(first, last + 1)} == uids
    assert all(before[1] + 1 < after[0] for before, after in pairwise(runs))


def test_neighbours_are_one_run() -> None:
    assert uid_set([7, 3, 1, 2, 9, 8]) == b"1:3,7:9"


@given(st.sets(st.integers(1, 0xFFFF_FFFF), min_size=1, max_size=2000))
def test_many_uids_go_into_lines_of_a_sane_length(uids: set[int]) -> None:
    sets = list(uid_sets(uids))
    assert b",".join(sets) == uid_set(uids)
    assert all(0 < len(one) <= SET_BYTES for one in sets)


def test_a_run_of_uids_is_one_set_however_long() -> None:
    assert list(uid_sets(range(1, 100_001))) == [b"1:100000"]
