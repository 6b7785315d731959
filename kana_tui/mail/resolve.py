"""Host names to addresses, in threads that nobody waits for.

A look-up cannot be cancelled, and dead name servers hold it for minutes. In a
pool that is shared with other work, or joined at the program's end, it would
hold those up too.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, Final

from attrs import define, field

LOOKUPS_MOST: Final = 128
"""Threads at once; where all hang, further names wait for as long as their askers do."""

Address = tuple[int, int, int, str, Any]
"""Family, type, protocol, canonical name and socket address, as `socket.getaddrinfo` has them."""

Asked = tuple[str, int]


@define(eq=False)
class _LookUp:
    """One question, and all who wait for its answer."""

    asked: Asked
    answer: Future[Sequence[Address]] = field(factory=Future)
    askers: int = 0


class Resolver:
    """Serves all event loops of a process. The same name is looked up once at a time."""

    def __init__(self, most: int = LOOKUPS_MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._threads = 0
        self._under_way: dict[Asked, _LookUp] = {}
        self._waiting: dict[Asked, _LookUp] = {}  # those of `_under_way` that have no thread yet

    async def addresses(self, host: str, port: int) -> Sequence[Address]:
        """Where `host` is, for TCP; its deadline is the caller's. An IP address is at once.

        Errors are those of `socket.getaddrinfo`: gaierror, and UnicodeError for
        what can be no name.
        """
        if _is_address(host):
            return _look_up(host, port, flags=socket.AI_NUMERICHOST)
        look_up = self._join((host, port))
        try:
            return await asyncio.wrap_future(look_up.answer)
        finally:
            self._leave(look_up)

    def _join(self, asked: Asked) -> _LookUp:
        with self._lock:
            look_up = self._under_way.get(asked)
            if look_up is None:
                look_up = _LookUp(asked)
                look_up.answer.set_running_or_notify_cancel()  # one asker cannot cancel it for all
                self._begin(look_up)
                self._under_way[asked] = look_up
            look_up.askers += 1
            return look_up

    def _begin(self, look_up: _LookUp) -> None:
        if self._threads == self._most:
            self._waiting[look_up.asked] = look_up
            return
        thread = threading.Thread(target=self._run, args=(look_up,), name="resolve", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # the system has no thread left
            raise socket.gaierror(socket.EAI_AGAIN, str(error)) from error
        self._threads += 1

    def _leave(self, look_up: _LookUp) -> None:
        """A name that nobody asks for any more takes no thread."""
        with self._lock:
            look_up.askers -= 1
            if not look_up.askers and self._waiting.get(look_up.asked) is look_up:
                del self._waiting[look_up.asked], self._under_way[look_up.asked]

    def _run(self, look_up: _LookUp | None) -> None:
        while look_up is not None:
            answer: Sequence[Address] = ()
            failure: Exception | None = None
            try:
                answer = _look_up(*look_up.asked)
            except Exception as error:  # noqa: BLE001  # it is the askers', whatever it is
                failure = error
            following = self._following(look_up)
            if failure is None:
                look_up.answer.set_result(answer)
            else:
                look_up.answer.set_exception(failure)
            look_up = following

    def _following(self, done: _LookUp) -> _LookUp | None:
        """The next that waits for a thread; None ends this one."""
        with self._lock:
            del self._under_way[done.asked]
            if self._waiting:
                return self._waiting.pop(next(iter(self._waiting)))
            self._threads -= 1
            return None


_RESOLVER: Final = Resolver()


async def resolve(host: str, port: int) -> Sequence[Address]:
    """`Resolver.addresses` of the one resolver that a process needs."""
    return await _RESOLVER.addresses(host, port)


def _look_up(host: str, port: int, *, flags: int = 0) -> Sequence[Address]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
