"""What arrives in the demo: messages that real parsers read, and some that mean harm."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy

from hypothesis import given
from hypothesis import strategies as st

from kana_tui.demo.letters import alarm, letter

AT = datetime(2026, 11, 3, 4, 5, 6, tzinfo=UTC)
TO = "support@acme.test"

indexes = st.integers(0, 5000)
seeds = st.integers(0, 100)


@given(indexes, seeds)
def test_a_letter_is_the_same_for_the_same_seed_and_has_its_own_message_id(
    index: int, seed: int
) -> None:
    raw = letter(TO, index, seed, AT)
    assert raw == letter(TO, index, seed, AT)
    this, next_ = (message_from_bytes(letter(TO, n, seed, AT)) for n in (index, index + 1))
    assert this["Message-ID"] != next_["Message-ID"]


@given(indexes, seeds)
def test_a_letter_has_crlf_line_ends_and_a_whole_head(index: int, seed: int) -> None:
    for raw in (letter(TO, index, seed, AT), alarm(TO, index, seed, AT)):
        assert re.search(rb"(?<!\r)\n|\r(?!\n)", raw) is None
        message = message_from_bytes(raw)
        assert message["To"] == TO
        assert message["Date"] == "Tue, 03 Nov 2026 04:05:06 +0000"
        assert message["From"]
        assert message["Subject"]
        assert message.get_payload()


def test_among_a_hundred_letters_are_html_attachments_other_scripts_and_hostile_subjects() -> None:
    letters = [letter(TO, index, 1, AT) for index in range(100)]
    parsed = [message_from_bytes(raw, policy=policy.default) for raw in letters]
    types = {part.get_content_type() for message in parsed for part in message.walk()}
    assert {"text/html", "text/csv"} <= types
    assert any(message.get_filename() for one in parsed for message in one.walk())
    assert any(not str(message["Subject"]).isascii() for message in parsed)
    assert any(b"\x1b" in raw.partition(b"\r\n\r\n")[0] for raw in letters)


def test_an_alarm_says_that_nobody_wrote_it() -> None:
    assert message_from_bytes(alarm(TO, 7, 1, AT))["Auto-Submitted"] == "auto-generated"
