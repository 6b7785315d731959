"""Hostile and broken XML (F55): refused with its line, and nothing outside the file is touched."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from kana_tui.settings.reading import MOST_PROBLEMS
from kana_tui.settings.source import LARGEST_BYTES
from tests.settings.config import config, problems

LAUGHS = (
    "<?xml version='1.0'?>\n<!-- hello -->\n<!DOCTYPE k [<!ENTITY a 'ha'>"
    + "".join(
        f"<!ENTITY {y} '{f'&{x};' * 10}'>" for x, y in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>\n<kana-tui version='&i;'/>"
)


def test_an_external_entity_is_refused_and_its_file_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "passwd"
    secret.write_text("root:x:0")
    (problem,) = problems(
        f'<!DOCTYPE k [<!ENTITY x SYSTEM "{secret.as_uri()}">]>\n'
        '<kana-tui version="1"><notify url="&x;"/></kana-tui>'
    )
    assert problem.startswith("Line 1: a DOCTYPE is refused")
    assert "root:" not in problem


def test_entities_within_entities_are_refused_before_they_are_read() -> None:
    (problem,) = problems(LAUGHS)
    assert problem.startswith("Line 3: a DOCTYPE is refused")


def test_an_external_dtd_is_refused_and_nobody_is_asked_for_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/k.dtd"
        (problem,) = problems(f'<!DOCTYPE kana-tui SYSTEM "{url}"><kana-tui version="1"/>')
        with pytest.raises(BlockingIOError):
            server.accept()
    assert "DOCTYPE" in problem


@pytest.mark.parametrize(
    "before", ["", " \n", "\ufeff", "<!-- <a> -->", "<?x <!-- ?>", "<?xml version='1.0'?>"]
)
def test_a_doctype_is_found_whatever_stands_before_it(before: str) -> None:
    assert "DOCTYPE is refused" in problems(f"{before}<!DOCTYPE k><kana-tui version='1'/>")[0]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-7"])
def test_no_doctype_hides_in_another_encoding(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE k><kana-tui version="1"/>'
    (problem,) = problems(text.encode(encoding))
    assert problem.startswith("Line 1")
    assert "UTF-8" in problem or "not well-formed" in problem


def test_a_doctype_within_a_comment_is_none() -> None:
    assert "root element" in problems("<!-- <!DOCTYPE k> --><k/>")[0]


def test_an_unknown_entity_is_not_well_formed() -> None:
    (problem,) = problems(config("\n<notify url='&x;'/>"))
    assert problem.startswith("Line 2, column ")
    assert "Entity 'x' not defined" in problem


def test_what_is_included_from_elsewhere_is_an_unknown_element() -> None:
    found = problems(
        config('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>')
    )
    assert "<xi:include> is unknown" in " ".join(found)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "Line 1, column 1"),
        ("<kana-tui>", "Line 1, column 11"),
        ('<kana-tui version="1">\n  <ssl enabled="true">\n</kana-tui>', "Line 3, column 12"),
        ('<kana-tui\n version="1" version="1"/>', "Line 2, column "),
        ('<kana-tui version="1"/><more/>', "Line 1, column 24"),
        ("<kana-tui version=1/>", "Line 1, column "),
        ('<kana-tui version="1">\0</kana-tui>', "Line 1, column "),
    ],
)
def test_xml_that_is_not_well_formed_is_told_with_line_and_column(text: str, place: str) -> None:
    (problem,) = problems(text)
    assert problem.startswith(place)
    assert "not well-formed XML" in problem


def test_bytes_that_are_not_utf_8_are_told_with_their_line() -> None:
    (problem,) = problems(b'<kana-tui version="1">\n<!-- \xe4 --></kana-tui>')
    assert problem.startswith("Line 2: the text is not UTF-8")


def test_another_declared_encoding_is_refused() -> None:
    (problem,) = problems('<?xml version="1.0" encoding="iso-8859-1"?><kana-tui version="1"/>')
    assert "“iso-8859-1” is not read here" in problem


def test_a_huge_file_is_refused() -> None:
    (problem,) = problems(config(" " * LARGEST_BYTES))
    assert problem.startswith("Line 1: the file is larger than")


@pytest.mark.parametrize(
    "inside",
    [
        "<a>" * 100_000,
        "<a>" * 1000 + "</a>" * 1000,
        "<!---->" * 100_000,
        "<a/>" * 100_000,
        "<a b='" + "x" * 900_000 + "'/>",
        "<a " + "".join(f"x{i}='' " for i in range(50_000)) + "/>",
        "<a" + " " * 500_000 + "<",
    ],
    ids=["open", "deep", "comments", "wide", "long", "attributes", "blanks"],
)
def test_whatever_is_deep_wide_or_long_is_refused_with_as_many_sentences_as_anybody_reads(
    inside: str,
) -> None:
    found = problems(config(f"{inside}<x/>"))
    assert 1 <= len(found) <= MOST_PROBLEMS
