"""IMAP's grammar: what a server says comes back as the values it stands for, or not at all."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.mail.imap_replies import (
    DEPTH_MOST,
    Data,
    Kind,
    MalformedError,
    Status,
    Value,
    fetch_items,
    internal_date,
    literal_size,
    number,
    parse_data,
    parse_status,
    parse_values,
    uid,
)

ATOMS = st.from_regex(rb"[A-Za-z0-9.+:/\\*%$&_-]{1,12}", fullmatch=True).filter(
    lambda atom: atom.upper() != b"NIL"
)
STRINGS = st.binary(max_size=30)
VALUES = st.recursive(
    st.one_of(
        ATOMS.map(lambda atom: ("atom", atom)),
        STRINGS.map(lambda text: ("string", text)),
        st.just(("nil", None)),
    ),
    lambda inner: st.lists(inner, max_size=4).map(lambda values: ("list", values)),
    max_leaves=12,
)


def _written(values: list[tuple[str, object]], lines: list[bytes], literals: list[bytes]) -> None:
    """Write values as a server might: strings quoted where they can be, else as literals."""
    for position, (kind, value) in enumerate(values):
        lines[-1] += b" " if position else b""
        if kind == "list":
            assert isinstance(value, list)
            lines[-1] += b"("
            _written(value, lines, literals)
            lines[-1] += b")"
        elif isinstance(value, bytes) and kind == "string":
            if value.isascii() and not any(byte in b"\r\n\0" for byte in value):
                lines[-1] += b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
            else:
                lines[-1] += b"{%d}" % len(value)
                literals.append(value)
                lines.append(b"")
        else:
            lines[-1] += value if isinstance(value, bytes) else b"NIL"


def _plain(values: list[tuple[str, object]]) -> list[Value]:
    return [
        _plain(value) if isinstance(value, list) else value  # type: ignore[misc]
        for _, value in values
    ]


@given(st.lists(VALUES, max_size=5))
def test_values_are_read_back_as_they_were_written(values: list[tuple[str, object]]) -> None:
    lines, literals = [b""], list[bytes]()
    _written(values, lines, literals)
    assert parse_values(lines, literals) == _plain(values)


@given(
    st.lists(st.binary(max_size=60), min_size=1, max_size=4),
    st.lists(st.binary(max_size=10), max_size=3),
)
def test_any_bytes_are_values_or_malformed(lines: list[bytes], literals: list[bytes]) -> None:
    with suppress(MalformedError):
        parse_values(lines, literals)
    with suppress(MalformedError):
        fetch_items(parse_data([b"* 1 FETCH " + lines[0], *lines[1:]], literals))
    with suppress(MalformedError):
        parse_data(lines, literals)
    parse_status(lines[0])
    literal_size(lines[0])
    internal_date(lines[0])


@pytest.mark.parametrize(
    "line",
    [
        b"(" * 1_000_000,
        b")",
        b"()" * 300_000 + b")",
        b'"' * 999_999,
        b'"\\' * 500_000,
        b"[" * 1_000_000,
        b"{" * 1_000_000,
        b"{1" * 500_000,
        b" " * 1_000_000 + b"\0",
        b"(" * (DEPTH_MOST + 1) + b")" * (DEPTH_MOST + 1),
        b"{5}",
        b'a"b',
        b"a\0b",
    ],
    ids=lambda line: repr(bytes(line[:8])),
)
def test_nonsense_is_malformed_however_long(line: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_values([line], [b"12345", b""] if line != b"{5}" else [])


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"K1 OK done", Status(b"K1", Kind.OK, "", b"", b"done")),
        (b"K1 no", Status(b"K1", Kind.NO, "", b"", b"")),
        (b"* OK [UIDVALIDITY 7] ok", Status(b"*", Kind.OK, "UIDVALIDITY", b"7", b"ok")),
        (b"* OK [unseen] x", Status(b"*", Kind.OK, "UNSEEN", b"", b"x")),
        (b'* OK (a [b "c {5}', Status(b"*", Kind.OK, "", b"", b'(a [b "c {5}')),
        (b"* BYE [never closed", Status(b"*", Kind.BYE, "", b"", b"[never closed")),
        (b"* BYE", Status(b"*", Kind.BYE, "", b"", b"")),
        (b"* OKAY", None),
        (b"* 5 EXISTS", None),
        (b"OK", None),
        (b"", None),
    ],
)
def test_a_status_line_is_told_from_data(line: bytes, status: Status | None) -> None:
    assert parse_status(line) == status


@pytest.mark.parametrize(
    ("line", "data"),
    [
        (b"* 5 EXISTS", Data(5, b"EXISTS", (b"",), [])),
        (b"* search 1 2", Data(0, b"SEARCH", (b"1 2",), [])),
        (b"* 3 FETCH (UID 1)", Data(3, b"FETCH", (b"(UID 1)",), [])),
    ],
)
def test_untagged_data_has_a_number_and_a_name(line: bytes, data: Data) -> None:
    assert parse_data([line], []) == data


@pytest.mark.parametrize("line", [b"5 EXISTS", b"* ", b"*", b"* 5", b"* 5 6", b"K1 EXISTS", b""])
def test_other_lines_are_no_data(line: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_data([line], [])


@pytest.mark.parametrize(
    ("line", "size"),
    [(b"a {5}", 5), (b"{0}", 0), (b"{5} ", None), (b"{+5}", None), (b"{5+}", None), (b"", None)],
)
def test_a_literal_is_told_by_the_lines_end(line: bytes, size: int | None) -> None:
    assert literal_size(line) == size


@pytest.mark.parametrize("value", [b"-1", b"1.5", b"", b"x", b"\xb2", None, [b"1"], b"9" * 30])
def test_what_is_no_number_is_malformed(value: Value) -> None:
    with pytest.raises(MalformedError):
        number(value)


def test_a_uid_is_a_number_from_one_to_the_end_of_32_bits() -> None:
    assert (uid(b"1"), uid(b"4294967295")) == (1, 4294967295)
    for value in (b"0", b"4294967296"):
        with pytest.raises(MalformedError):
            uid(value)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        (b"24-Nov-2026 12:00:00 +0100", datetime(2026, 11, 24, 11, tzinfo=UTC)),
        (b" 1-Jan-2026 00:00:00 -1130", datetime(2026, 1, 1, 11, 30, tzinfo=UTC)),
        (b"31-Feb-2026 12:00:00 +0000", None),
        (b"24-Foo-2026 12:00:00 +0000", None),
        (b"24-Nov-2026 12:00:00 +9900", None),
        (b"24-Nov-0000 12:00:00 +0000", None),
        (b"01-Jan-0001 00:00:00 +1200", None),
        (b"", None),
        (None, None),
        ([], None),
    ],
)
def test_an_internal_date_is_utc_or_none(text: Value, date: datetime | None) -> None:
    assert internal_date(text) == date
