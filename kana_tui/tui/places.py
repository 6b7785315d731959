"""Where keys mean something."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Place(StrEnum):
    """A page, a panel over it, or a line that one types into."""

    BOARD = "board"
    FILTER = "filter"
    RECEIVERS = "receivers"
    ALERTS = "alerts"
    QUEUES = "queues"
    QUEUE = "queue"
    QUARANTINE = "quarantine"
    SETTINGS = "settings"
    DETAIL = "mailbox"
    FORM = "form"
    FIELD = "field"
    SEARCH = "search"
    CHOICE = "choice"
    MESSAGE = "message"
    LOG = "log"
    UNFRAMED = "copy"
    KEYS = "keys"
    PALETTE = "palette"
    QUESTION = "question"
    SIGN_IN = "sign in"
    REDIRECT = "sign in, pasted"
    PROBE = "probe"


TYPED: Final = frozenset({Place.FILTER, Place.PALETTE, Place.FIELD, Place.SEARCH, Place.REDIRECT})
"""Every printable key is text there; of an action only the other keys work."""
TOP: Final = frozenset(
    {Place.BOARD, Place.RECEIVERS, Place.ALERTS, Place.QUEUES, Place.SETTINGS},
)
"""The screens that have a digit; none lies over another."""
PAGES: Final = TOP | frozenset(
    {
        Place.QUEUE,
        Place.QUARANTINE,
        Place.DETAIL,
        Place.FORM,
        Place.MESSAGE,
        Place.LOG,
        Place.UNFRAMED,
    },
)
