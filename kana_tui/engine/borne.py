"""What a worker bears: its round failed, the next one tries again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from kana_tui.domain.errors import UnreachableError

log = structlog.get_logger()


@contextmanager
def borne(action: str, **about: object) -> Iterator[None]:
    """A store that is full, busy or away, and a fault of our own, are logged and stop nothing.

    `about`: further fields of what is logged.
    """
    try:
        yield
    except UnreachableError as error:
        log.error("store", action=action, error=str(error), **about)
    except Exception:  # an unforeseen fault with one round must not end all others
        log.exception("round failed", action=action, **about)
