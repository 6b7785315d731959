"""One mailbox, downloaded and deleted end to end: ours against a peer's, in one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from benchmarks.figures import Figure, table
from benchmarks.getmail import Getmail
from benchmarks.kana import download_s
from benchmarks.mailbox import MESSAGES, PROTOCOLS, SIZE_BYTES, FullMailbox
from tests.servers.dovecot import Dovecot, running_dovecot

RUNS: Final = 3
TITLE: Final = f"One mailbox, {MESSAGES:,} messages of {SIZE_BYTES} bytes: download and delete"
_KEPT: Final = (
    f"Medians of {RUNS} runs (least to most). Every run stored all {MESSAGES:,} messages and left\n"
    "none on the server: one that does not is void, and ends the measurement."
)


def report() -> str:
    """The Markdown of the figures. VoidRunError if a run lost a message."""
    with running_dovecot() as server, Getmail.installed() as getmail:
        rows = [row for protocol in PROTOCOLS for row in _rows(server, getmail, protocol)]
        peer = f"getmail {getmail.version}"
    headings = ("", "", "seconds", "messages a second", f"times {peer}")
    return f"{table(headings, rows)}\n\n{_KEPT}\n"


def _rows(server: Dovecot, getmail: Getmail, protocol: str) -> Iterator[tuple[object, ...]]:
    ours, idle, theirs = [], [], []
    for _ in range(RUNS):  # in turns, so that a slow moment of the machine meets all alike
        ours.append(_taken_s(server, protocol, download_s, MESSAGES))
        idle.append(_taken_s(server, protocol, download_s, 0))
        theirs.append(_taken_s(server, protocol, getmail.download_s, MESSAGES))
    visit = [whole - least for whole, least in zip(ours, idle, strict=True)]
    name, peer = PROTOCOLS[protocol], _rate(theirs).median
    for what, taken in (
        ("kana-tui run --once, the whole command", ours),
        ("the same, less a run on an empty mailbox", visit),
        ("getmail, the whole command", theirs),
    ):
        times = f"{_rate(taken).median / peer:.1f}"
        yield name, what, Figure.of(taken), _rate(taken), times
    yield name, "kana-tui run --once, an empty mailbox", Figure.of(idle), "", ""


def _taken_s(
    server: Dovecot, protocol: str, download: Callable[[FullMailbox, str], float], count: int
) -> float:
    return download(FullMailbox.filled(server, count), protocol)


def _rate(taken_s: list[float]) -> Figure:
    return Figure.of([MESSAGES / one for one in taken_s])
