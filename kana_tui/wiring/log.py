"""Logs: JSON lines, owner-only, rotated; one process writes a file; no secret passes."""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
from pathlib import Path
from typing import Final

import structlog
from structlog.typing import Processor

from kana_tui.secrets.redaction import Redactor

SIZE_BYTES: Final = 10 * 1024 * 1024
FILES: Final = 5
_NOISY: Final = ("sqlalchemy", "alembic", "aiosqlite", "asyncio")
_INDISCREET: Final = ("msal", "google", "urllib3", "requests", "spnego", "aiosmtplib")
"""What goes through their hands at debug level are requests and answers with tokens in them that
the redactor cannot know yet, and servers' words that repeat what they were sent."""


class _OwnerOnly(logging.handlers.RotatingFileHandler):
    """A rotating file of mode 0600 from its first byte."""

    def _open(self):  # type: ignore[no-untyped-def]  # the stream type is the base class's own
        os.close(os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        return super()._open()


def start_log(path: Path, level: str, redactor: Redactor, *, echo: bool = True) -> None:
    """Log to `path`, and to standard error too where that is a terminal or a journal's pipe.

    `echo` off: never to standard error, which a screen draws on.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handlers: list[logging.Handler] = [
        _OwnerOnly(path, maxBytes=SIZE_BYTES, backupCount=FILES - 1, encoding="utf-8")
    ]
    if echo and (sys.stderr.isatty() or "JOURNAL_STREAM" in os.environ):
        handlers.append(logging.StreamHandler())
    for handler in handlers:
        handler.setFormatter(_formatter(redactor))
    logging.basicConfig(level=level.upper(), handlers=handlers, force=True)
    for library in (*_NOISY, *_INDISCREET):
        logging.getLogger(library).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*_STAMPED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


_STAMPED: Final[tuple[Processor, ...]] = (
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def _formatter(redactor: Redactor) -> logging.Formatter:
    """Our events and those of libraries alike: redacted last, after tracebacks became text.

    ASCII alone: a log is read with `cat`, and mail brings characters that a
    terminal obeys.
    """
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_STAMPED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            redactor,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
    )
