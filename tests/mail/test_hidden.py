"""What a login sends is found again in a server's words, in the forms that servers use."""

from __future__ import annotations

import base64
import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.secret import Secret
from kana_tui.mail.hidden import Hidden

SECRET = "canary horse/7+ä?"
RAW = SECRET.encode()


@pytest.mark.parametrize(
    "form",
    [
        RAW,
        RAW.upper(),
        base64.b64encode(RAW),
        base64.urlsafe_b64encode(RAW),
        quote(SECRET, safe="").encode(),
        quote(SECRET, safe="").lower().encode(),
    ],
)
def test_a_secret_is_cut_out_in_every_form(form: bytes) -> None:
    cut = Hidden(Secret(SECRET)).cut(b"no: " + form + b" wrong")
    assert cut.replace(b"=", b"") == "no: … wrong".encode()


def test_the_beginning_of_what_was_sent_is_enough() -> None:
    hidden = Hidden(Secret(SECRET))
    hidden.add(base64.b64encode(b"\0ann\0" + RAW))
    begun = base64.b64encode(b"\0ann\0" + RAW)[:25]
    assert hidden.cut(b"line too long: " + begun) == "line too long: …".encode()


@given(st.binary(max_size=80))
def test_without_a_secret_all_words_stay(words: bytes) -> None:
    assert Hidden(Secret("")).cut(words) == words


@pytest.mark.parametrize("short", ["a", "fail", "authent", "."])
def test_a_short_secret_is_not_told_by_gaps_in_other_words(short: str) -> None:
    words = b"[AUTH] authentication failed."
    assert Hidden(Secret(short)).cut(words) == words


@given(st.text(string.ascii_letters + string.digits, min_size=1, max_size=7))
def test_a_short_secret_that_stands_alone_is_cut_out(text: str) -> None:
    raw = text.encode()
    assert Hidden(Secret(text)).cut(b"<" + raw + b'>: "' + raw + b'"') == '<…>: "…"'.encode()


@given(st.text(min_size=8, max_size=40), st.binary(max_size=20), st.binary(max_size=20))
def test_no_secret_is_left(text: str, before: bytes, after: bytes) -> None:
    raw = text.encode()
    cut = Hidden(Secret(text)).cut(before + raw + after)
    assert raw not in cut or raw in "…".encode()
