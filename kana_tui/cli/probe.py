"""`mailbox probe`: each step of a mailbox's logins, with its time and the server's own words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from typing import Any

import click

from kana_tui.cli.invocation import json_option, permit_looking, with_invocation
from kana_tui.cli.output import print_json, say
from kana_tui.domain.settings import Role
from kana_tui.ports.probe import Probed
from kana_tui.wiring.command import resolve_mailbox
from kana_tui.wiring.invocation import Invocation

BAD, GOOD = 1, 0


@click.command("probe")
@click.argument("mailbox")
@json_option
@with_invocation
def probe(invocation: Invocation, mailbox: str, *, as_json: bool) -> int:
    """Try a mailbox's logins step by step: from DNS to the count, and to SMTP's MAIL FROM.

    Nothing is downloaded, deleted or sent. Without an SMTP server of its own
    the sender's default server is tried. A setting that keeps a login from
    beginning is told as the one stage of its direction: as that at which it
    would bite.

    Exit 1: a stage failed.
    """
    permit_looking(invocation, Role.OPERATOR)
    name, stages = asyncio.run(_probed(invocation, mailbox, as_json=as_json))
    if as_json:
        print_json(probe_document(name, stages))
    else:
        say(summary(name, stages))
    return GOOD if all(one.ok for one in stages) else BAD


async def _probed(
    invocation: Invocation, mailbox: str, *, as_json: bool
) -> tuple[str, Sequence[Probed]]:
    from kana_tui.wiring.probing import opened_probing  # noqa: PLC0415  # loads mail's libraries

    found: list[Probed] = []
    async with opened_probing(invocation) as (store, probing):
        wanted = (await resolve_mailbox(store, mailbox)).mailbox
        async with aclosing(probing.run(await probing.of_stored(wanted))) as stages:
            async for one in stages:
                found.append(one)
                if not as_json:
                    for line in stage_lines(one):
                        say(line)
    return wanted.name, found


def probe_document(name: str, stages: Sequence[Probed]) -> dict[str, Any]:
    return {
        "mailbox": name,
        "ok": all(one.ok for one in stages),
        "stages": [_stage_document(one) for one in stages],
    }


def _stage_document(one: Probed) -> dict[str, Any]:
    return {
        "direction": one.direction.value,
        "name": one.name.value,
        "ok": one.ok,
        "seconds": round(one.seconds, 3),
        "detail": one.detail or None,
        "hint": one.hint,
    }


def stage_lines(one: Probed) -> Iterator[str]:
    """Of a failed one, its remedy below it."""
    mark = "ok" if one.ok else "FAILED"
    where = f"{one.direction.value:<8}  {one.name.value:<12}"
    yield f"{mark:<6}  {where}  {one.seconds:7.3f} s  {one.detail}"
    if one.hint is not None:
        yield f"        {one.hint}"


def summary(name: str, stages: Sequence[Probed]) -> str:
    failed = [f"{one.direction.value} at {one.name.value}" for one in stages if not one.ok]
    return f"{name}: failed, {' and '.join(failed)}." if failed else f"{name}: all is well."
