"""Screen 8 on a real terminal, with the engine that it hosts: what is saved there is in force."""

from __future__ import annotations

from tests.servers.dovecot import Dovecot, simple_messages
from tests.whole.program import Program
from tests.whole.test_config_set import audited
from tests.whole.test_live_board import screen, shows

SAVED = "changed and in force"


def test_what_is_saved_on_the_screen_is_in_force_in_the_engine_and_kept_in_the_file(
    program: Program, dovecot: Dovecot
) -> None:
    program.configure(priority="high", low=3, high=6)
    program.add_mailbox(dovecot, "pop", dovecot.user("later"), "priority=low")
    before = (program.home / "config.xml").read_text()
    with screen(program) as terminal:
        shows(terminal, "later", "NORMAL", "0", "3/6")
        dovecot.deliver("later", *simple_messages(4))
        shows(terminal, "later", "ELEVATED", "4")
        terminal.press("8")
        terminal.wait_for("Poll interval")
        terminal.press("/r1.priority\r")
        terminal.wait_for("Priority of r1")
        terminal.press(" ")
        terminal.wait(lambda: "low" in cursor(terminal.lines), "the next choice")
        terminal.press("/watermarks.high\r")
        terminal.wait(lambda: "High" in cursor(terminal.lines), "the high watermark")
        terminal.press("\r\x15" + "80\r")
        terminal.wait(lambda: cursor(terminal.lines).endswith("80 messages"), "the value")
        terminal.press("s")
        terminal.wait_for("Save config.xml?")
        terminal.press("l\r")
        terminal.wait_for(SAVED)
        terminal.wait(lambda: dovecot.count("later") == 0, "the mail to be downloaded")
        terminal.press("1")
        shows(terminal, "later", "NORMAL", "0", "3/80")
        terminal.press("q")
        terminal.wait_for("[Stay]")
        terminal.press("l\r")
        assert terminal.wait_for_end() == 0
    expected = before.replace('priority="high"', 'priority="low"').replace('"6"', '"80"')
    assert (program.home / "config.xml").read_text() == expected
    assert [row[1:] for row in audited(program)] == [
        ("receiver.r1.priority", "high", "low"),
        ("watermarks.high", "6", "80"),
    ]


def test_a_wrong_edit_by_hand_is_told_on_every_screen_until_it_is_mended(program: Program) -> None:
    path = program.home / "config.xml"
    right = path.read_text()
    with screen(program) as terminal:
        terminal.wait_for("1/1 recv")
        path.write_text(right.replace('poll-interval="1"', 'poll-interval="one"'))
        for key, shown in (("", "kana-tui demo"), ("2", "r1"), ("8", "Poll interval")):
            terminal.press(key)
            terminal.wait_for(shown)
            terminal.wait_for("config.xml: Line 2: receivers poll-interval “one”")
        path.write_text(right)
        terminal.wait(lambda: "config.xml: " not in terminal.lines[1], "it to be mended")


def cursor(lines: list[str]) -> str:
    return next((line for line in lines if line.startswith("▶")), "")
