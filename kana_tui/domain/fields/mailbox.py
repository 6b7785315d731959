# ruff: noqa: RUF009  `declare` makes attributes, not default values
"""The mailbox itself: its name and address, whose it is, and where its mail goes."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from kana_tui.domain.cover import Priority
from kana_tui.domain.fields.context import ROOT, Context, Values, always
from kana_tui.domain.fields.declare import declare
from kana_tui.domain.fields.kinds import (
    Address,
    Choice,
    Departments,
    Flag,
    Queue,
    RuleError,
    Text,
)


def _not_all_digits(values: Values, _context: Context) -> None:
    if values["name"].isdigit():
        raise RuleError("is all digits, which would read as an ID", "add a letter")


def _switched_off(old: Any, new: Any) -> bool:
    return bool(old and not new)


@frozen(kw_only=True)
class MailboxFields:
    name: str = declare(
        label="Name",
        help="The friendly name that the From header of its replies shows beside the address. "
        "No other mailbox may have it as its name or address, and it is not all digits.",
        kind=Text(1, 80),
        required=always,
        checks=(_not_all_digits,),
    )
    email_address: str = declare(
        label="E-mail address",
        help="The account's address: what customers write to, and what replies come from. "
        "It is given when the mailbox is added and stays.",
        kind=Address(),
        required=always,
        fixed=True,
    )
    active: bool = declare(
        label="Active",
        help="Whether its mail is downloaded. While it is off the depth is still sampled, so "
        "that the board shows what piles up.",
        kind=Flag(),
        default=True,
        raises_token=_switched_off,
    )
    priority: Priority = declare(
        label="Priority",
        help="Which receivers serve it: low ones serve every mailbox, medium ones those of "
        "medium and high priority, high ones only those of high priority.",
        kind=Choice(
            {p: p.value.capitalize() for p in Priority},
            meanings={
                Priority.LOW: "served by low receivers only",
                Priority.MEDIUM: "served by medium and low receivers",
                Priority.HIGH: "served by every receiver",
            },
        ),
        default=Priority.MEDIUM,
    )
    departments: frozenset[str] = declare(
        label="Departments",
        help="Agents of these departments, and of those below them, may send from this "
        "mailbox. The root department means everybody.",
        kind=Departments(),
        default=frozenset((ROOT,)),
        required=always,
    )
    default_queue: str = declare(
        label="Default Queue",
        help="Where a message goes that no rule routed or answered: the post-incoming rules "
        "send it there.",
        kind=Queue(),
        default="General",
        required=always,
    )
    force_default_queue: bool = declare(
        label="Force Routing to Default Queue",
        help="Its messages skip the incoming rules and go to the default queue: the first "
        "shipped rule asks for this switch, as force_default_queue, and stops. Your own rules "
        "may ask for it too.",
        kind=Flag(),
        default=False,
    )
