"""Two people edit one mailbox, each on a real terminal: the second one sees both edits."""

from __future__ import annotations

from tests.tui.terminal import Terminal
from tests.whole.mailbox_form import FormOnTerminal, add_desk, shown
from tests.whole.program import Program


def test_who_saves_second_sees_both_edits_and_chooses_field_by_field(program: Program) -> None:
    add_desk(program)
    alice, bob = ([*program.arguments, "--operator", operator] for operator in ("alice", "bob"))
    with Terminal(alice, size=(100, 60)) as hers, Terminal(bob, size=(100, 60)) as his:
        first, second = FormOnTerminal(program, hers), FormOnTerminal(program, his)
        first.open("e", "Edit desk")
        second.open("e", "Edit desk")
        first.type("POP port", "2110")
        first.choose("Trusted", "[x] yes")
        second.type("POP port", "3110")
        second.type("POP server timeout", "45")
        first.save("2 fields changed")
        his.wait_for("changed meanwhile by alice")
        his.press("s")
        his.wait_for("whose is kept?")
        his.wait_for("1 to decide")
        panel = his.text
        assert "3110" in panel
        assert "2110" in panel
        assert "Trusted" in panel
        assert "POP server timeout" in panel
        his.press(" ")
        his.wait(lambda: "to decide" not in his.text, "decided")
        his.press("\r")
        his.wait_for("desk: ")
        his.wait(lambda: "whose is kept?" not in his.text, "saved")
    document = shown(program)
    assert document["port"] == 3110
    assert (document["trusted"], document["timeout_s"]) == (True, 45)
