"""What a worker bears: its round failed, the next one tries again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import structlog

from kana_tui.domain.errors import UnreachableError

log = structlog.get_logger()


class Bearing:
    """A store that is full, busy or away, and a fault of our own, are logged and stop nothing.

    One that lasts is logged once, and that it is over: some rounds come each second.
    """

    def __init__(self, action: str, **about: object) -> None:
        """`about`: further fields of what is logged."""
        self._about = {"action": action, **about}
        self._told: str | None = None

    @contextmanager
    def round(self) -> Iterator[None]:
        try:
            yield
        except UnreachableError as error:
            if self._is_news(error):
                log.error("store", error=str(error), **self._about)
        except Exception as error:  # an unforeseen fault with one round must not end all others
            if self._is_news(error):
                log.exception("round failed", **self._about)
        else:
            if self._told is not None:
                log.info("works again", **self._about)
            self._told = None

    def _is_news(self, error: Exception) -> bool:
        before, self._told = self._told, f"{type(error).__name__}: {error}"
        return before != self._told


def borne(action: str, **about: object) -> AbstractContextManager[None]:
    """A single round; `about`: further fields of what is logged."""
    return Bearing(action, **about).round()
