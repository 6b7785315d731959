"""config.xml is read strictly, and all that is wrong is told at once with its line."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.cover import Priority
from kana_tui.domain.depth import DepthSource
from kana_tui.domain.errors import InvalidSettingsError, NotFoundError, UnreachableError
from kana_tui.domain.levels import Watermarks
from kana_tui.domain.settings import (
    Limits,
    MimeMapping,
    OperatorSettings,
    OperatorsSettings,
    ReceiverSettings,
    ReceiversSettings,
    Relay,
    Role,
    SenderSettings,
    SenderTls,
    Settings,
    WatermarkSettings,
)
from kana_tui.settings.mapping import settings_of, tree_of
from kana_tui.settings.reading import read_settings
from tests.settings.config import config, parsed, problems

EVERYTHING = """\
<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment -->
<kana-tui version="1">
  <limits max-message-size="0" memory="1GiB" retention-days="30" reply-window="60"/>
  <store url="sqlite:////srv/kana/mail.db"/>
  <ssl enabled="false"/>
  <receivers poll-interval="5" connections="2" per-server="3">
    <receiver name="Nächtlich &amp; früh" priority="low"/>
    <receiver priority='high' name='r"2"'></receiver>
  </receivers>
  <watermarks low="0" high="1" source="total" alert-email="a@example.com, b@bücher.example"
      for-samples="3" repeat="0" reminder="0" unknown-after="60"/>
  <sender server="Mail.Example.com" port="587" tls="starttls" user="kana" from="k@bücher.example"
      training="true" tracking="false">
    <fallback server="192.0.2.1"/>
  </sender>
  <mime><map extension="log" type="text/plain"/>
    <map extension="tar.gz" type="Application/GZip"/></mime>
  <notify url="slack://token/a"/>
  <notify url="slack://token/b"/>
  <operators default="agent">
    <operator name="alice" role="admin"/>
    <operator name="bob" role="agent" departments="root/Support, root/Sales"/>
  </operators>
