"""An IMAP account's folder: opened, counted, listed (RFC 3501 section 6.3.1 and 6.4.5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.imap_commands import command, folder_name
from kana_tui.mail.imap_dialogue import Dialogue, Takes
from kana_tui.mail.imap_replies import (
    Data,
    Kind,
    MalformedError,
    Status,
    fetch_items,
    internal_date,
    number,
    uid,
)
from kana_tui.ports.mail_source import Listed

MESSAGES_MOST: Final = 250_000
"""A longer listing is refused: it would take over 100 MB of memory."""

SIZE_MOST: Final = 2**63 - 1


class Folder:
    """The account's folder on its server, named as the account names it."""

    def __init__(self, dialogue: Dialogue, name: str) -> None:
        self._dialogue = dialogue
        self._name = name
        self.uid_validity: int | None = None
        """Known once it is open."""

    async def count(self) -> int:
        """By STATUS, which opens nothing; once it is open, what the server told of it last."""
        if self.uid_validity is not None:
            return self._dialogue.exists
        counts: list[int] = []

        def takes(data: Data) -> bool:
            values = data.values()
            items = values[-1] if values else None
            if not isinstance(items, list) or len(items) % 2:
                raise MalformedError(data.lines[-1])
            counts.extend(
                number(count)
                for name, count in zip(items[::2], items[1::2], strict=True)
                if isinstance(name, bytes) and name.upper() == b"MESSAGES"
            )
            return True

        wanted = command(b"STATUS", folder_name(self._name), b"(MESSAGES)")
        awaited = "answer to STATUS"
        status = await self._dialogue.run(Stage.LIST, awaited, wanted, {b"STATUS": takes})
        if status.kind is not Kind.OK:
            raise self._not_opened(status)
        if not counts:
            raise self._dialogue.unexpected(Stage.LIST, awaited, b"OK without a count")
        return counts[-1]

    async def open(self) -> int:
        """SELECT it, once; its UIDVALIDITY."""
        if self.uid_validity is not None:
            return self.uid_validity
        validities: list[int] = []

        def takes(data: Data) -> bool:
            validities.append(number(data.lines[0]))
            return True

        wanted = command(b"SELECT", folder_name(self._name))
        status = await self._dialogue.run(
            Stage.LIST, "answer to SELECT", wanted, {b"UIDVALIDITY": takes}
        )
        if status.kind is not Kind.OK:
            raise self._not_opened(status)
        if not validities:
            raise MailError(
                Stage.LIST,
                f"{self._dialogue.peer} gives no UIDVALIDITY for the folder “{self._name}”, "
                "so its messages cannot be told apart.",
                hint="Nothing is downloaded or deleted. If the server has POP3, choose that.",
            )
        self.uid_validity = validities[-1]
        return self.uid_validity

    async def messages(self) -> tuple[Listed, ...]:
        """Every message by its UID, ascending; those that others flagged as deleted, too."""
        await self.open()
        exists = self._dialogue.exists
        if exists == 0:
            return ()
        if exists > MESSAGES_MOST:
            raise self._too_many()
        found: dict[int, Listed] = {}

        def takes(data: Data) -> bool:
            listed = _listed(data)
            if listed is None:
                return False
            found[int(listed.uid)] = listed
            if len(found) > MESSAGES_MOST:
                raise self._too_many()
            return True

        status = await self._dialogue.run(
            Stage.LIST,
            "listing",
            (b"UID FETCH 1:* (UID RFC822.SIZE INTERNALDATE)",),
            {b"FETCH": takes},
        )
        if status.kind is not Kind.OK:
            raise self._dialogue.refusal(Stage.LIST, "the listing", status)
        if len(found) < min(exists, self._dialogue.exists):
            # What is not listed would count as gone, or as deleted.
            raise MailError(
                Stage.LIST,
                f"{self._dialogue.peer} lists only {len(found):,} of {exists:,} messages.",
                hint="Nothing was downloaded or deleted; the next poll tries again.",
            )
        return tuple(found[one] for one in sorted(found))

    async def oldest_at(self) -> datetime | None:
        """INTERNALDATE of the message with the lowest UID; None if there is none (any more)."""
        await self.open()
        first: list[int] = []
        dates: list[datetime | None] = []

        def takes_number(data: Data) -> bool:
            first.extend(uid(value) for value in data.values())
            return True

        def takes_date(data: Data) -> bool:
            dates.append(internal_date(fetch_items(data).get(b"INTERNALDATE")))
            return True

        if self._dialogue.exists:
            await self._ask(b"UID SEARCH 1", {b"SEARCH": takes_number})
        if first:
            await self._ask(b"UID FETCH %d (UID INTERNALDATE)" % first[0], {b"FETCH": takes_date})
        return next((date for date in dates if date is not None), None)

    async def _ask(self, line: bytes, takers: Mapping[bytes, Takes]) -> None:
        status = await self._dialogue.run(Stage.LIST, "age of the oldest message", (line,), takers)
        if status.kind is not Kind.OK:
            raise self._dialogue.refusal(Stage.LIST, "the age of the oldest message", status)

    def _not_opened(self, status: Status) -> MailError:
        error = self._dialogue.refusal(Stage.LIST, f"the folder “{self._name}”", status)
        error.hint = "Check the mailbox's IMAP folder, and the account's rights on it."
        return error

    def _too_many(self) -> MailError:
        return MailError(
            Stage.LIST,
            f"{self._dialogue.peer} lists more than {MESSAGES_MOST:,} messages.",
            hint="Nothing is downloaded or deleted: empty the folder on its server first.",
        )


def _listed(data: Data) -> Listed | None:
    """None for what only tells of changed flags."""
    items = fetch_items(data)
    if b"UID" not in items or b"RFC822.SIZE" not in items:
        return None
    return Listed(
        uid=b"%d" % uid(items[b"UID"]),
        size=number(items[b"RFC822.SIZE"], SIZE_MOST),
        received_at=internal_date(items.get(b"INTERNALDATE")),
    )
