"""Letters of the program's own: whatever the texts hold, headers and lines stay what they are."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.visible import visible
from kana_tui.mail.letter import compose
from kana_tui.ports.letters import Draft
from kana_tui.ports.outbox import Letter, OutboundKind

AT = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
HEADERS = [
    "Date", "Message-ID", "From", "To", "Subject", "Auto-Submitted", "X-Kana-Alert",
    "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
]  # fmt: skip

foreign = st.text(
    st.one_of(
        st.sampled_from('\r\n\0\x0b\x0c\x1b\x1c\x1d\x1e\x85\u2028\u2029\u202e\ud800:<>@,;"\\ =?'),
        st.characters(exclude_categories=()),
    ),
    max_size=300,
)


def letter(subject: str = "HIGH", body: str = "Level: HIGH", **own: object) -> Letter:
    given = {
        "kind": OutboundKind.ALERT,
        "from_address": "kana@acme.test",
        "recipients": ("ops@acme.test", "boss@acme.test"),
        "subject": subject,
        "body": body,
        "headers": {"X-Kana-Alert": "7"},
    }
    return compose(Draft(**{**given, **own}), AT)  # type: ignore[arg-type]  # any of a draft's


def parsed(made: Letter) -> EmailMessage:
    return message_from_bytes(made.raw, policy=default)


def body_of(made: Letter) -> str:
    content: str = parsed(made).get_content()
    return content.replace("\r\n", "\n")


def header_names(made: Letter) -> list[str]:
    block = made.raw.partition(b"\r\n\r\n")[0]
    lines = block.split(b"\r\n")
    return [line.partition(b":")[0].decode() for line in lines if line[:1] not in (b" ", b"\t")]


def test_a_letter_says_who_when_what_and_that_nobody_wrote_it() -> None:
    made = letter("HIGH support@acme.test 512 waiting (high 500)", "Level: HIGH\nDepth: 512")
    assert header_names(made) == HEADERS
    message = parsed(made)
    assert message["Date"].datetime == AT
    assert message["From"] == "kana@acme.test"
    assert message["To"] == "ops@acme.test, boss@acme.test"
    assert message["Subject"] == "HIGH support@acme.test 512 waiting (high 500)" == made.subject
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Kana-Alert"] == "7"
    assert message["Message-ID"] == made.message_id_header
    assert body_of(made) == "Level: HIGH\nDepth: 512\n"


def test_each_letter_has_a_message_id_of_its_own() -> None:
    made = {letter().message_id_header for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"<kana\.[0-9a-f]{32}@acme\.test>", one) for one in made)


@given(foreign, foreign)
def test_no_text_adds_a_header_or_a_line(subject: str, body: str) -> None:
    made = letter(subject, body, headers={"X-Kana-Alert": subject})
    assert header_names(made) == HEADERS
    assert made.raw.isascii()
    assert re.search(rb"\r(?!\n)|(?<!\r)\n", made.raw) is None
    assert not {0x00, 0x1B} & set(made.raw)
    assert max(map(len, made.raw.split(b"\r\n"))) <= 998
    lines = body_of(made).split("\n")
    assert len(lines) == body.count("\n") + 2


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), max_size=120))
def test_a_subject_arrives_as_it_was_meant(subject: str) -> None:
    made = letter(f"HIGH {subject} 5")
    assert parsed(made)["Subject"] == f"HIGH {visible(subject)} 5" == made.subject


@given(foreign)
def test_a_body_arrives_as_it_was_meant(body: str) -> None:
    expected = [visible(line) for line in body.split("\n")]
    assert body_of(letter(body=body)).split("\n") == [*expected, ""]


@pytest.mark.parametrize("count", [1, 40])
def test_many_recipients_are_all_named(count: int) -> None:
    recipients = tuple(f"person-number-{n}@department.acme.test" for n in range(count))
    made = letter(recipients=recipients)
    assert [one.addr_spec for one in parsed(made)["To"].addresses] == list(recipients)


def test_addresses_beyond_ascii_are_written_so_that_every_server_takes_the_letter() -> None:
    made = letter(recipients=("jürgen@acme.test", "ops@bücher.test"), from_address="k@bücher.test")
    message = parsed(made)
    assert message["To"] == "ops@xn--bcher-kva.test"
    assert message["From"] == "k@xn--bcher-kva.test"
    assert made.recipients == ("jürgen@acme.test", "ops@bücher.test")
    assert header_names(letter(recipients=("jürgen@acme.test",))) == HEADERS


def test_a_long_domain_keeps_the_message_id_whole() -> None:
    domain = ".".join(["department-of-long-names"] * 5 + ["test"])
    made = letter(from_address=f"kana@{domain}")
    assert f"Message-ID: {made.message_id_header}".encode() in made.raw.replace(b"\r\n ", b" ")
    assert header_names(made) == HEADERS
