"""The pages by place: top screens, and those on one object; one that is not here is disabled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from kana_tui.tui.alerts_page import AlertsPage
from kana_tui.tui.mailbox_form_page import MailboxFormPage
from kana_tui.tui.mailbox_page import MailboxPage
from kana_tui.tui.message_page import MessagePage
from kana_tui.tui.page import Page
from kana_tui.tui.places import Place
from kana_tui.tui.queue_page import QueuePage
from kana_tui.tui.queues_page import QueuesPage
from kana_tui.tui.receivers_page import ReceiversPage
from kana_tui.tui.scene import Scene
from kana_tui.tui.settings_page import SettingsPage
from kana_tui.tui.top_page import TopPage

Opener = Callable[[Scene, int], Page]
"""Makes the page about the object of this ID."""

OPENERS: Final[Mapping[Place, Opener]] = {
    Place.DETAIL: MailboxPage,
    Place.FORM: MailboxFormPage,
    Place.MESSAGE: MessagePage,
    Place.QUEUE: QueuePage,
}
TOP_PAGES: Final[Mapping[Place, Callable[[Scene], TopPage]]] = {
    Place.RECEIVERS: ReceiversPage,
    Place.ALERTS: AlertsPage,
    Place.QUEUES: QueuesPage,
    Place.SETTINGS: SettingsPage,
}
"""The top screens but the board, which lies below all."""
