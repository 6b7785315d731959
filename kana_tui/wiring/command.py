"""What commands work with: the store opened for one use, and the overview read quickly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager
from pathlib import Path
from shutil import disk_usage
from typing import TYPE_CHECKING, Final

from attrs import frozen

from kana_tui.domain.operators import role_of
from kana_tui.domain.settings import Role, SenderSettings, Settings, WatermarkSettings
from kana_tui.engine.lock import engine_lives, engine_process
from kana_tui.ports.mailboxes import StoredMailbox
from kana_tui.ports.nodes import NodeRow
from kana_tui.ports.overview import OverviewReader
from kana_tui.services.overview import Overview, Snapshot
from kana_tui.store.faults import OutdatedStoreError
from kana_tui.wiring.clock import SystemClock
from kana_tui.wiring.home import Home, open_home
from kana_tui.wiring.invocation import Invocation, node_name

if TYPE_CHECKING:
    from kana_tui.mail.body import ReadMessage
    from kana_tui.services.mailboxes import MailboxAdministration
    from kana_tui.services.settings_control import SettingsControl
    from kana_tui.store.store import Store


ROOM_BYTES: Final = 1024 * 1024
"""Less than that, and SQLite's next writes are refused."""


@asynccontextmanager
async def opened_store(invocation: Invocation) -> AsyncIterator[Store]:
    """The store, open for one command."""
    async with _opened(await _home(invocation)) as store:
        yield store


@asynccontextmanager
async def administration(invocation: Invocation) -> AsyncIterator[MailboxAdministration]:
    """The use cases of the mailbox form, on the store."""
    from kana_tui.mail.ca_files import DiskCaFiles  # noqa: PLC0415
    from kana_tui.services.mailboxes import MailboxAdministration  # noqa: PLC0415

    home = await _home(invocation)
    async with _opened(home) as store:
        yield MailboxAdministration(store.mailboxes, lambda: home.settings, DiskCaFiles())


@asynccontextmanager
async def settings_control(invocation: Invocation) -> AsyncIterator[SettingsControl]:
    """The use cases of config.xml, on the store."""
    from kana_tui.services.redeclaration import Redeclaration  # noqa: PLC0415
    from kana_tui.services.settings_control import SettingsControl  # noqa: PLC0415

    home = await _home(invocation)
    async with _opened(home) as store:
        redeclaration = Redeclaration(
            home.settings_file, store.commands, store.node_settings, store.nodes, SystemClock()
        )
        yield SettingsControl(
            redeclaration, store.secrets, lambda: engine_lives(home.places.engine_lock)
        )


async def resolve_mailbox(store: Store, reference: str) -> StoredMailbox:
    """By ID, address or name; NotFoundError names what comes close."""
    from kana_tui.services.mailboxes import MailboxAdministration  # noqa: PLC0415

    return await MailboxAdministration(store.mailboxes, Settings).find(reference)


def overview(invocation: Invocation) -> Snapshot:
    """One snapshot of everything that is watched, without SQLAlchemy wherever that can be."""
    home = open_home(invocation)
    reader = open_reader(home)
    try:
        return overview_of(home, reader).snapshot(home.settings, SystemClock().now())
    finally:
        reader.close()


@frozen
class WatchedOverview:
    """The overview, to be read again and again. `version` differs after each write to the store."""

    version: Callable[[], int]
    snapshot: Callable[[], Snapshot]


@contextmanager
def watched_overview(invocation: Invocation) -> Iterator[WatchedOverview]:
    home = open_home(invocation)
    with closing(open_reader(home)) as reader:
        found = overview_of(home, reader)
        yield WatchedOverview(
            found.version, lambda: found.snapshot(home.settings, SystemClock().now())
        )


def overview_of(home: Home, reader: OverviewReader) -> Overview:
    """An overview that knows by its lock whether this node's engine lives.

    One that holds it and is silent lives only where a full disk explains the
    silence: a process that hangs holds its lock too.
    """
    lock = home.places.engine_lock

    def lives(node: NodeRow) -> bool | None:
        if node.name != node_name():
            return None
        if not engine_lives(lock):
            return False
        # Where another holds it than the one that is written down, it is just beginning.
        is_it = engine_process(lock) == node.pid
        return True if is_it and _full_folder(home) is not None else None

    return Overview(reader, lives)


def full_disk(invocation: Invocation) -> Path | None:
    """The store's folder, if its disk has no room left; None if it has, or nobody here knows."""
    return _full_folder(open_home(invocation))


def _full_folder(home: Home) -> Path | None:
    store = home.places.store
    if store is None:
        return None
    return store.parent if disk_usage(store.parent).free < ROOM_BYTES else None


def open_reader(home: Home) -> OverviewReader:
    """The overview's reader; a store that is absent or old is made or migrated first."""
    try:
        return reader_of(home)
    except OutdatedStoreError:
        import asyncio  # noqa: PLC0415

        asyncio.run(_bring_up_to_date(home))
        return reader_of(home)


def message_reader() -> Callable[[bytes], ReadMessage]:
    """What makes headers and readable text of a message's raw bytes."""
    from kana_tui.mail.body import read_message  # noqa: PLC0415

    return read_message


def sender_settings(invocation: Invocation) -> SenderSettings:
    return open_home(invocation).settings.sender


def operator_role(invocation: Invocation) -> Role:
    """The role of whoever gave the command."""
    return role_of(open_home(invocation).settings.operators, invocation.operator)


def watermark_settings(invocation: Invocation) -> WatermarkSettings:
    return open_home(invocation).settings.watermarks


async def _home(invocation: Invocation) -> Home:
    import asyncio  # noqa: PLC0415  # `status` needs none

    return await asyncio.to_thread(open_home, invocation)


def reader_of(home: Home) -> OverviewReader:
    """The overview's reader; OutdatedStoreError where the store is absent or old."""
    if home.places.store is not None:
        from kana_tui.store.quick import open_quick  # noqa: PLC0415

        return open_quick(home.places.store)
    from kana_tui.store.location import locate  # noqa: PLC0415
    from kana_tui.store.overview import open_overview  # noqa: PLC0415  # loads SQLAlchemy

    return open_overview(locate(home.settings.store_url, home.places.home))


async def _bring_up_to_date(home: Home) -> None:
    async with _opened(home):
        pass


def _opened(home: Home) -> AbstractAsyncContextManager[Store]:
    from kana_tui.wiring.storage import open_home_store  # noqa: PLC0415  # loads SQLAlchemy

    return open_home_store(home)
