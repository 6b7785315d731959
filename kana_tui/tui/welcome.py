"""What to type for a mailbox, where a form will be."""

from __future__ import annotations

from typing import Final

from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.scene import Scene

ADD: Final = (
    "kana-tui mailbox add --set name=Support \\",
    "  --set email_address=support@example.com \\",
    "  --set server=mail.example.com --set user=support --secret password",
)


def adding() -> list[str]:
    """Plain lines, to be copied."""
    return [
        "To add a mailbox, type or copy this in another terminal, with your own values:",
        "",
        *ADD,
        "",
        "The password is asked for. All fields: kana-tui mailbox add --help",
    ]


def welcome(scene: Scene) -> list[Line]:
    """Instead of a board without mailboxes."""
    return [
        (Run(" No mailboxes yet.", Ink.TITLE), Run(" In another terminal, type or copy:")),
        (),
        *((Run(f"   {line}", Ink.KEY),) for line in ADD),
        (),
        (Run(" + shows it unframed, to be selected."),),
        (),
        (Run(f" Settings  {scene.config}"),),
        (Run(f" Log       {scene.log}"),),
        (),
        (Run(" To look around on made-up mail: "), Run("kana-tui demo", Ink.KEY)),
    ]
