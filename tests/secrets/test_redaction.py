"""No spelling of a known secret passes a log (F66)."""

from __future__ import annotations

import base64
import html
import json
import urllib.parse
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.secret import Secret
from kana_tui.secrets.redaction import KEPT, MASK, Redactor

CANARY = 'p/w+Ü "quoted" \\ <&> 100%\t€'

SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "json": json.dumps,
    "json, not ASCII": lambda text: json.dumps(text, ensure_ascii=False),
    "repr": repr,
    "repr of bytes": lambda text: repr(text.encode()),
    "quote": urllib.parse.quote,
    "quote all": lambda text: urllib.parse.quote(text, safe=""),
    "quote plus": urllib.parse.quote_plus,
    "quote, lower case": lambda text: urllib.parse.quote(text, safe="").lower(),
    "html": html.escape,
    "IMAP": lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"',
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "AUTH PLAIN": lambda text: base64.b64encode(b"\0me\0" + text.encode()).decode(),
    "XOAUTH2": lambda text: base64.b64encode(f"user=m\1auth=Bearer {text}\1\1".encode()).decode(),
    "Basic": lambda text: base64.b64encode(f"{text}:x".encode()).decode(),
}


def knowing(*texts: str) -> Redactor:
    redactor = Redactor()
    for text in texts:
        redactor.learn(Secret(text))
    return redactor


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("canary", [CANARY, "correct horse", "Tr0ub4dor", "秘密の言葉", "ä>?~ÿ-x"])
def test_no_spelling_of_a_secret_is_left(spelling: str, canary: str) -> None:
    if spelling == "quote, lower case" and canary != canary.lower():
        canary = canary.lower()
    told = SPELLINGS[spelling](canary)
    redacted = knowing(canary).redacted(f"before {told} after")
    assert MASK in redacted
    for part in (told, told.strip("\"'b"), canary):
        assert part not in redacted
    assert redacted.startswith("before ")
    assert redacted.endswith(" after")


@given(st.binary(max_size=20), st.text(min_size=6, max_size=30), st.binary(max_size=20))
def test_base64_is_found_whatever_stands_around_the_secret(
    before: bytes, secret: str, after: bytes
) -> None:
    coded = base64.b64encode(before + secret.encode() + after).decode()
    assert knowing(secret).redacted(coded) == MASK


@given(st.text(st.characters(exclude_characters="·"), min_size=1), st.integers(0, 3))
def test_a_secret_goes_and_what_stands_around_it_stays(secret: str, around: int) -> None:
    dots = "·" * around
    assert knowing(secret).redacted(dots + secret + dots) == dots + MASK + dots


@given(st.text(min_size=4), st.data())
def test_any_mixture_of_escapes_is_found(secret: str, data: st.DataObject) -> None:
    def spelled(character: str) -> str:
        if character.isascii() and character.isalnum():
            return character
        return data.draw(
            st.sampled_from(
                [
                    character,
                    urllib.parse.quote(character, safe=""),
                    json.dumps(character)[1:-1],
                    repr(character)[1:-1],
                    f"&#{ord(character)};",
                ]
            )
        )

    assert knowing(secret).redacted("".join(map(spelled, secret))) == MASK


def test_every_part_of_an_event_is_cleaned() -> None:
    event = {
        "event": "login of hunter2!",
        "hunter2!": 1,
        "nested": {"list": ["hunter2!", ("x", {"hunter2!"})], "number": 7, "none": None},
        "bytes": b"PASS hunter2!\r\n",
        "exception": [{"exc_value": "refused hunter2!", "frames": []}],
        "object": ValueError("hunter2!"),
        "flag": True,
    }
    cleaned = knowing("hunter2!")(None, "info", event)
    assert "hunter2" not in repr(cleaned)
    assert cleaned["nested"]["number"] == 7
    assert cleaned["nested"]["none"] is None
    assert cleaned["flag"] is True
    assert cleaned["event"] == f"login of {MASK}"
    assert json.dumps(cleaned)


def test_a_secret_shows_nothing_even_to_a_redactor_that_does_not_know_it() -> None:
    assert knowing()(None, "info", {"x": Secret("hunter2")}) == {"x": "Secret(…)"}


def test_a_short_secret_is_found_as_a_word_and_leaves_other_words_alone() -> None:
    redactor = knowing("12", "")
    assert redactor.redacted("PASS 12, at 12:30, 2012, x12") == (
        f"PASS {MASK}, at {MASK}:30, 2012, x12"
    )


def test_text_without_a_secret_stays_as_it_is() -> None:
    assert knowing("hunter2", "p+/=").redacted("nothing %2F here: aGVsbG8=") == (
        "nothing %2F here: aGVsbG8="
    )


def test_base64_with_a_secret_in_it_goes_whole_and_its_neighbours_stay() -> None:
    coded = base64.b64encode(b"\0me\0hunter2").decode()
    assert knowing("hunter2").redacted(f"C: {coded} {coded}. 200 {'A' * 40}") == (
        f"C: {MASK} {MASK}. 200 {'A' * 40}"
    )


def test_a_secret_that_is_part_of_another_leaves_nothing_of_the_longer_one() -> None:
    assert "horse" not in knowing("correct", "correct horse").redacted("it is correct horse")


def test_of_secrets_that_replace_one_another_the_newest_few_stay_known() -> None:
    redactor = Redactor()
    redactor.learn(Secret("token-0"), "another place")
    redactor.learn(Secret("password"))
    for number in range(1000):
        redactor.learn(Secret(f"token-{number}"), "token/access")
    newest = [f"token-{number}" for number in range(1000 - KEPT, 1000)]
    known = ["token-0", "password", *newest]
    assert redactor.redacted(" ".join(known)) == " ".join([MASK] * len(known))
    assert redactor.redacted("token-500") == "token-500"
