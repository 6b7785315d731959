"""`kana-tui run --once` on one mailbox, on a fresh home, with everything on."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.mailbox import FullMailbox, VoidRunError
from benchmarks.timed import seconds
from tests.whole.program import Program


def download_s(mailbox: FullMailbox, protocol: str) -> float:
    """How long the command takes to download and delete all of it.

    Everything on: receipt of each message synced to disk before its deletion,
    ledger, lease, depth samples, levels, and the rules until nothing is ready.
    """
    with tempfile.TemporaryDirectory(prefix="kana-bench-") as folder:
        program = Program(Path(folder) / "home")
        program.configure()
        program.add_mailbox(mailbox.server, protocol, mailbox.user)
        taken_s = seconds([*program.arguments, "run", "--once"])
        mailbox.check("kana-tui", _stored(program))
        return taken_s


def _stored(program: Program) -> int:
    """Messages in the store, if the ledger accounts for all and each one lies in a queue."""
    [row] = program.json("ledger")["mailboxes"]
    queued = program.json("message", "list", "--state", "open")["messages"]
    if row["difference"] != 0 or len(queued) != row["stored"]:
        message = f"the ledger says {row}, and {len(queued)} messages lie in a queue"
        raise VoidRunError(message)
    return int(row["stored"])
