"""The demo's mailboxes: who they are, and which part of the story each one plays."""

from __future__ import annotations

from typing import Final

from attrs import evolve, frozen

from kana_tui.demo.traffic import Bursts, Steady, Traffic
from kana_tui.domain.authentication import AuthType
from kana_tui.domain.cover import Priority
from kana_tui.domain.secret import Secret

DOMAIN: Final = "acme.test"
STORY_SIZE: Final = 6
"""So many mailboxes tell the whole story; fewer leave some of it out."""


@frozen
class Member:
    """A mailbox of the demo, and its account on the demo's servers.

    `auth_type`: AuthType.POP or AuthType.IMAP. `password` opens the account;
    `mailbox_password` is what the mailbox is set up with, a stale one where
    `wrong_password`. `keep`: messages stay on the server after download.
    """

    name: str
    auth_type: AuthType
    traffic: Traffic
    priority: Priority = Priority.MEDIUM
    keep: bool = False
    wrong_password: bool = False

    @property
    def email_address(self) -> str:
        return f"{self.name}@{DOMAIN}"

    @property
    def user(self) -> str:
        return self.name

    @property
    def password(self) -> Secret:
        return Secret(f"{self.name}-opens")

    @property
    def mailbox_password(self) -> Secret:
        return Secret(f"{self.name}-stale") if self.wrong_password else self.password


FLOOD: Final = Member("flood", AuthType.IMAP, Bursts())
STALE_LOGIN: Final = Member("old-desk", AuthType.POP, Steady(0.3), wrong_password=True)
UNCOVERED: Final = Member("faxes", AuthType.POP, Steady(0.6), Priority.LOW)
"""The only one of low priority: nobody serves it while the low receiver is stopped."""
KEPT: Final = Member("returns", AuthType.IMAP, Steady(0.5), keep=True)
SUPPORT: Final = Member("support", AuthType.POP, Steady(2.4), Priority.HIGH)
SALES: Final = Member("sales", AuthType.IMAP, Steady(1.2))
NEWSLETTER: Final = Member("newsletter", AuthType.POP, Steady(1.0))

_NAMED: Final = (FLOOD, STALE_LOGIN, UNCOVERED, KEPT, SUPPORT, SALES, NEWSLETTER)
_DESK_SHARES: Final = (0.4, 1.6, 0.8, 1.2)


def cast(count: int = STORY_SIZE) -> tuple[Member, ...]:
    """The first `count` mailboxes, the story's first.

    The mean share of those with steady traffic is 1, so that `--rate` is their
    mean whatever their number.
    """
    desks = (_desk(number) for number in range(1, count - len(_NAMED) + 1))
    members = (*_NAMED, *desks)[:count]
    shares = [m.traffic.share for m in members if isinstance(m.traffic, Steady)]
    mean = sum(shares) / len(shares) if shares else 1.0
    return tuple(_scaled(member, mean) for member in members)


def _desk(number: int) -> Member:
    auth_type = AuthType.POP if number % 2 else AuthType.IMAP
    share = _DESK_SHARES[number % len(_DESK_SHARES)]
    return Member(f"desk-{number}", auth_type, Steady(share))


def _scaled(member: Member, mean: float) -> Member:
    if not isinstance(member.traffic, Steady):
        return member
    return evolve(member, traffic=Steady(member.traffic.share / mean))
