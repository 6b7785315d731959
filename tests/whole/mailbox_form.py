"""A mailbox's form on a real terminal, gone through as people do: by search, keys and text."""

from __future__ import annotations

from typing import Any, Final

from tests.tui.terminal import Terminal
from tests.whole.program import Program

NAME: Final = "desk"
LIST, EDITOR = "Enter edit", "Esc restore"
ERASE: Final = "\x15"


class FormOnTerminal:
    """`program`'s screen with a form open."""

    def __init__(self, program: Program, terminal: Terminal) -> None:
        self.program = program
        self.terminal = terminal

    @property
    def cursor(self) -> str:
        return next((line for line in self.terminal.lines if line.startswith("▶")), "")

    def open(self, key: str, shown: str) -> None:
        self.terminal.wait_for("e edit")
        self.terminal.press(key)
        self.terminal.wait_for(shown)
        self.terminal.wait_for("POP user")

    def to(self, label: str) -> None:
        """By a search for the label."""
        self.terminal.press(f"/{label}")
        self.terminal.wait(lambda: label[-12:] in self.terminal.lines[-1], f"/ {label}")
        self.terminal.press("\r")
        self.terminal.wait(lambda: self._listed and label in self.cursor, f"{label} found")

    def finds(self, label: str) -> bool:
        """Whether the form has a field of this label now."""
        self.terminal.press(f"/{label}")
        self.terminal.wait(lambda: label[-12:] in self.terminal.lines[-1], f"/ {label}")
        found = f" {label}  " in self.cursor
        self.terminal.press("\x1b")
        self.terminal.wait(lambda: self._listed, "the list again")
        return found

    def type(self, label: str, text: str) -> None:
        self.to(label)
        self.terminal.press("\r")
        self.terminal.wait_for(EDITOR)
        self.terminal.press(f"{ERASE}{text}\r")
        self.terminal.wait(lambda: self._listed, f"{label} is left")

    def press(self, label: str, keys: str, shown: str) -> None:
        """Keys on a field, until its line shows this."""
        self.to(label)
        self.terminal.press(keys)
        self.terminal.wait(lambda: shown in self.cursor, f"{label}: {shown}")

    def choose(self, label: str, option: str) -> None:
        """By Space, which takes the next one in place."""
        self.to(label)
        while not self.cursor.endswith(option):
            before = self.cursor
            self.terminal.press(" ")
            self.terminal.wait(lambda: self.cursor != before, f"another than {before}")  # noqa: B023

    def wrong(self, label: str, why: str) -> None:
        """The field's error stands under it."""
        self.terminal.wait(lambda: self._below.startswith("!") and why in self._below, why)
        assert self.cursor.startswith("▶!"), label

    def right(self, label: str) -> None:
        self.terminal.wait(lambda: not self._below.startswith("!"), f"{label} is right")

    def save(self, told: str) -> None:
        self.terminal.press("s")
        self.terminal.wait_for("[Cancel]")
        self.terminal.press("l\r")
        self.terminal.wait_for(told)

    @property
    def _listed(self) -> bool:
        return LIST in self.terminal.lines[-1]

    @property
    def _below(self) -> str:
        """What stands under the cursor's line."""
        lines = self.terminal.lines
        at = next((i for i, line in enumerate(lines) if line.startswith("▶")), 0) + 1
        told = []
        while at < len(lines) and lines[at].startswith("      "):
            told.append(lines[at].strip())
            at += 1
        return " ".join(told)


def add_desk(program: Program, *assignments: str) -> None:
    given = (
        f"name={NAME}",
        "email_address=desk@acme.test",
        "server=127.0.0.1",
        "port=1",
        "user=desk",
        *assignments,
    )
    sets = [word for one in given for word in ("--set", one)]
    program.good("mailbox", "add", *sets, "--secret", "password", text="old\n")


def shown(program: Program, mailbox: str = NAME) -> Any:
    return program.json("mailbox", "show", mailbox)
