"""The pages by place: top screens, and those on one object; one that is not here is disabled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from kana_tui.tui.mailbox_page import MailboxPage
from kana_tui.tui.message_page import MessagePage
from kana_tui.tui.page import Page
from kana_tui.tui.places import Place
from kana_tui.tui.scene import Scene

Opener = Callable[[Scene, int], Page]
"""Makes the page about the object of this ID."""

OPENERS: Final[Mapping[Place, Opener]] = {
    Place.DETAIL: MailboxPage,
    Place.MESSAGE: MessagePage,
}
TOP_PAGES: Final[Mapping[Place, Callable[[Scene], Page]]] = {}
"""The top screens but the board, which lies below all."""
