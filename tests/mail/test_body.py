"""A message for a person: its text, whatever the bytes, within budgets."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.mail.body import CUT, HEADERS_MOST, TEXT_BYTES, ReadMessage, read_message
from kana_tui.mail.html_text import HTML_CHARACTERS
from kana_tui.mail.mime_tree import DEPTH_MOST, PARTS_MOST

PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
HTML = b"Content-Type: text/html; charset=utf-8\r\n\r\n"


def _text(raw: bytes) -> str:
    return read_message(raw).text


def _multipart(subtype: str, *parts: bytes, boundary: str = "b") -> bytes:
    mark = boundary.encode()
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\nignored\r\n'
    body = b"".join(b"--%b\r\n%b\r\n" % (mark, part) for part in parts)
    return head.encode() + body + b"--%b--\r\nignored too\r\n" % mark


def test_headers_come_decoded_and_in_order() -> None:
    raw = b"Received: a\r\n by b\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nReceived: c\r\n\r\nhi"
    assert read_message(raw) == ReadMessage(
        (("Received", "a by b"), ("Subject", "Grüße"), ("Received", "c")), "hi"
    )


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"\r\n\r\n", b"Subject: x", b"Subject: x\r\n\r\n"])
def test_a_message_without_a_body_has_no_text(raw: bytes) -> None:
    assert _text(raw) == ""


@pytest.mark.parametrize(
    ("header", "body", "text"),
    [
        (b"", b"plain", "plain"),
        (b"", b"a\r\nb\rc\nd", "a\nb\nc\nd"),
        (b"", "Grüße".encode(), "Grüße"),
        (b"Content-Type: text/plain; charset=iso-8859-15", b"10 \xa4", "10 €"),
        (b'CONTENT-TYPE: Text/Plain; CHARSET="UTF-8"', "Grüße".encode(), "Grüße"),
        (b"Content-Type: text/plain; charset=utf-8", "Grüße".encode("latin-1"), "Grüße"),
        (
            b"Content-Type: text/plain; charset=utf-8",
            "Grüße äö".encode() + b"\xff",
            "Grüße äö\ufffd",
        ),
        (b"Content-Type: text/plain; charset=us-ascii", "Grüße".encode(), "Grüße"),
        (b"Content-Type: text/plain; charset=nonsense", "Grüße".encode(), "Grüße"),
        (b"Content-Type: text/plain; charset=iso-2022-jp", b"\x1b$B$3$s\x1b(B", "こん"),
        (b"Content-Type: text/plain; charset=koi8-r", "Привет".encode("koi8-r"), "Привет"),
        (b"Content-Type: nonsense", b"text", "text"),
        (b"Content-Type: ", b"text", "text"),
        (b"Content-Transfer-Encoding: base64", b"R3LDvMOfZQ==", "Grüße"),
        (b"Content-Transfer-Encoding: BASE64", b"R3LDvM\r\nOfZQ", "Grüße"),
        (b"Content-Transfer-Encoding: base64", b"!!!!", ""),
        (b"Content-Transfer-Encoding: quoted-printable", b"Gr=C3=BC=\r\n=C3=9Fe", "Grüße"),
        (b"Content-Transfer-Encoding: quoted-printable", b"=ZZ=", "=ZZ"),
        (b"Content-Transfer-Encoding: nonsense", b"text", "text"),
        (b"", b"a\0b", "a\ufffdb"),
    ],
)
def test_text_is_decoded_as_well_as_it_can_be(header: bytes, body: bytes, text: str) -> None:
    assert _text(b"Subject: x\r\n" + header + b"\r\n\r\n" + body) == text


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("Здравствуйте, это обычное письмо. " * 5 + "Всё", "cp1251"),
        ("Здравствуйте, это обычное письмо. " * 5 + "Всё", "koi8-r"),
        ("こんにちは、お元気ですか", "shift_jis"),
        ("Ça va très bien, merci à vous été", "latin-1"),
        ("l'été à 10 €", "cp1252"),
    ],
)
def test_an_undeclared_character_set_is_detected(text: str, charset: str) -> None:
    assert _text(b"Subject: x\r\n\r\n" + text.encode(charset)) == text


# Parts


def test_plain_text_is_preferred_to_html() -> None:
    for parts in ((PLAIN + b"plain", HTML + b"<p>html"), (HTML + b"<p>html", PLAIN + b"plain")):
        assert _text(_multipart("alternative", *parts)) == "plain"


@pytest.mark.parametrize("plain", [PLAIN, PLAIN + b" \r\n\r\n"])
def test_an_empty_plain_text_is_not_preferred(plain: bytes) -> None:
    assert _text(_multipart("alternative", plain, HTML + b"<p>html")) == "html"


def test_parts_that_are_no_alternatives_are_all_shown() -> None:
    raw = _multipart("mixed", PLAIN + b"one", HTML + b"<p>two</p>", PLAIN + b"three")
    assert _text(raw) == "one\n\ntwo\n\nthree"


@pytest.mark.parametrize(
    ("header", "line"),
    [
        (
            b'Content-Type: application/pdf; name="a.pdf"',
            "[attachment: a.pdf, application/pdf, 5 bytes]",
        ),
        (
            b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64",
            "[attachment: without a name, image/png, 3 bytes]",
        ),
        (
            b'Content-Disposition: attachment; filename="note.txt"',
            "[attachment: note.txt, text/plain, 5 bytes]",
        ),
        (
            b"Content-Type: text/html\r\nContent-Disposition: ATTACHMENT",
            "[attachment: without a name, text/html, 5 bytes]",
        ),
        (
            b"Content-Type: x/y; name*=utf-8''Gr%C3%BC%C3%9Fe.pdf",
            "[attachment: Grüße.pdf, x/y, 5 bytes]",
        ),
        (
            b"Content-Type: x/y; name*1*=%C3%9Fe; name*0*=utf-8''Gr%C3%BC; name*2=.pdf",
            "[attachment: Grüße.pdf, x/y, 5 bytes]",
        ),
        (
            b'Content-Type: x/y; name="=?utf-8?q?Gr=C3=BC=C3=9Fe?="',
            "[attachment: Grüße, x/y, 5 bytes]",
        ),
        (
            b'Content-Type: x/y; name="a\\"b;c"; x=y',
            '[attachment: a"b;c, x/y, 5 bytes]',
        ),
        (b"Content-Type: x/y; name=a b.pdf", "[attachment: a b.pdf, x/y, 5 bytes]"),
        (b"Content-Type: message/rfc822", "[attachment: without a name, message/rfc822, 5 bytes]"),
        (b'Content-Type: x/y; name="..\\\\x\r\n\t/y"', "[attachment: ..\\x /y, x/y, 5 bytes]"),
    ],
)
def test_an_attachment_is_only_named(header: bytes, line: str) -> None:
    raw = _multipart("mixed", PLAIN + b"text", header + b"\r\n\r\nYWJj ")
    assert _text(raw) == f"text\n\n{line}"


def test_a_message_that_is_one_attachment_is_named() -> None:
    raw = b"Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    zipped = base64.encodebytes(b"PK\3\4" * 1000).replace(b"\n", b"\r\n")
    assert _text(raw + zipped) == "[attachment: without a name, application/zip, 4,000 bytes]"


def test_an_alternatives_attachments_are_named_too() -> None:
    related = _multipart("related", HTML + b"<p>h", b"Content-Type: x/y\r\n\r\nz", boundary="r")
    raw = _multipart("alternative", PLAIN + b"plain", related)
    assert _text(raw) == "plain\n\n[attachment: without a name, x/y, 1 bytes]"


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/mixed\r\n\r\nonly text",
        b"Content-Type: multipart/mixed; boundary=\r\n\r\nonly text",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\nonly text",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nonly text",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nonly text\n--b--\n",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b  \n\nonly text\n--b--  \n",
        b'Content-Type: multipart/mixed; boundary="b c"\r\n\r\n--b c\r\n\r\nonly text\r\n--b c--',
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\nx\r\n--b\r\n\r\nonly text\r\n--b\r\n",
    ],
)
def test_a_broken_multipart_still_shows_its_text(raw: bytes) -> None:
    assert _text(raw) == "only text"


def test_a_line_that_only_begins_like_a_delimiter_is_text() -> None:
    assert _text(_multipart("mixed", PLAIN + b"--bc\r\n --b\r\n--b-")) == "--bc\n --b\n--b-"


@pytest.mark.parametrize("subtype", ["mixed", "alternative"])
@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
@pytest.mark.parametrize("encoding", ["7bit", "base64", "quoted-printable", "8bit"])
def test_what_another_program_wrote_is_read_back(subtype: str, charset: str, encoding: str) -> None:
    text = "plain\n" if encoding == "7bit" else "Grüße aus München\n=20 -- .\n"
    message = EmailMessage(policy=SMTP)
    message["Subject"] = "Grüße"
    message.set_content(text, charset=charset, cte=encoding)
    if subtype == "alternative":
        message.add_alternative("<p>other</p>", subtype="html")
    message.add_attachment(b"PK", maintype="application", subtype="zip", filename="ä.zip")
    shown = read_message(message.as_bytes())
    attachment = "[attachment: ä.zip, application/zip, 2 bytes]"
    assert shown.text == f"{text.strip()}\n\n{attachment}"
    assert ("Subject", "Grüße") in shown.headers


# HTML


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("a &amp; b &lt;c&gt; &#8364;", "a & b <c> €"),
        ("<script>x()</script><style>p {}</style><title>t</title><p>text", "text"),
        ("<ul><li>one<li>two</ul>", "* one\n  * two"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a  b"),
        ("<p style='display:none'>hidden</p><p>shown</p>", "shown"),
        ("<p style='padding-left:100000em'>text", "text"),
        ("<?xml version='1.0' encoding='latin-1'?><p>text</p>", "text"),
        ("<p>text<", "text<"),
        ("text", "text"),
        ("<!-- only a comment -->", ""),
        ("<img src='http://127.0.0.1:1/x.png' alt='picture'>text", "text"),
        ("\x00<p>text", "\ufffd\n\ntext"),
        ("", ""),
    ],
)
def test_html_is_shown_as_text(source: str, text: str) -> None:
    assert _text(HTML + source.encode()).replace("\n\n\n", "\n\n") == text


@pytest.mark.parametrize(
    "source",
    [
        "<div>" * 100_000 + "text",
        "<ul>" * 250 + "<li>text" * 30_000,
        "<table><tr><td>" + "text" * 60_000 + "</td></tr>" + "<tr><td>y</td></tr>" * 10_000,
        "<p style='padding-left:100000em'>text</p>" * 10_000,
        "<p>text" * 60_000,
        "<script>" * 60_000 + "</script>text",
        "<br" * 150_000 + ">text",
        " " * 300_000 + "text",
        "<" * 300_000 + " text",
        "<!--" * 100_000 + "--> text",
        "<table><tr><td>text" * 5_000,
    ],
    ids=lambda source: source[:12].strip(),
)
def test_html_that_would_swell_is_still_shown_within_bounds(source: str) -> None:
    text = _text(HTML + source.encode())
    assert "text" in text
    assert len(text) <= 2 * HTML_CHARACTERS


# Budgets


def test_parts_are_taken_apart_up_to_a_depth() -> None:
    deep = PLAIN + b"deep"
    for level in range(1000):
        deep = _multipart("mixed", deep, boundary=f"b{level}x")
        if level == DEPTH_MOST - 1:
            assert _text(deep) == "deep"
    assert _text(deep).endswith(CUT)


def test_parts_are_shown_up_to_a_number() -> None:
    text = _text(_multipart("mixed", *[PLAIN + b"part"] * 10_000))
    assert text.count("part") == PARTS_MOST - 1
    assert text.endswith(CUT)


@pytest.mark.parametrize("encoding", [b"7bit", b"base64", b"quoted-printable"])
def test_text_is_shown_up_to_a_size(encoding: bytes) -> None:
    part = PLAIN[:-2] + b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\n"
    text = _text(_multipart("mixed", *[part + b"AAAA\r\n" * 100_000] * 4))
    assert text.endswith(CUT)
    assert TEXT_BYTES // 2 < len(text) <= TEXT_BYTES + len(CUT) + 10


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\r\n\r\ntext",
        b"X: y\r\n" * 30_000 + b"\r\ntext",
        b"From: " + b"(" * 5_000 + b"\r\n\r\ntext",
        b"To: " + b"a@x.org, " * 10_000 + b"\r\n\r\ntext",
        b"Content-Type: text/plain" + b"; a*9=x" * 10_000 + b"\r\n\r\ntext",
        b"Content-Type: text/plain" + b'; a="' * 10_000 + b"\r\n\r\ntext",
        b"Content-Type: " + b"text/" * 10_000 + b"\r\n\r\ntext",
    ],
    ids=lambda raw: repr(bytes(raw[:24])),
)
def test_a_bomb_of_headers_leaves_the_text_readable(raw: bytes) -> None:
    shown = read_message(raw)
    assert shown.text == "text"
    assert len(shown.headers) <= HEADERS_MOST


@given(st.binary(max_size=2000))
def test_any_bytes_are_read(raw: bytes) -> None:
    _assert_storable(read_message(raw))


@given(
    st.recursive(
        st.tuples(
            st.sampled_from([b"", PLAIN, HTML, b"Content-Type: text/plain; charset=hz\r\n\r\n"]),
            st.sampled_from([b"", b"Content-Transfer-Encoding: base64\r\n"]),
            st.binary(max_size=80)
            | st.just(b"<table><tr><td>x")
            | st.just(b"\r\n--b--\r\n--b\r\n"),
        ).map(lambda part: part[1] + part[0] + part[2]),
        lambda inner: st.tuples(
            st.sampled_from(["mixed", "alternative", "related", "x y"]),
            st.sampled_from(["b", "bb", "", "-", 'a"b']),
            st.lists(inner, max_size=4),
        ).map(lambda many: _multipart(many[0], *many[2], boundary=many[1])),
        max_leaves=8,
    )
)
def test_any_tree_of_parts_is_read(raw: bytes) -> None:
    _assert_storable(read_message(raw))


def _assert_storable(message: ReadMessage) -> None:
    for text in (message.text, *(text for header in message.headers for text in header)):
        text.encode()
        assert "\0" not in text
