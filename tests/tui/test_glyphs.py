"""When only ASCII is drawn, and that nothing else then is."""

from __future__ import annotations

import pytest

from kana_tui.domain.board import ShownLevel
from kana_tui.ports.nodes import ReceiverState
from kana_tui.tui.glyphs import ASCII, UNICODE, Glyphs, needs_ascii
from kana_tui.tui.safe import cells
from tests.tui.show import Show


@pytest.mark.parametrize(
    ("environment", "ascii_only"),
    [
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "C.UTF-8"}, False),
        ({"LANG": "de_DE.utf8"}, False),
        ({}, False),
        ({"LANG": "C"}, True),
        ({"LANG": "POSIX"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, True),
        ({"LANG": "C", "LC_ALL": "en_US.UTF-8"}, False),
        ({"LANG": "ja_JP.UTF-8"}, True),
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "ko_KR.UTF-8"}, True),
        ({"LANG": "de_DE.ISO-8859-1"}, True),
        ({"LANG": "de_DE.ISO-8859-15@euro"}, True),
        ({"LANG": "en_US.UTF-8", "TERM": "linux"}, True),
    ],
    ids=str,
)
def test_ascii_where_the_locale_or_the_console_wants_it(
    environment: dict[str, str], *, ascii_only: bool
) -> None:
    assert needs_ascii(environment) is ascii_only


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_every_sign_has_its_width_and_every_level_and_state_its_own(glyphs: Glyphs) -> None:
    for signs, meant in ((glyphs.levels, ShownLevel), (glyphs.states, ReceiverState)):
        assert {cells(sign) for sign in signs.values()} == {2}
        assert len(set(signs.values())) == len(meant)
    singles = (glyphs.cursor, glyphs.ellipsis, glyphs.rises, glyphs.falls, *glyphs.frame)
    singles += (glyphs.folded, glyphs.unfolded, glyphs.mask)
    assert {cells(sign) for sign in singles} == {1}


def test_nothing_but_ascii_reaches_the_terminal() -> None:
    with Show(30, ascii_only=True, size=(60, 20)) as show:
        show.wait_for("support")
        for key, told in (("?", "Keys 1-"), ("q", "support"), ("q", "[Stay]")):
            show.press(key)
            show.wait_for(told)
        show.settle()
        assert bytes(show.written).isascii()
        assert "^^ HIGH" in show.text
        assert "> ^^" in show.text
