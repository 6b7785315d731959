"""A change set on config.xml: checked as a whole, and no byte differs but what was to change."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.audit import Change
from kana_tui.domain.change_set import (
    AddReceiver,
    ChangeSet,
    Operation,
    RemoveReceiver,
    SetValue,
    priority_change,
)
from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import (
    ConflictError,
    InvalidSettingsError,
    InvalidValueError,
    NotFoundError,
)
from kana_tui.domain.settings import Settings
from kana_tui.ports.settings_file import Written
from kana_tui.settings.change import carry_out
from kana_tui.settings.default import default_text
from kana_tui.settings.document import Document
from kana_tui.settings.keys import values_of
from tests.settings.config import PATH, config, parsed
from tests.settings.test_reading import EVERYTHING

BY_HAND = """\
<!-- Of the desk; ask Ann before you change it. -->
<kana-tui version="1">
  <receivers poll-interval="5"\tconnections='4'>
    <receiver name="r1" priority="high"/>   <!-- urgent mail only -->
    <!-- half of the rest -->
    <receiver name="r2" priority="medium"></receiver>
    <receiver name="r.3" priority='low'/> <!-- the rest -->
  </receivers>
  <sender server="mx.example.com">
    <!-- asked for by Bob -->
    <fallback server="relay.example.com"/>
  </sender>
  <operators><operator name="alice" role="admin"/><operator name="bob" role="viewer"/></operators>
