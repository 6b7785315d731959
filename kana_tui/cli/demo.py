"""`demo`: everything at work on made-up mail."""

from __future__ import annotations

import math

import click
from attrs import evolve

from kana_tui.cli.documents import status_document
from kana_tui.cli.invocation import display_options, with_invocation
from kana_tui.cli.output import print_json
from kana_tui.cli.screen import require_terminal
from kana_tui.wiring.invocation import Invocation


def _number(_context: click.Context, option: click.Parameter, given: float | None) -> float | None:
    """“nan” is a float to Python, and within any range."""
    if given is not None and math.isnan(given):
        raise click.BadParameter("nan is no number of messages.", param=option)
    return given


@click.command("demo")
@click.option("--mailboxes", type=click.IntRange(1, 2000), default=6, show_default=True)
@click.option(
    "--rate",
    type=click.FloatRange(0.1, 600),
    callback=_number,
    help="Mean arrivals a minute, each.",
)
@click.option("--headless", is_flag=True, help="No screen; print the status at the end.")
@click.option("--seconds", type=click.IntRange(1, 3600), help="How long without a screen.")
@display_options
@with_invocation
def command(
    invocation: Invocation,
    mailboxes: int,
    rate: float | None,
    seconds: int | None,
    *,
    headless: bool,
    read_only: bool,
    mouse: bool,
    ascii: bool,  # noqa: A002  # as click calls it
) -> int:
    """Embedded mail servers with living traffic, a throw-away home, the screen on top."""
    from kana_tui.wiring.demo import run_demo, run_headless  # noqa: PLC0415

    if headless:
        print_json(status_document(run_headless(mailboxes, rate, seconds or 20)))
        return 0
    require_terminal("--headless")
    shown = evolve(
        invocation,
        read_only=read_only or invocation.read_only,
        mouse=mouse or invocation.mouse,
        ascii=ascii or invocation.ascii,
    )
    return run_demo(shown, mailboxes, rate)