</kana-tui>
"""


def test_every_element_and_attribute_is_read_in_any_order() -> None:
    assert parsed(EVERYTHING) == Settings(
        store_url="sqlite:////srv/kana/mail.db",
        ssl_enabled=False,
        intake=ReceiversSettings(
            receivers=(
                ReceiverSettings("Nächtlich & früh", Priority.LOW),
                ReceiverSettings('r"2"', Priority.HIGH),
            ),
            poll_interval_s=5,
            connections=2,
            per_server=3,
        ),
        watermarks=WatermarkSettings(
            marks=Watermarks(0, 1),
            source=DepthSource.TOTAL,
            alert_email=("a@example.com", "b@bücher.example"),
            for_samples=3,
            repeat_s=0,
            reminder_s=0,
            unknown_after_s=60,
        ),
        sender=SenderSettings(
            server="mail.example.com",
            port=587,
            tls=SenderTls.STARTTLS,
            user="kana",
            from_address="k@bücher.example",
            training=True,
            tracking=False,
            fallback=Relay("192.0.2.1", 25),
        ),
        mime=(MimeMapping("log", "text/plain"), MimeMapping("tar.gz", "application/gzip")),
        notify=("slack://token/a", "slack://token/b"),
        operators=OperatorsSettings(
            default=Role.AGENT,
            operators=(
                OperatorSettings("alice", Role.ADMIN),
                OperatorSettings("bob", Role.AGENT, ("root/Support", "root/Sales")),
            ),
        ),
        limits=Limits(0, 2**30, 30, 60),
    )


def test_settings_and_the_tree_that_stands_for_them_are_the_same() -> None:
    for settings in (Settings(), parsed(EVERYTHING)):
        assert settings_of(tree_of(settings)) == settings


@pytest.mark.parametrize(
    "text", ['<kana-tui version="1"/>', "\ufeff" + config(), config("<mime/>")]
)
def test_what_is_left_out_has_its_default(text: str) -> None:
    assert parsed(text) == Settings()


def test_an_element_with_some_attributes_has_the_other_defaults() -> None:
    settings = parsed(config('<receivers poll-interval="7"/><watermarks high="200"/>'))
    assert settings.intake == ReceiversSettings(poll_interval_s=7)
    assert settings.watermarks.marks == Watermarks(100, 200)


def test_three_mistakes_are_told_at_once_in_their_order_each_with_its_line() -> None:
    found = problems(
        '<kana-tui version="1">\n'
        "  <surprise/>\n"
        "  <sender\n"
        '    server="localhost"\n'
        '    port="99999"/>\n'
        '  <watermarks\n    low="500"\n    high="100"/>\n'
        "</kana-tui>\n"
    )
    assert len(found) == 3
    assert found[0].startswith("Line 2: <surprise> is unknown in <kana-tui>; ")
    assert found[1].startswith("Line 5: sender port “99999” is too large; ")
    assert found[2].startswith("Line 8: watermarks high “100” is not above low “500”; ")


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ('<ssl enabled="true" enable="true"/>', "ssl has no attribute “enable”; is it enabled"),
        ('<ssl enabled="yes please"/>', "ssl enabled “yes please” is no answer"),
        ('<receivers poll-interval="0"/>', "poll-interval “0” is too small"),
        ('<receivers poll-interval="1.5"/>', "“1.5” is not a whole number"),
        ('<receivers poll-interval=""/>', "“” is not a whole number"),
        ('<receivers poll-interval="٣"/>', "“٣” is not a whole number"),
        ('<receivers connections="0"/>', "connections “0” is too small"),
        ('<receivers per-server="-1"/>', "per-server “-1” is too small"),
        ("<receivers><receiver/></receivers>", "receiver has no name"),
        ('<receivers><receiver name="a"/></receivers>', "receiver has no priority"),
        ('<receivers><receiver name=" " priority="low"/></receivers>', "is 0 characters long"),
        ('<receivers><receiver name="" priority="low"/></receivers>', "is 0 characters long"),
        ('<sender><fallback server=""/></sender>', "“” is neither a host name nor an IP address"),
        ('<receivers><receiver name="a&#9;b" priority="low"/></receivers>', "control character"),
        ('<receivers><receiver name="a" priority="top"/></receivers>', "“top” is no such choice"),
        ('<receivers x="1"><x/></receivers>', "<x> is unknown in <receivers>"),
        ("<receiver/>", "<receiver> is unknown in <kana-tui>; is it receivers"),
        ('<watermarks low="-1"/>', "low “-1” is too small"),
        ('<watermarks low="500"/>', "high “500” is not above low “500” (one by default)"),
        ('<watermarks high="100"/>', "high “100” is not above low “100” (one by default)"),
        ('<watermarks source="both"/>', "“both” is no such choice"),
        ('<watermarks for-samples="0"/>', "“0” is too small"),
        ('<watermarks alert-email="a@example.com,Bob"/>', "is not a plain e-mail address"),
        ('<sender from=""/>', "from “” is not a plain e-mail address"),
        ('<sender from="Kana &lt;k@example.com>"/>', "is not a plain e-mail address"),
        (
            '<watermarks alert-email="a@example.com,jürgen@example.com"/>',
            "has “jürgen” before the @, which not every mail server can be told; give an address",
        ),
        (
            '<sender from="jürgen@example.com"/>',
            "from “jürgen@example.com” has “jürgen” before the @",
        ),
        ('<sender port="0"/>', "“0” is too small"),
        ('<sender tls="ssl"/>', "give one of none, starttls, implicit"),
        ('<sender server="not a host"/>', "is neither a host name nor an IP address"),
        ("<sender><fallback/></sender>", "fallback has no server"),
        ('<sender password="hunter2"/>', "sender has no attribute “password”"),
        ('<mime><map extension=".log" type="text/plain"/></mime>', "without its dot"),
        ('<mime><map extension="log" type="text"/></mime>', "is no media type"),
        ("<notify/>", "notify has no url"),
        ('<operators default="root"/>', "“root” is no such choice"),
        ('<operators><operator name="a"/></operators>', "operator has no role"),
        (
            '<operators><operator name="a" role="agent" departments=","/></operators>',
            "names no department",
        ),
        ('<limits max-message-size="-1"/>', "“-1” is too small"),
        ('<limits memory="lots"/>', "“lots” is no size; give one like 256MiB"),
        ('<limits memory="1MiB"/>', "“1MiB” is too small"),
        ('<limits memory="99999999999999999GiB"/>', "is no size"),
        ('<limits retention-days="-1"/>', "“-1” is too small"),
        ('<store url="mysql://a/b"/>', "store url is no place for a store"),
        ('<store url="sqlite:///"/>', "names no file"),
        ('<store url="sqlite:///:memory:"/>', "names no file"),
        ('<store url="postgresql://h:port/db"/>', "is no URL"),
        ('<store url="postgresql://host"/>', "names no database"),
        ("text", "text stands between the elements"),
        ("<![CDATA[text]]>", "text stands between the elements"),
        ("<ssl/><ssl/>", "<ssl> stands here again, first in line 1; keep one"),
        ('<ssl xmlns="urn:x" enabled="true"/>', "ssl has no attribute “xmlns”"),
        ('<ssl xmlns:x="urn:x" x:enabled="true"/>', "ssl has no attribute “x:enabled”"),
        ('<x:ssl xmlns:x="urn:x"/>', "<x:ssl> is unknown"),
    ],
)
def test_a_broken_rule_is_a_sentence_with_its_line(inside: str, words: str) -> None:
    found = problems(config(inside))
    assert all(problem.startswith("Line 1: ") and problem.endswith(".") for problem in found)
    assert words in " ".join(found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<kana version='1'/>", "the root element is <kana>, not <kana-tui>"),
        ("<kana-tui/>", "kana-tui has no version"),
        ("<kana-tui version='2'/>", "version “2” is no version that this program knows; give 1"),
    ],
)
def test_the_root_and_its_version_are_ours(text: str, words: str) -> None:
    assert words in " ".join(problems(text))


@pytest.mark.parametrize(
    ("first", "second"), [("r1", "R1"), ("straße", "STRASSE"), ("é", "e\u0301")]
)
def test_two_receivers_of_one_name_are_refused_in_whatever_case(first: str, second: str) -> None:
    (problem,) = problems(
        config(
            f'<receivers>\n<receiver name="{first}" priority="low"/>\n'
            f'<receiver name="{second}" priority="high"/>\n</receivers>'
        )
    )
    assert problem.startswith("Line 3: receiver “")
    assert "stands here again, first in line 2" in problem


def test_operators_and_extensions_are_unique_too() -> None:
    found = problems(
        config(
            '<operators><operator name="a" role="admin"/><operator name="A" role="viewer"/>'
            '</operators>\n<mime><map extension="x" type="a/b"/><map extension="X" type="a/b"/>'
            "</mime>"
        )
    )
    assert len(found) == 2
    assert "operator “A” stands here again" in found[0]
    assert "map “X” stands here again" in found[1]


def test_no_sentence_repeats_what_may_hold_a_secret() -> None:
    found = problems(
        config(
            '<store url="postgres:hunter2"/><store url="postgresql://u:hunter2@h:x/d"/>'
            '<notify url="hunter2"/><notify url="hunter2"/>'
        )
    )
    assert len(found) == 6
    assert "hunter2" not in " ".join(found)


def test_a_wrong_value_is_shown_harmless_and_cut() -> None:
    (problem,) = problems(config(f'<ssl enabled="&#x202e;{"x" * 1000}"/>'))
    assert r"\u202e" in problem
    assert "\u202e" not in problem
    assert len(problem) < 300


PIECES = (
    *("<", ">", "&lt;", '"', "/>", "</", "<!--", "-->", "<![CDATA[", "]]>", "<?x", "?>"),
    *("<!DOCTYPE a>", "<kana-tui", ' version="1"', "<ssl", ' enabled="a>b"', "</kana-tui>"),
    *(" ", "\n", "é", "\ufeff", "\0"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_text_is_settings_or_sentences_with_lines(text: str) -> None:
    for outside in (text, f'<kana-tui version="1">{text}</kana-tui>'):
        try:
            parsed(outside)
        except InvalidSettingsError as error:
            wrong = [problem for problem in error.problems if not problem.startswith("Line ")]
            assert error.problems and not wrong  # noqa: PT017, PT018


def test_a_file_that_is_absent_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"There is no .*config\.xml"):
        read_settings(tmp_path / "config.xml")


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "config.xml"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, Path("/dev/zero")):
        with pytest.raises(UnreachableError, match="it is not a file"):
            read_settings(path)


def test_a_file_is_read_as_it_is() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.xml"
        path.write_text(EVERYTHING, encoding="utf-8")
        assert read_settings(path) == parsed(EVERYTHING)
