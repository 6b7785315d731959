"""Who may do what."""

from __future__ import annotations

import pytest

from kana_tui.domain.errors import NotAllowedError
from kana_tui.domain.operators import require, role_of
from kana_tui.domain.settings import OperatorSettings, OperatorsSettings, Role

LISTED = OperatorsSettings(
    Role.VIEWER, (OperatorSettings("alice", Role.ADMIN), OperatorSettings("bob", Role.AGENT))
)


@pytest.mark.parametrize(
    ("operators", "operator", "role"),
    [
        (LISTED, "alice", Role.ADMIN),
        (LISTED, "bob", Role.AGENT),
        (LISTED, "mallory", Role.VIEWER),
        (LISTED, None, Role.ADMIN),
        (OperatorsSettings(), "anybody", Role.ADMIN),
        (OperatorsSettings(), None, Role.ADMIN),
    ],
)
def test_a_role_comes_from_the_list_or_is_the_default(
    operators: OperatorsSettings, operator: str | None, role: Role
) -> None:
    assert role_of(operators, operator) is role


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("needed", Role)
def test_a_role_may_do_what_those_below_it_may(role: Role, needed: Role) -> None:
    order = [Role.VIEWER, Role.AGENT, Role.OPERATOR, Role.ADMIN]
    if order.index(role) >= order.index(needed):
        require(role, needed, "bob")
    else:
        with pytest.raises(NotAllowedError, match=f"bob is {role.value}"):
            require(role, needed, "bob")
