"""Standard streams and arguments as they come: closed, in another encoding, not text at all."""

from __future__ import annotations

import io
import os
import sys


def open_streams() -> None:
    """Make the standard streams usable: a closed one is empty, and what cannot be encoded is
    written as its escape rather than not at all."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
        elif isinstance(stream, io.TextIOWrapper) and mode == "w":
            stream.reconfigure(errors="backslashreplace")


def abandon_output() -> None:
    """Whoever read us has gone: what is still in buffers goes nowhere, without a word."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def text_of(argument: str) -> str:
    """An argument as UTF-8, whatever the locale made of its bytes; what is no UTF-8 is escaped."""
    return os.fsencode(argument).decode("utf-8", "backslashreplace")
