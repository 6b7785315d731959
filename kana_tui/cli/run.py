"""`run`: the engine in the foreground."""

from __future__ import annotations

import click

from kana_tui.cli.invocation import with_invocation
from kana_tui.wiring.invocation import Invocation


@click.command("run")
@click.option("--once", is_flag=True, help="Fetch every active covered mailbox, then end.")
@click.option("--hosted-by", hidden=True, help="A screen's operator; ends with its pipe.")
@with_invocation
def command(invocation: Invocation, hosted_by: str | None, *, once: bool) -> int:
    """The engine in the foreground: receivers, samples, rules.

    SIGTERM ends it in good order within 10 s. Exit 4 while another engine
    serves the same store. With --once: 0 even if a mailbox failed; `status`
    tells which.
    """
    from kana_tui.wiring.engine import run_engine, run_once  # noqa: PLC0415  # loads the store

    return run_once(invocation) if once else run_engine(invocation, hosted_by)
