"""CA files on this host's disk."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

from kana_tui.mail.tls import ca_problem, trust


class DiskCaFiles:
    """Implements ports.ca_files.CaFiles."""

    async def problem(self, path: str) -> str | None:
        return await asyncio.to_thread(_problem, Path(path))


def _problem(path: Path) -> str | None:
    try:
        trust(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), path)
    except (OSError, ValueError) as error:  # SSLError is an OSError
        return ca_problem(error)
    return None
