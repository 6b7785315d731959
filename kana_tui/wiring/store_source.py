"""The store as the screen's feed asks it."""

from __future__ import annotations

from kana_tui.domain.errors import UnreachableError
from kana_tui.services.overview import Snapshot
from kana_tui.wiring.clock import SystemClock
from kana_tui.wiring.command import open_reader, overview_of
from kana_tui.wiring.home import Home
from kana_tui.wiring.screen_store import file_identity


class StoreSource:
    """Another file put in the store's place is opened anew."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._reader = open_reader(home)
        self._overview = overview_of(home, self._reader)
        self._file = file_identity(home.places.store)

    def version(self) -> int:
        if file_identity(self._home.places.store) != self._file:
            raise UnreachableError(
                f"The store {self._home.places.store} was removed or replaced.", hint=_AGAIN
            )
        return self._overview.version()

    def snapshot(self) -> Snapshot:
        return self._overview.snapshot(self._home.settings, SystemClock().now())

    def close(self) -> None:
        self._reader.close()


class StoreOpener:
    """Opens it as often as is asked for; one that is absent is made the first time alone.

    One that goes later was there: an empty one in its place would be shown as
    a board without mailboxes, and stand in the way of the right one.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._known = False

    def __call__(self) -> StoreSource:
        path = self._home.places.store
        if self._known and path is not None and not path.exists():
            raise UnreachableError(f"The store {path} is not there.", hint=_AGAIN)
        source = StoreSource(self._home)
        self._known = True
        return source


_AGAIN = "It is opened again as soon as it is there."
