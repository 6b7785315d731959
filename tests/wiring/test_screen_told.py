"""What a screen says of a config.xml that is wrong, in one line."""

from __future__ import annotations

from kana_tui.domain.errors import InvalidSettingsError, UnreachableError
from kana_tui.wiring.screen import told


def test_nothing_is_said_of_a_good_one() -> None:
    assert told(None) is None


def test_the_first_mistake_is_told_and_how_many_there_are_besides() -> None:
    one = InvalidSettingsError("/x/config.xml has a mistake:", ["Line 1: low is high."])
    three = InvalidSettingsError("/x/config.xml has 3 mistakes:", ["Line 1: a.", "b", "c"])
    assert told(one) == "config.xml: Line 1: low is high."
    assert told(three) == "config.xml: Line 1: a. (2 more)"


def test_one_that_cannot_be_read_is_told_as_such() -> None:
    error = UnreachableError("/x/config.xml cannot be read: Permission denied.")
    assert told(error) == "config.xml: /x/config.xml cannot be read: Permission denied."
