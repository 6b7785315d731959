"""What there is to do where no mailbox is: a key, or a command to copy."""

from __future__ import annotations

from typing import Final

from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.scene import Scene

ADD: Final = (
    "kana-tui mailbox add --set name=Support \\",
    "  --set email_address=support@example.com \\",
    "  --set server=mail.example.com --set user=support --secret password",
)


def welcome(scene: Scene) -> list[Line]:
    """Instead of a board without mailboxes."""
    return [
        (
            Run(" No mailboxes yet. ", Ink.TITLE),
            Run("+", Ink.KEY),
            Run(" opens the form for one; or, in another terminal:"),
        ),
        (),
        *((Run(f"   {line}", Ink.KEY),) for line in ADD),
        (),
        (Run(" The password is asked for. All fields: kana-tui mailbox add --help"),),
        (),
        (Run(f" Settings  {scene.config}"),),
        (Run(f" Log       {scene.log}"),),
        (),
        (Run(" To look around on made-up mail: "), Run("kana-tui demo", Ink.KEY)),
    ]
