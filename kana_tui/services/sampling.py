"""Samples: a mailbox's depth into the store, and the level that follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog

from kana_tui.domain.depth import Depth, Sample, VisitError
from kana_tui.domain.errors import REACHING, MailError
from kana_tui.domain.intake import LedgerRow, Outcome
from kana_tui.domain.levels import Step, Watermarks, step_after
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.settings import Settings, WatermarkSettings
from kana_tui.ports.clock import Clock
from kana_tui.ports.depth import Depths, Recorded, Standing
from kana_tui.ports.intake import Intake, Lease
from kana_tui.ports.mail_source import Account, Listed, MailSession, MailSource

log = structlog.get_logger()


class Sampler:
    """Writes samples of one mailbox under its lease, judged by the settings in force."""

    def __init__(self, depths: Depths, clock: Clock, mailbox: Mailbox, settings: Settings) -> None:
        self._depths = depths
        self._clock = clock
        self._mailbox = mailbox
        self._watermarks = settings.watermarks
        self._marks = mailbox.marks(settings.watermarks.marks)

    async def known(
        self, lease: Lease, remote: int, *, taken: int = 0, oldest_at: datetime | None = None
    ) -> Recorded:
        """A good look: `remote` messages wait on the server."""
        return await self._record(lease, remote, taken, oldest_at, None)

    async def failed(
        self,
        lease: Lease,
        error: MailError,
        *,
        remote: int | None = None,
        taken: int = 0,
        oldest_at: datetime | None = None,
    ) -> Recorded:
        """An attempt that failed; `remote` where its listing had succeeded before."""
        return await self._record(lease, remote, taken, oldest_at, error)

    async def again(self) -> None:
        """Judge the last known depth anew, without another look."""
        source = self._watermarks.source
        await self._depths.rejudge(
            self._mailbox.id, self._clock.now(), self._decide, watched=source
        )

    async def clean(self, lease: Lease) -> None:
        """A visit did all its work."""
        await self._depths.clear_error(lease)

    async def reached(self, lease: Lease) -> None:
        """The server let us in and told what waits: errors of the way there have passed."""
        await self._depths.clear_error(lease, REACHING)

    async def _record(
        self,
        lease: Lease,
        remote: int | None,
        taken: int,
        oldest_at: datetime | None,
        error: MailError | None,
    ) -> Recorded:
        now = self._clock.now()
        told = VisitError(error.stage, str(error), now) if error else None
        sample = Sample(self._mailbox.id, now, remote, oldest_at, taken, told)
        watched = self._watermarks.source
        return await self._depths.record(lease, sample, self._decide, watched=watched)

    def _decide(self, standing: Standing, depth: Depth) -> Step:
        return decide(standing, depth, self._marks, self._watermarks)


def decide(
    standing: Standing, depth: Depth, marks: Watermarks, watermarks: WatermarkSettings
) -> Step:
    """The level that a known depth makes of a standing."""
    recent = [one.part(watermarks.source) for one in standing.recent]
    recent.append(depth.part(watermarks.source))
    return step_after(standing.level, recent, marks, watermarks.for_samples)


async def sample_mailbox(
    source: MailSource, intake: Intake, sampler: Sampler, account: Account, lease: Lease
) -> float:
    """Look at a mailbox's server without taking anything, and write the sample.

    The server's `login_delay_s`.
    """
    rows = await intake.rows(lease)
    async with source.open(account) as session:
        login_delay_s = session.login_delay_s
        remote, oldest_at = await waiting(session, rows)
    await sampler.known(lease, remote, oldest_at=oldest_at)
    await sampler.reached(lease)
    return login_delay_s


async def waiting(session: MailSession, rows: Sequence[LedgerRow]) -> tuple[int, datetime | None]:
    """How many messages on the server are not yet taken, and when the oldest of them arrived,
    where the server tells.

    A count is enough while nothing taken can be there; otherwise (kept, or
    deletion unconfirmed) the listing tells them apart.
    """
    if not any(row.outcome is not Outcome.LISTED for row in rows):
        count = await session.count()
        return count, await _oldest(session) if count else None
    listing = await session.listing()
    left = untaken(rows, listing.uid_validity, listing.messages)
    arrivals = (message.received_at for message in left)
    return len(left), min((at for at in arrivals if at is not None), default=None)


async def _oldest(session: MailSession) -> datetime | None:
    """The depth is known, whatever comes of this."""
    try:
        return await session.oldest_at()
    except MailError as error:
        log.info("oldest", action="sample", error=str(error))
        return None


def untaken(
    rows: Iterable[LedgerRow], uid_validity: int, messages: Sequence[Listed]
) -> list[Listed]:
    """Listed messages that no taken row of the same UIDVALIDITY names."""
    taken = {
        row.uid
        for row in rows
        if row.outcome is not Outcome.LISTED and row.uid_validity == uid_validity
    }
    return [message for message in messages if message.uid not in taken]