</kana-tui>
"""


def changed(text: str, *operations: Operation) -> tuple[str, Written]:
    document = Document(text.encode())
    written = carry_out(ChangeSet(operations), document, PATH)
    return document.data.decode(), written


def refused(error: type[Exception], *operations: Operation, text: str = BY_HAND) -> str:
    with pytest.raises(error) as told:
        changed(text, *operations)
    return str(told.value)


def test_several_values_at_once_differ_and_nothing_else() -> None:
    text, written = changed(
        BY_HAND,
        SetValue("receivers.poll-interval", " 7 "),
        SetValue("receiver.r.3.priority", "medium"),
        SetValue("sender.fallback.port", "2525"),
        SetValue("operator.bob.role", "agent"),
    )
    assert text == (
        BY_HAND.replace('poll-interval="5"', 'poll-interval="7"')
        .replace("priority='low'", "priority='medium'")
        .replace('"relay.example.com"', '"relay.example.com" port="2525"')
        .replace('"viewer"', '"agent"')
    )
    assert written.changes == (
        Change("receivers.poll-interval", "5", "7"),
        Change("receiver.r.3.priority", "low", "medium"),
        Change("sender.fallback.port", "25", "2525"),
        Change("operator.bob.role", "viewer", "agent"),
    )
    assert written.renamed == {}


def test_a_new_receiver_stands_behind_the_others_and_their_comments() -> None:
    text, written = changed(BY_HAND, AddReceiver("r4", "high"))
    new = '<!-- the rest -->\n    <receiver name="r4" priority="high"/>'
    assert text == BY_HAND.replace("<!-- the rest -->", new)
    assert written.changes == (Change("receiver.r4.priority", None, "high"),)


@pytest.mark.parametrize(
    ("name", "priority", "gone", "left"),
    [
        (
            "r1",
            "high",
            '<receiver name="r1" priority="high"/>   <!-- urgent',
            "<!-- urgent",
        ),
        ("r2", "medium", '    <receiver name="r2" priority="medium"></receiver>\n', ""),
    ],
)
def test_a_receiver_goes_with_its_line_but_no_comment_does(
    name: str, priority: str, gone: str, left: str
) -> None:
    text, written = changed(BY_HAND, RemoveReceiver(name))
    assert text == BY_HAND.replace(gone, left)
    assert written.changes == (Change(f"receiver.{name}.priority", priority, None),)


def test_what_shares_a_line_goes_alone() -> None:
    text, _ = changed(
        config(
            '<receivers><receiver name="a" priority="low"/> <receiver name="b" priority="low"/> '
            '<receiver name="c" priority="low"/></receivers>'
        ),
        RemoveReceiver("b"),
    )
    assert text == config(
        '<receivers><receiver name="a" priority="low"/> '
        '<receiver name="c" priority="low"/></receivers>'
    )


def test_a_renamed_receiver_is_the_same_with_another_name() -> None:
    text, written = changed(
        BY_HAND, SetValue("receiver.r1.name", "first"), SetValue("receiver.r1.priority", "low")
    )
    assert text == BY_HAND.replace('"r1" priority="high"', '"first" priority="low"')
    assert written.renamed == {"r1": "first"}
    assert written.changes == (
        Change("receiver.r1.name", "r1", "first"),
        Change("receiver.first.priority", "high", "low"),
    )


def test_two_receivers_may_exchange_their_names_while_a_third_goes_and_a_fourth_comes() -> None:
    text, written = changed(
        BY_HAND,
        SetValue("receiver.r.3.name", "r2"),
        AddReceiver("r1", "medium"),
        SetValue("receiver.r2.name", "r.3"),
        RemoveReceiver("r1"),
    )
    receivers = parsed(text).intake.receivers
    assert [(one.name, one.priority.value) for one in receivers] == [
        ("r.3", "medium"),
        ("r2", "low"),
        ("r1", "medium"),
    ]
    assert written.renamed == {"r2": "r.3", "r.3": "r2"}


@pytest.mark.parametrize("name", ["r2", "R2"])
def test_a_name_is_not_given_on_in_the_change_that_removes_its_receiver(name: str) -> None:
    with pytest.raises(InvalidValueError, match="which the same change removes") as refused:
        changed(config(), RemoveReceiver("r2"), SetValue("receiver.r1.name", name))
    assert "Remove it first" in str(refused.value)


def test_receivers_that_stand_by_default_are_written_down_when_one_comes_or_goes() -> None:
    text, _ = changed(config(), AddReceiver("r4", "low"))
    assert [one.name for one in parsed(text).intake.receivers] == ["r1", "r2", "r3", "r4"]
    text, _ = changed(config(), RemoveReceiver("r2"))
    assert [one.name for one in parsed(text).intake.receivers] == ["r1", "r3"]
    text, written = changed(config(), SetValue("receiver.r2.name", "second"))
    assert [one.name for one in parsed(text).intake.receivers] == ["r1", "second", "r3"]
    assert written.renamed == {"r2": "second"}


def test_the_fall_back_goes_with_its_server_and_comes_with_it() -> None:
    text, written = changed(BY_HAND, SetValue("sender.fallback.server", ""))
    assert text == BY_HAND.replace('    <fallback server="relay.example.com"/>\n', "")
    assert written.changes == (
        Change("sender.fallback.server", "relay.example.com", ""),
        Change("sender.fallback.port", "25", ""),
    )
    again, _ = changed(text, SetValue("sender.fallback.server", "relay.example.com"))
    assert again == BY_HAND
    told = refused(InvalidValueError, SetValue("sender.fallback.port", "26"), text=text)
    assert told.startswith("Fall-back port (sender.fallback.port) “26” has no server.")


def test_in_the_default_file_the_fall_back_comes_behind_what_is_said_of_it() -> None:
    text, _ = changed(default_text(), SetValue("sender.fallback.server", "relay.example.com"))
    example = '    <!-- <fallback server="relay.example.com"/> -->\n'
    added = '    <fallback server="relay.example.com"/>\n'
    assert text == default_text().replace(example, example + added)


def test_nothing_is_touched_where_all_is_as_it_is_wanted() -> None:
    text, written = changed(
        BY_HAND,
        SetValue("receivers.poll-interval", "5", was="9"),
        SetValue("watermarks.low", "100"),
        SetValue("limits.memory", "262144 KiB"),
    )
    assert (text, written.changes) == (BY_HAND, ())


def test_all_that_is_wrong_is_told_at_once_each_with_key_value_rule_and_remedy() -> None:
    told = refused(
        InvalidValueError,
        SetValue("receivers.poll-interval", "0"),
        SetValue("sender.tls", "ssl"),
        SetValue("reciever.r1.priority", "low"),
        SetValue("watermarks.lwo", "1"),
        AddReceiver("", "low"),
        AddReceiver("r9", "urgent"),
    )
    for sentence in (
        "Poll interval (receivers.poll-interval) “0” is too small.",
        "Give a whole number from 1 to 86400 seconds.",
        "TLS (sender.tls) “ssl” is no such choice. Give one of none, starttls, implicit.",
        "There is no setting “reciever.r1.priority”. Close to it: receiver.r1.priority",
        "There is no setting “watermarks.lwo”. Close to it: watermarks.low",
        "“” is 0 characters long",
        "Priority (receiver.r9.priority) “urgent” is no such choice.",
    ):
        assert sentence in told


@pytest.mark.parametrize(
    ("operations", "sentence"),
    [
        (
            [SetValue("watermarks.low", "500")],
            "High (watermarks.high) “500” is not above low “500”. Raise high, or lower low.",
        ),
        ([AddReceiver("R1", "low")], "Name (receiver.R1.name) “R1” is the name of another"),
        ([AddReceiver("a", "low"), AddReceiver("a", "low")], "“a” is the name of another"),
        ([SetValue("receiver.r1.name", "r2")], "“r2” is the name of another receiver."),
        (
            [RemoveReceiver("r1"), RemoveReceiver("r2"), RemoveReceiver("r.3")],
            "Receivers (receivers) would be none. Keep one",
        ),
    ],
)
def test_rules_between_values_are_told_by_their_keys(
    operations: Sequence[Operation], sentence: str
) -> None:
    assert sentence in refused(InvalidValueError, *operations)


@pytest.mark.parametrize("key", ["store.url", "notify", "notify.url", "version"])
def test_what_is_changed_only_by_hand_says_so(key: str) -> None:
    told = refused(InvalidValueError, SetValue(key, "x"))
    assert f"{key} is changed only by hand." in told
    assert ("next start" in told) == (key == "store.url")


def test_a_receiver_that_is_not_there_is_not_found() -> None:
    for operation in (
        RemoveReceiver("r9"),
        SetValue("receiver.r9.priority", "low"),
        SetValue("receiver.r9.name", "r10"),
    ):
        told = refused(NotFoundError, operation)
        assert told == "There is no receiver “r9” in config.xml. There are r1, r2, r.3."


def test_a_name_is_found_however_its_letters_are_composed() -> None:
    text, _ = changed(BY_HAND, SetValue("receiver.r1.name", "Früh"))
    composed = unicodedata.normalize("NFD", "Früh")
    lower, _ = changed(text, SetValue(f"receiver.{composed}.priority", "low"))
    assert lower == text.replace('"Früh" priority="high"', '"Früh" priority="low"')
    assert "Früh" not in changed(text, RemoveReceiver(composed))[0]


def test_of_a_key_that_is_set_twice_the_last_value_counts() -> None:
    twice = (SetValue("watermarks.low", "7"), SetValue("watermarks.low", "100"))
    assert changed(BY_HAND, *twice)[1].changes == ()
    assert changed(BY_HAND, *reversed(twice))[1].changes == (Change("watermarks.low", "100", "7"),)


def test_a_value_that_is_not_what_it_was_is_a_conflict_that_names_it() -> None:
    told = refused(
        ConflictError,
        SetValue("receivers.poll-interval", "7", was="6"),
        SetValue("receivers.connections", "9", was="4"),
    )
    assert "receivers.poll-interval is “5” now, not “6”" in told
    assert "connections" not in told


def test_what_only_the_whole_file_shows_to_be_wrong_is_refused() -> None:
    told = refused(InvalidSettingsError, SetValue("operator.bob.name", "Alice"))
    assert "nothing was written" in told
    assert "operator “Alice” stands here again" in told


def test_a_character_that_xml_cannot_hold_is_refused() -> None:
    refused(InvalidValueError, SetValue("sender.user", "a\x1bb"))
    refused(InvalidValueError, AddReceiver("a\0b", "low"))


def test_every_value_has_a_key_of_its_own_and_can_be_set_to_what_it_is() -> None:
    values = [one for one in values_of(parsed(EVERYTHING)) if one.key != "notify.url"]
    assert len({one.key for one in values}) == len(values)
    same = [SetValue(one.key, one.text) for one in values if not one.by_hand]
    text, told = changed(EVERYTHING, *same)
    assert (text, told.changes, told.before == told.after) == (EVERYTHING, (), True)


def test_a_change_set_survives_its_json() -> None:
    operations = (
        SetValue("sender.user", "ü\0\ud800", was="é"),
        SetValue("watermarks.low", "1"),
        AddReceiver("r4", "low"),
        RemoveReceiver("r1"),
    )
    change = ChangeSet(operations)
    assert ChangeSet.from_json(change.to_json()) == change
    assert not ChangeSet()
    assert priority_change("r1", Priority.LOW).operations == (
        SetValue("receiver.r1.priority", "low"),
    )


@pytest.mark.parametrize(
    "text", ["", "{}x", "{}", "7", "[7]", "[{}]", '[{"set": "a"}]', '[{"add": "a"}]', '["set"]']
)
def test_json_that_is_no_change_set_is_refused(text: str) -> None:
    if text == "{}":
        assert not ChangeSet.from_json(text)
        return
    with pytest.raises(InvalidValueError, match="cannot be read"):
        ChangeSet.from_json(text)


NAMES = st.text(st.characters(categories=["Lu", "Ll", "Nd", "P", "S"]), min_size=1, max_size=8).map(
    lambda name: unicodedata.normalize("NFC", name)
)
PRIORITIES = st.sampled_from(["high", "medium", "low"])


@given(st.dictionaries(NAMES, PRIORITIES, min_size=1, max_size=5), st.data())
def test_after_any_change_of_receivers_there_are_those_that_were_wanted(
    receivers: dict[str, str], data: st.DataObject
) -> None:
    if len({name.casefold() for name in receivers}) < len(receivers):
        return
    text, _ = changed(config(), *(AddReceiver(*one) for one in receivers.items()))
    for name in ("r1", "r2", "r3"):
        if name not in receivers:
            text, _ = changed(text, RemoveReceiver(name))
    names = list(receivers)
    lost = data.draw(st.sets(st.sampled_from(names), max_size=len(names) - 1))
    stay = [name for name in names if name not in lost]
    kept = list(zip(stay, data.draw(st.permutations(stay)), strict=True))
    text, written = changed(
        text,
        *(RemoveReceiver(name) for name in lost),
        *(SetValue(f"receiver.{old}.name", new) for old, new in kept),
    )
    expected = [(new, receivers[old]) for old, new in kept]
    assert [(one.name, one.priority.value) for one in parsed(text).intake.receivers] == expected
    assert written.renamed == {old: new for old, new in kept if old != new}


LINES = re.compile(r"^ *<receiver .*\n", re.MULTILINE)


def test_what_was_added_and_removed_again_leaves_the_file_as_it_was() -> None:
    for text in (BY_HAND, changed(default_text(), AddReceiver("x", "low"))[0]):
        there, _ = changed(text, AddReceiver("r9", "low"))
        assert len(LINES.findall(there)) == len(LINES.findall(text)) + 1
        assert changed(there, RemoveReceiver("r9"))[0] == text
    assert parsed(default_text()) == Settings()
