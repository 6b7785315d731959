"""`run`: the engine in the foreground."""

from __future__ import annotations

import click

from kana_tui.cli.invocation import with_invocation
from kana_tui.metrics.address import parse_address
from kana_tui.wiring.invocation import Invocation


@click.command("run")
@click.option("--once", is_flag=True, help="Fetch every active covered mailbox, then end.")
@click.option("--metrics", metavar="HOST:PORT", help="Serve metrics for Prometheus there.")
@click.option("--hosted-by", hidden=True, help="A screen's operator; ends with its pipe.")
@with_invocation
def command(
    invocation: Invocation, metrics: str | None, hosted_by: str | None, *, once: bool
) -> int:
    """The engine in the foreground: receivers, samples, rules.

    SIGTERM ends it in good order within 10 s. Exit 4 while another engine
    serves the same store. With --once: 0 even if a mailbox failed; `status`
    tells which. With --metrics: /metrics, /healthz (the process lives) and
    /readyz (it also reaches the store), without a password: name a host that
    only those can reach who may know.
    """
    if once and metrics is not None:
        raise click.UsageError("--metrics goes with an engine that stays, not with --once.")
    address = parse_address(metrics) if metrics is not None else None
    from kana_tui.wiring.engine import run_engine, run_once  # noqa: PLC0415  # loads the store

    return run_once(invocation) if once else run_engine(invocation, hosted_by, address)
