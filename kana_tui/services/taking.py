"""Taking messages in one session: read them, commit them, name them for deletion, side by side."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from attrs import frozen

from kana_tui.domain.errors import MailError
from kana_tui.domain.intake import Envelope, Incoming, Outcome, identity
from kana_tui.ports.clock import Clock
from kana_tui.ports.intake import Intake, Lease, RefusedMessagesError, Taken
from kana_tui.ports.mail_source import Fetched, Listed, MailSession
from kana_tui.services.batches import Backlog
from kana_tui.services.progress import Progress

SAMPLE_EVERY_S: Final = 1.0
NOT_HANDED_OVER: Final = "the server listed it and did not hand it over."


@frozen
class TakingPorts:
    """`on_stored` is told of each commit; `sample` writes a depth sample of the visit so far."""

    intake: Intake
    clock: Clock
    read_envelope: Callable[[bytes], Envelope]
    on_stored: Callable[[Mapping[Outcome, int], int], None]
    sample: Callable[[], Awaitable[None]]


@frozen
class Manner:
    """How the messages of a session are taken. `rereads`: UIDs that were taken before."""

    lease: Lease
    uid_validity: int
    keep: bool
    trusted: bool
    rereads: frozenset[bytes]


class Asked(Iterator[Listed]):
    """The messages to ask for, until the visit's time is `over`; remembers what was asked."""

    def __init__(self, messages: Iterable[Listed], over: Callable[[], bool]) -> None:
        self._messages = iter(messages)
        self._over = over
        self.by_uid: dict[bytes, Listed] = {}
        self.cut = False

    def __next__(self) -> Listed:
        message = next(self._messages)
        if self._over():
            self.cut = True
            raise StopIteration
        self.by_uid[message.uid] = message
        return message


class Taking:
    """Reads ahead of the commits by a bounded backlog; nothing is deleted before its commit."""

    def __init__(
        self,
        ports: TakingPorts,
        session: MailSession,
        manner: Manner,
        asked: Asked,
        progress: Progress,
    ) -> None:
        self._ports = ports
        self._session = session
        self._manner = manner
        self._asked = asked
        self._progress = progress
        self._read_whole: set[bytes] = set()
        self._unstored: dict[bytes, str] = {}

    async def run(self) -> None:
        """To the end of what is asked for. MailError: what came before it is stored."""
        backlog = Backlog()
        try:
            async with asyncio.TaskGroup() as tasks:
                reading = tasks.create_task(self._read(backlog))
                tasks.create_task(self._commit(backlog))
        except BaseExceptionGroup as group:
            raise _first(group) from group
        if error := reading.result():
            raise error

    async def settle(self, error: MailError | None = None) -> bool:
        """Write down which messages were asked for and could not be had, and why.

        `error`: what ended the session. Messages come in the order they are
        asked for, so that is the trouble of the first one after all that came;
        whether there is such a one.
        """
        asked, left_out = list(self._asked.by_uid), self._session.left_out
        answered = self._read_whole | left_out.keys()
        through = max((i for i, uid in enumerate(asked, 1) if uid in answered), default=0)
        silent = [uid for uid in asked[:through] if uid not in answered]
        unread = {uid: left_out[uid] for uid in asked if uid in left_out}
        unanswered = asked[through:]
        if error is None:
            silent += unanswered
        else:
            unread.update(dict.fromkeys(unanswered[:1], error.message))
        self._progress.unread.update(unread)
        # What is merely gone is silent too; a next listing that still has it will tell.
        troubles = {**dict.fromkeys(silent, NOT_HANDED_OVER), **self._unstored, **unread}
        manner, now = self._manner, self._ports.clock.now()
        await self._ports.intake.record_tries(manner.lease, manner.uid_validity, troubles, now)
        return error is not None and bool(unanswered)

    async def _read(self, backlog: Backlog) -> MailError | None:
        """Read to the end, or to the server's failure: what came before it is still stored."""
        try:
            async for fetched in self._session.fetch(self._asked):
                message = await self._whole(fetched)
                self._read_whole.add(message.uid)
                await backlog.put(message)
        except MailError as error:
            return error
        finally:
            await backlog.close()
        return None

    async def _whole(self, fetched: Fetched) -> Incoming:
        """Read one message to its end; parts of a large one go to the store as they come."""
        intake, lease = self._ports.intake, self._manner.lease
        head = b""
        large: int | None = None
        position = 0
        sha256 = hashlib.sha256()
        async for chunk in fetched.chunks():
            sha256.update(chunk)
            if position == 0:
                head = chunk
            else:
                if large is None:
                    large = await intake.open_large(lease)
                    await intake.append_part(lease, large, 0, head)
                await intake.append_part(lease, large, position, chunk)
            position += 1
        listed = fetched.listed
        return Incoming(
            uid=listed.uid,
            raw=b"" if large is not None else head,
            size=fetched.size,
            truncated=fetched.truncated,
            digest=identity(sha256.digest(), fetched.size, truncated=fetched.truncated),
            envelope=self._ports.read_envelope(head),
            listed_size=listed.size,
            reread=listed.uid in self._manner.rereads,
            message_id=large,
        )

    async def _commit(self, backlog: Backlog) -> None:
        clock, asked = self._ports.clock, self._asked.by_uid
        sampled_at = clock.monotonic()
        while batch := await backlog.batch():
            taken = await self._store(batch)
            if not self._manner.keep:
                self._session.delete([asked[one.uid] for one in taken])
            self._progress.took(taken, batch)
            self._tell(taken, batch)
            if clock.monotonic() - sampled_at >= SAMPLE_EVERY_S:
                sampled_at = clock.monotonic()
                await self._ports.sample()

    def _tell(self, taken: Sequence[Taken], batch: Sequence[Incoming]) -> None:
        committed = {one.uid for one in taken}
        size_bytes = sum(message.size for message in batch if message.uid in committed)
        self._ports.on_stored(Counter(one.outcome for one in taken), size_bytes)

    async def _store(self, batch: Sequence[Incoming]) -> Sequence[Taken]:
        manner = self._manner
        try:
            return await self._ports.intake.commit_batch(
                manner.lease,
                manner.uid_validity,
                batch,
                at=self._ports.clock.now(),
                keep=manner.keep,
                trusted=manner.trusted,
            )
        except RefusedMessagesError as error:
            self._progress.unstored.update(error.refused)
            for uid, words in error.refused.items():
                self._unstored[uid] = f"the store would not take it: {words}"
            return error.taken


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that ended the visit: a lost lease or store before a mail error."""
    leaves: list[BaseException] = []
    stack: list[BaseException] = [group]
    while stack:
        error = stack.pop()
        if isinstance(error, BaseExceptionGroup):
            stack.extend(reversed(error.exceptions))
        else:
            leaves.append(error)
    return next((e for e in leaves if not isinstance(e, MailError)), leaves[0])
