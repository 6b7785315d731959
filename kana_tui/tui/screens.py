"""The pages on one object, by place; the action of one that is not here is disabled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from kana_tui.tui.actions import Place
from kana_tui.tui.mailbox_page import MailboxPage
from kana_tui.tui.message_page import MessagePage
from kana_tui.tui.page import Page
from kana_tui.tui.scene import Scene

Opener = Callable[[Scene, int], Page]
"""Makes the page about the object of this ID."""

OPENERS: Final[Mapping[Place, Opener]] = {
    Place.DETAIL: MailboxPage,
    Place.MESSAGE: MessagePage,
}
