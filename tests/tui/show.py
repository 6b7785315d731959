"""The program on a terminal, with its stage in a test's hands."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Self

from tests.tui.terminal import Terminal


class Show(Terminal):
    """A `Terminal` that runs tests/tui/program.py."""

    def __init__(
        self,
        mailboxes: int = 6,
        *,
        size: tuple[int, int] = (80, 24),
        style: str = "dark",
        ascii_only: bool = False,
        environment: dict[str, str] | None = None,
    ) -> None:
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        for descriptor in (commands, answers):
            os.set_inheritable(descriptor, True)
        look = "ascii" if ascii_only else "unicode"
        try:
            super().__init__(
                [
                    *(sys.executable, "-m", "tests.tui.program"),
                    *(str(commands), str(answers), str(mailboxes), style, look),
                ],
                size=size,
                environment=environment,
            )
        finally:
            os.close(commands)
            os.close(answers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        os.close(self._commands)
        os.close(self._answers)

    def do(self, command: str, **values: Any) -> int:
        """Have the stage changed; how many snapshots were read up to then."""
        os.write(self._commands, json.dumps({"do": command, **values}).encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            part = os.read(self._answers, 64)
            assert part, f"the program has ended\n{self.text}"
            answer += part
        return int(answer)

    def settle(self) -> int:
        """All written bytes, once two more snapshots were read and drawn.

        The feed reads one only after the one before is on the screen.
        """
        for _ in range(2):
            before = self.do("touch")
            self.wait(lambda: self.do("ask") > before, "another snapshot")  # noqa: B023
        self.drain()
        return len(self.written)
