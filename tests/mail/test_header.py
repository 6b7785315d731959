"""What intake reads of a header block, whatever the bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kana_tui.domain.intake import Envelope
from kana_tui.mail.address_list import ADDRESSES
from kana_tui.mail.encoded_words import ENCODED_WORDS
from kana_tui.mail.header import read_envelope
from kana_tui.mail.header_block import FIELD_BYTES, HEADER_BYTES

LINE_ENDS = [b"\r\n", b"\n", b"\r"]
USUAL = (
    b"Return-Path: <ann@example.com>",
    b"From: Ann <ann@example.com>",
    b"To: support@example.com,",
    b'\t"Doe, John" <john@example.com>',
    b"Cc: Bob <bob@example.com>",
    b"Subject: A question",
    b" about an order",
    b"Message-ID: <1@example.com>",
    b"Date: Tue, 24 Nov 2026 12:00:00 +0100",
    b"Auto-Submitted: auto-replied; why=vacation",
    b"Precedence: Bulk",
    b"",
    b"Subject: not this one",
)
ENVELOPE = Envelope(
    subject="A question about an order",
    from_="Ann <ann@example.com>",
    to=("support@example.com", '"Doe, John" <john@example.com>'),
    cc=("Bob <bob@example.com>",),
    date=datetime(2026, 11, 24, 11, tzinfo=UTC),
    message_id="<1@example.com>",
    return_path="ann@example.com",
    auto_submitted="auto-replied",
    precedence="bulk",
)
NOTHING = Envelope(subject="", from_="", to=())


@pytest.mark.parametrize("line_end", LINE_ENDS)
def test_a_header_block_is_read_whatever_its_line_ends(line_end: bytes) -> None:
    assert read_envelope(line_end.join(USUAL)) == ENVELOPE


def test_line_ends_may_be_mixed() -> None:
    mixed = b"".join(line + LINE_ENDS[at % 3] for at, line in enumerate(USUAL))
    assert read_envelope(mixed) == ENVELOPE


def test_a_byte_order_mark_and_the_line_of_an_mbox_are_no_header() -> None:
    raw = b"\xef\xbb\xbfFrom ann@example.com Tue Nov 24 12:00:00 2026\n" + b"\n".join(USUAL)
    assert read_envelope(raw) == ENVELOPE


def test_a_message_without_an_empty_line_is_all_header() -> None:
    assert read_envelope(b"\r\n".join(USUAL[:-2])) == ENVELOPE


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n", b"\n\nSubject: a body", b"\xef\xbb\xbf", b"\xff" * 9]
)
def test_a_message_without_a_header_has_an_empty_envelope(raw: bytes) -> None:
    assert read_envelope(raw) == NOTHING


@pytest.mark.parametrize("cut", range(0, len(b"\r\n".join(USUAL)), 7))
def test_a_header_block_may_be_cut_anywhere(cut: int) -> None:
    assert isinstance(read_envelope(b"\r\n".join(USUAL)[:cut]), Envelope)


@pytest.mark.parametrize(
    ("written", "subject"),
    [
        (b"plain", "plain"),
        (b"  spaces around  ", "spaces around"),
        (b"=?utf-8?Q?J=C3=B6rg_and_Ann?=", "Jörg and Ann"),
        (b"=?UTF-8?B?SsO2cmc=?=", "Jörg"),
        (b"=?iso-8859-1*de?q?J=F6rg?=", "Jörg"),
        (b"=?utf-8?q?one?= =?utf-8?q?_two?=", "one two"),
        (b"=?utf-8?q?one?=\r\n =?iso-8859-1?q?_zw=F6lf?=", "one zwölf"),
        (b"=?utf-8?q?one?= and =?utf-8?q?two?=", "one and two"),
        (b"=?utf-8?B?4oI=?= =?utf-8?B?rA==?=", "€"),
        (b"Re:=?utf-8?q?glued?=[1]", "Re:glued[1]"),
        (b"=?utf-8?q?with spaces inside?=", "with spaces inside"),
        (b"=?utf-8?q?why??=", "why?"),
        (b"=?utf-8?B?SsO2cmc?=", "Jörg"),
        (b"=?utf-8?B?SsO2 cmc*=?=", "Jörg"),
        (b"=?utf-8?B?A?=", ""),
        (b"=?utf-8?q?=C3=28?=", "\ufffd("),
        (b"=?utf-8?q?broken=Zescape?=", "broken=Zescape"),
        (b"=?no-such-charset?q?J=C3=B6rg?=", "Jörg"),
        (b"=?no-such-charset?q?J=F6rg?=", "Jörg"),
        (b"=?zip?q?abc?=", "abc"),
        (b"=?us-ascii?q?J=C3=B6rg?=", "Jörg"),
        (b"=?iso-8859-1?q?=80uro?=", "€uro"),
        (b"=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        (b"=?utf-8?q?never ends", "=?utf-8?q?never ends"),
        ("Grüße".encode(), "Grüße"),
        ("Grüße".encode("latin-1"), "Grüße"),
        (b"\x81\x8d", "\ufffd\ufffd"),
        (b"a\x00b", "a\ufffdb"),
        (b"=?utf-7?q?+2AA-?=", "\ufffd"),
        (b"=?iso-2022-jp?B?GyRCJDMkcyRLJEEkTxsoQg==?=", "こんにちは"),
        (b"(parens) {5}", "(parens) {5}"),
    ],
)
def test_a_subject_is_decoded_as_well_as_it_can_be(written: bytes, subject: str) -> None:
    assert read_envelope(b"Subject: " + written + b"\r\n\r\n").subject == subject


@pytest.mark.parametrize("break_", [b"=0D=0A", b"=0A", b"=0D", b"=E2=80=A8", b"=C2=85", b"=1C"])
def test_a_line_break_that_was_encoded_does_not_come_back(break_: bytes) -> None:
    raw = b"Subject: =?utf-8?q?a" + break_ + b"Bcc:_x?=\r\nFrom: =?utf-8?q?a" + break_ + b"b?=\r\n"
    envelope = read_envelope(raw)
    assert (envelope.subject, envelope.from_) == ("a Bcc: x", "a b")


@pytest.mark.parametrize(
    ("written", "mailboxes"),
    [
        (b"a@x.org", ("a@x.org",)),
        (b"a@x.org,b@x.org , ,", ("a@x.org", "b@x.org")),
        (b'"Doe, J" <j@x.org>, k@x.org', ('"Doe, J" <j@x.org>', "k@x.org")),
        (b'"a \\", b" <j@x.org>, k@x.org', ('"a \\", b" <j@x.org>', "k@x.org")),
        (b"J (x, (y), z) <j@x.org>, k@x.org", ("J (x, (y), z) <j@x.org>", "k@x.org")),
        (b"Friends: a@x.org, b@x.org; c@x.org", ("a@x.org", "b@x.org", "c@x.org")),
        (b"undisclosed-recipients:;", ()),
        (b"<@a,@b:j@x.org>, k@x.org", ("<@a,@b:j@x.org>", "k@x.org")),
        (b"j@[IPv6:::1], k@x.org", ("j@[IPv6:::1]", "k@x.org")),
        (b"=?utf-8?q?Doe=2C_J?= <j@x.org>, k@x.org", ("Doe, J <j@x.org>", "k@x.org")),
        (b'"never ends, j@x.org', ('"never ends, j@x.org',)),
        (b"", ()),
    ],
)
def test_each_mailbox_of_a_list_is_told_apart(written: bytes, mailboxes: tuple[str, ...]) -> None:
    raw = b"To: " + written + b"\r\nCC: " + written + b"\r\n\r\n"
    envelope = read_envelope(raw)
    assert (envelope.to, envelope.cc) == (mailboxes, mailboxes)


def test_of_a_repeated_field_the_first_counts_and_lists_are_joined() -> None:
    raw = b"Subject: one\nSUBJECT: two\nTo: a@x.org\nto : b@x.org\n\n"
    envelope = read_envelope(raw)
    assert (envelope.subject, envelope.to) == ("one", ("a@x.org", "b@x.org"))


@pytest.mark.parametrize(
    ("written", "date"),
    [
        (b"Tue, 24 Nov 2026 12:00:00 +0100", datetime(2026, 11, 24, 11, tzinfo=UTC)),
        (b"24 Nov 2026 12:00 GMT", datetime(2026, 11, 24, 12, tzinfo=UTC)),
        (b"Tue, 24 Nov 26 12:00:00 EST (Eastern)", datetime(2026, 11, 24, 17, tzinfo=UTC)),
        (b"Tue, 24 Nov 2026 12:00:00 -0000", datetime(2026, 11, 24, 12, tzinfo=UTC)),
        (b"Tue, 24 Nov 2026 12:00:00", datetime(2026, 11, 24, 12, tzinfo=UTC)),
        (b"Tue Nov 24 12:00:00 2026", datetime(2026, 11, 24, 12, tzinfo=UTC)),
        (b"Tue, 31 Nov 2026 12:00:00 +0000", None),
        (b"1 Jan 0001 00:00:00 +0000", datetime(2001, 1, 1, tzinfo=UTC)),
        (b"31 Dec 9999 23:59:59 -1200", None),
        (b"24 Nov 2026 12:00:00 +9999", None),
        (b"yesterday", None),
        (b"9" * 5000, None),
        (b"", None),
    ],
)
def test_a_date_is_utc_or_none(written: bytes, date: datetime | None) -> None:
    assert read_envelope(b"Date: " + written + b"\r\n\r\n").date == date


@pytest.mark.parametrize(
    ("written", "path"),
    [(b"<>", ""), (b"", ""), (b"<a@x.org>", "a@x.org"), (b" < a@x.org > ", "a@x.org")],
)
def test_an_empty_return_path_is_told_from_none(written: bytes, path: str) -> None:
    assert read_envelope(b"Return-Path: " + written + b"\r\n\r\n").return_path == path
    assert read_envelope(b"Subject: x\r\n\r\n").return_path is None


@pytest.mark.parametrize(
    ("written", "message_id"),
    [
        (b"<1@x.org>", "<1@x.org>"),
        (b"(c) <1@x.org> x", "<1@x.org>"),
        (b"<1@\r\n x.org>", "<1@x.org>"),
        (b"1@x.org", "1@x.org"),
    ],
)
def test_a_message_id_is_kept_with_its_brackets(written: bytes, message_id: str) -> None:
    assert read_envelope(b"Message-ID: " + written + b"\r\n\r\n").message_id == message_id


@pytest.mark.parametrize(
    "bomb",
    [
        b"Subject: " + b"=?utf-8?q?a?= " * 20_000,
        b"Subject: " + b"=?utf-8?q?a?=\r\n " * 20_000,
        b"Subject: " + b"=?a?q?" * 60_000,
        b"To: " + b", ".join(b"a%d@example.com" % number for number in range(10_000)),
        b"To: a@x.org,b@x.org\n" * 20_000,
        b"From: " + b"(" * 5_000 + b"a@x.org",
        b"To: " + b"(" * 300_000,
        b"To: " + b'"\\' * 200_000,
        b"X: y\r\n" * 100_000 + b"Subject: too late",
        b"Subject: a" + b"\n " * 200_000,
        b"Message-ID: " + b"<" * 300_000,
        b"Date: " + b"1" * 300_000,
        b"\r" * 300_000,
        b"a" * 1_000_000,
    ],
    ids=lambda bomb: repr(bytes(bomb[:16])),
)
def test_a_bomb_is_read_within_its_budget(bomb: bytes) -> None:
    envelope = read_envelope(bomb)
    assert len(envelope.subject) <= FIELD_BYTES
    assert len(envelope.from_) <= FIELD_BYTES
    assert len(envelope.to) <= ADDRESSES


def test_encoded_words_beyond_the_budget_stay_as_written() -> None:
    subject = read_envelope(b"Subject: " + b"=?utf-8?q?a?= " * (ENCODED_WORDS + 1)).subject
    assert subject == "a" * ENCODED_WORDS + " =?utf-8?q?a?="


def test_what_stands_beyond_the_budget_of_the_header_block_is_not_read() -> None:
    padding = b"X: " + b"y" * HEADER_BYTES + b"\n"
    assert read_envelope(padding + b"Subject: late\n\n") == NOTHING


@given(st.binary(max_size=2000))
def test_reading_never_raises_and_every_text_can_be_stored(raw: bytes) -> None:
    _assert_storable(read_envelope(raw))


@given(
    st.sampled_from(["Subject", "From", "To", "Date", "Message-ID", "Return-Path"]),
    st.binary(max_size=200),
    st.lists(
        st.tuples(
            st.sampled_from(["utf-8", "utf-16", "utf-7", "iso-2022-jp", "hz", "idna", "x", ""]),
            st.sampled_from("qQbB"),
            st.binary(max_size=40),
        ),
        max_size=4,
    ),
)
@example("Subject", b"", [("utf-7", "q", b"+2AA-")])
def test_a_field_of_any_bytes_and_words_never_raises(
    name: str, value: bytes, words: list[tuple[str, str, bytes]]
) -> None:
    encoded = b" ".join(
        b"=?%b?%b?%b?=" % (charset.encode(), encoding.encode(), text)
        for charset, encoding, text in words
    )
    _assert_storable(read_envelope(name.encode() + b": " + value + b" " + encoded + b"\r\n\r\n"))


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=60))
def test_a_subject_that_another_program_wrote_is_read_back(subject: str) -> None:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    assert read_envelope(message.as_bytes()).subject == subject


def _assert_storable(envelope: Envelope) -> None:
    texts = (
        envelope.subject,
        envelope.from_,
        *envelope.to,
        *envelope.cc,
        envelope.message_id,
        envelope.return_path or "",
        envelope.auto_submitted,
        envelope.precedence,
    )
    for text in texts:
        text.encode()
        assert "\0" not in text
        assert len(text.splitlines()) <= 1
    assert envelope.date is None or envelope.date.tzinfo is UTC
