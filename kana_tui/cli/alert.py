"""`alert`: what watermarks and unknown depths have opened."""

from __future__ import annotations

from typing import Final

import click

from kana_tui.cli.documents import alert_document
from kana_tui.cli.invocation import json_option, with_invocation
from kana_tui.cli.output import print_json, print_table, say
from kana_tui.domain.times import rfc3339
from kana_tui.wiring.command import overview
from kana_tui.wiring.invocation import Invocation

UNDELIVERED_HINT: Final = (
    "outbox list tells of letters; without any there, no address is set (alert-email)."
)


@click.group("alert")
def command() -> None:
    """Alerts: opened by a rise over a watermark or an unknown depth, closed by recovery."""


@command.command("list")
@json_option
@with_invocation
def list_alerts(invocation: Invocation, *, as_json: bool) -> int:
    """Those that are open, the oldest first."""
    snapshot = overview(invocation)
    if as_json:
        print_json({"alerts": [alert_document(alert) for alert in snapshot.alerts]})
        return 0
    print_table(
        ("ID", "Level", "Mailbox", "Depth", "Since", "Why", "Acknowledged"),
        [
            (
                alert.id,
                alert.shown_level.upper(),
                alert.mailbox,
                alert.depth,
                rfc3339(alert.opened_at),
                alert.cause or "",
                alert.acknowledged_by or "",
            )
            for alert in snapshot.alerts
        ],
    )
    if snapshot.undelivered_alert_mail:
        say(f"Alert mail undelivered: {snapshot.undelivered_alert_mail}. {UNDELIVERED_HINT}")
    return 0
