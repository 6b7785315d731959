"""What an action is, and what decides whether it is possible now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from attrs import field, frozen

from kana_tui.domain.operators import reaches
from kana_tui.domain.settings import Role
from kana_tui.ports.nodes import ReceiverRow
from kana_tui.services.overview import MailboxView
from kana_tui.tui.places import PAGES, TYPED, Place


@frozen
class Situation:
    """What decides whether an action is possible now.

    `role`: of who looks. `selected`: the mailbox that it would be about,
    `receiver` the receiver; `listed`: there is another thing to open and copy,
    `nothing`: said where there is none. `there`: the places that exist.
    `pending`: it was told to do something, and no engine has answered. `again_in_s`: the
    mailbox's login was refused, and for so long it is not tried again. `probes`:
    the page can test a login. `no_sign_in`: why nobody can sign in for what is here,
    None if somebody can.
    """

    read_only: bool = False
    role: Role = Role.ADMIN
    engine_live: bool = True
    selected: MailboxView | None = None
    receiver: ReceiverRow | None = None
    listed: bool = False
    nothing: str = "No mailbox is selected."
    there: frozenset[Place] = PAGES
    pending: bool = False
    again_in_s: int | None = None
    probes: bool = False
    no_sign_in: str | None = "No mailbox is selected."


WhyNot = Callable[[Situation], str | None]


def possible(_situation: Situation) -> str | None:
    return None


def _set(places: Iterable[Place]) -> frozenset[Place]:
    return frozenset(places)


@frozen
class Action:
    """`id` names the method `do_ID` of every place in `places`; `keys` as Textual calls them.

    `shown`: how its keys are written, the one for the footer first. `label`: a
    word for the footer. `told`: label and help where a place has its own.
    `writes`: the role that it needs, as it changes something (refused on a
    read-only screen); None: it only shows. `why_not`: a sentence, None if possible.
    `opens`: a top screen; then there is no method. `never`: a sentence where it
    is never possible; no method then either.
    """

    id: str
    keys: tuple[str, ...]
    shown: str
    label: str
    help: str
    places: frozenset[Place] = field(converter=_set)
    told: Mapping[Place, tuple[str, str]] = field(factory=dict)
    writes: Role | None = None
    why_not: WhyNot = possible
    opens: Place | None = None
    never: str | None = None

    def label_in(self, place: Place) -> str:
        return self.told[place][0] if place in self.told else self.label

    def help_in(self, place: Place) -> str:
        return self.told[place][1] if place in self.told else self.help

    def keys_in(self, place: Place) -> tuple[str, ...]:
        return tuple(key for key in self.keys if place not in TYPED or not _printable(key))

    def shown_in(self, place: Place) -> str:
        words = self.shown.split()
        return " ".join(word for word in words if place not in TYPED or len(word) > 1)

    def refusal(self, situation: Situation) -> str | None:
        """Why it cannot be done now, None if it can."""
        if self.never is not None:
            return self.never
        if self.writes is not None and situation.read_only:
            return "This screen is read-only (--read-only)."
        if self.writes is not None and not reaches(situation.role, self.writes):
            return f"You are {situation.role.value}; this needs the role {self.writes.value}."
        return self.why_not(situation)


def _printable(key: str) -> bool:
    return len(key) == 1 or key in _PRINTABLE_NAMES


_PRINTABLE_NAMES = frozenset({"question_mark", "slash", "colon", "plus", "space"})
