"""Operators: who may do what."""

from __future__ import annotations

from typing import Final

from kana_tui.domain.errors import NotAllowedError
from kana_tui.domain.settings import OperatorsSettings, Role

_RANKS: Final = {Role.VIEWER: 0, Role.AGENT: 1, Role.OPERATOR: 2, Role.ADMIN: 3}


def role_of(operators: OperatorsSettings, operator: str | None) -> Role:
    """The role of whoever acts; `operator` is the name that a forced command gave, or None.

    Whoever has the shell of the home's account is admin, and so is everybody
    while no operators are listed; a name that is not listed has the default role.
    """
    if operator is None or not operators.operators:
        return Role.ADMIN
    listed = {one.name: one.role for one in operators.operators}
    return listed.get(operator, operators.default)


def reaches(role: Role, needed: Role) -> bool:
    """Whether `role` is `needed` or above."""
    return _RANKS[role] >= _RANKS[needed]


def require(role: Role, needed: Role, operator: str | None) -> None:
    """NotAllowedError unless `role` is `needed` or above."""
    if not reaches(role, needed):
        raise NotAllowedError(
            f"{operator} is {role.value}; this needs the role {needed.value}.",
            hint="An admin gives roles in config.xml, under <operators>.",
        )
