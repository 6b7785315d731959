"""`check`: whether all that mail depends on works, before mail does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import click

from kana_tui.cli.invocation import json_option, permit_looking, with_invocation
from kana_tui.cli.output import print_json, say
from kana_tui.cli.probe import probe_document, stage_lines, summary
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.settings import Role
from kana_tui.ports.probe import Probed
from kana_tui.wiring.checking import Looked, Part, looked_at, named, probed
from kana_tui.wiring.invocation import Invocation

BAD, GOOD = 1, 0


@click.command("check")
@click.argument("mailboxes", metavar="[MAILBOX]...", nargs=-1)
@json_option
@with_invocation
def command(invocation: Invocation, mailboxes: Sequence[str], *, as_json: bool) -> int:
    """config.xml, the key file, the store's integrity, and the staged probe of each mailbox.

    Of all mailboxes, or those named; a few at a time. Nothing is downloaded,
    deleted or sent. While config.xml, key or store are not right, no login is
    tried.

    Exit 1: something is wrong.
    """
    parts, probes = asyncio.run(_checked(invocation, mailboxes, as_json=as_json))
    failed = any(not stage.ok for _, stages in probes for stage in stages)
    good = all(part.ok for part in parts) and not failed
    if as_json:
        print_json(_document(parts, probes, ok=good))
    return GOOD if good else BAD


Probes = Sequence[tuple[Mailbox, Sequence[Probed]]]


async def _checked(
    invocation: Invocation, references: Sequence[str], *, as_json: bool
) -> tuple[Sequence[Part], Probes]:
    async with looked_at(invocation) as looked:
        if not as_json:
            _say_parts(looked)
        if looked.store is None or looked.probing is None:
            return looked.parts, ()
        permit_looking(invocation, Role.OPERATOR)
        wanted = await named(looked.store, references)

        def ended(mailbox: Mailbox, stages: Sequence[Probed]) -> None:
            if not as_json:
                _say_probe(mailbox, stages)

        found = await probed(looked.probing, wanted, ended)
        return looked.parts, list(zip(wanted, found, strict=True))


def _say_parts(looked: Looked) -> None:
    for part in looked.parts:
        mark = {True: "ok", False: "FAILED", None: "-"}[part.ok]
        told = part.message or part.where or ""
        say(f"{mark:<6}  {part.name:<8}  {told}")
        for line in (*part.problems, part.hint):
            if line:
                say(f"        {line}")


def _say_probe(mailbox: Mailbox, stages: Sequence[Probed]) -> None:
    """All at once, as others are under way meanwhile; of what is well only that it is."""
    failed = [stage for stage in stages if not stage.ok]
    say(f"{'FAILED' if failed else 'ok':<6}  {summary(mailbox.name, stages)}")
    for stage in failed:
        for line in stage_lines(stage):
            say(f"        {line}")


def _document(parts: Sequence[Part], probes: Probes, *, ok: bool) -> dict[str, Any]:
    return {
        "ok": ok,
        **{part.name: _part_document(part) for part in parts},
        "mailboxes": [probe_document(mailbox.name, stages) for mailbox, stages in probes],
    }


def _part_document(part: Part) -> dict[str, Any]:
    return {
        "ok": part.ok,
        "where": part.where,
        "message": part.message,
        "problems": list(part.problems),
        "hint": part.hint,
    }
