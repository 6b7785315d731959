"""What `check` looks at: config.xml, the key, the store, and each mailbox's logins."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Final

from attrs import frozen

from kana_tui.domain.errors import InvalidSettingsError, KanaError, NotFoundError, UnreachableError
from kana_tui.domain.mailbox import Mailbox
from kana_tui.ports.probe import Probed
from kana_tui.services.probing import Probing
from kana_tui.settings.places import places
from kana_tui.store.store import Store
from kana_tui.wiring.command import resolve_mailbox
from kana_tui.wiring.home import key_file, open_home, settings_path, validate_settings
from kana_tui.wiring.invocation import Invocation
from kana_tui.wiring.probing import probing_on
from kana_tui.wiring.storage import open_home_store

PROBED_AT_ONCE: Final = 8


@frozen
class Part:
    """One thing that must be right. `ok` None: it could not be looked at, since another is not.

    `problems`: of config.xml a sentence with its line each.
    """

    name: str
    ok: bool | None
    where: str | None
    message: str | None = None
    hint: str | None = None
    problems: tuple[str, ...] = ()


@frozen
class Looked:
    """`probing` and `store` are None where a part is not right: then no login is tried."""

    parts: tuple[Part, Part, Part]
    store: Store | None = None
    probing: Probing | None = None


@asynccontextmanager
async def looked_at(invocation: Invocation) -> AsyncIterator[Looked]:
    """config.xml, key and store; what is missing is made, as by every command."""
    async with AsyncExitStack() as opened:
        yield await _looked(invocation, opened)


async def _looked(invocation: Invocation, opened: AsyncExitStack) -> Looked:
    config = await asyncio.to_thread(_config, invocation)
    if not config.ok:
        return Looked((config, _unknown("key"), _unknown("store")))
    key = str(key_file(places(invocation.home, invocation.config)).path)
    try:
        home = await asyncio.to_thread(open_home, invocation)
    except UnreachableError as error:
        return Looked((config, _bad("key", key, error), _unknown("store")))
    where = None if home.places.store is None else str(home.places.store)
    good = (config, Part("key", ok=True, where=key))
    try:
        store = await opened.enter_async_context(open_home_store(home, check=True))
    except UnreachableError as error:
        return Looked((*good, _bad("store", where, error)))
    probing = await opened.enter_async_context(probing_on(home, store))
    return Looked((*good, Part("store", ok=True, where=where)), store, probing)


async def named(store: Store, references: Sequence[str]) -> list[Mailbox]:
    """Each once, in the order given; all that are not archived where none is. NotFoundError."""
    if not references:
        return [one.mailbox for one in await store.mailboxes.all()]
    found = [(await resolve_mailbox(store, one)).mailbox for one in references]
    return list({mailbox.id: mailbox for mailbox in found}.values())


async def probed(
    probing: Probing, mailboxes: Sequence[Mailbox], ended: Callable[[Mailbox, list[Probed]], None]
) -> list[list[Probed]]:
    """The stages of each, in the order of `mailboxes`; `ended` is told as each is done."""
    slots = asyncio.Semaphore(PROBED_AT_ONCE)

    async def one(mailbox: Mailbox) -> list[Probed]:
        async with slots, aclosing(probing.run(await probing.of_stored(mailbox))) as stages:
            found = [stage async for stage in stages]
        ended(mailbox, found)
        return found

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(mailbox)) for mailbox in mailboxes]
    return [task.result() for task in tasks]


def _config(invocation: Invocation) -> Part:
    """One that others may write is none of ours: its URLs decide where mail goes."""
    path = settings_path(invocation.home, invocation.config)
    try:
        validate_settings(invocation.home, invocation.config)
        exposed = path.stat().st_mode & stat.S_IWOTH
    except NotFoundError:  # made with its defaults when the home is opened
        return Part("config", ok=True, where=str(path))
    except InvalidSettingsError as error:
        return _bad("config", str(path), error, error.problems)
    except (KanaError, OSError) as error:
        told = error if isinstance(error, KanaError) else KanaError(f"{path}: {error.strerror}.")
        return _bad("config", str(path), told)
    if exposed:
        open_to_all = KanaError(f"Anybody may write to {path}.", hint=f"chmod o-w {path}")
        return _bad("config", str(path), open_to_all)
    return Part("config", ok=True, where=str(path))


def _bad(name: str, where: str | None, error: KanaError, problems: Sequence[str] = ()) -> Part:
    return Part(name, False, where, error.message, error.hint, tuple(problems))


def _unknown(name: str) -> Part:
    return Part(name, ok=None, where=None)
