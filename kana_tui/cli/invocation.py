"""How a command gets at its global options, and the options that many commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

import click

from kana_tui.domain.errors import NotAllowedError
from kana_tui.domain.operators import require
from kana_tui.domain.settings import Role
from kana_tui.wiring.command import operator_role
from kana_tui.wiring.invocation import Invocation

P = ParamSpec("P")
T = TypeVar("T")


def with_invocation(
    command: Callable[Concatenate[Invocation, P], T],
) -> Callable[P, T]:
    """Hand the invocation to a command as its first argument."""

    @functools.wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        invocation: Invocation = click.get_current_context().obj
        return command(invocation, *args, **kwargs)

    return wrapper


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--json`: one document on standard output, nothing else there."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def permit(invocation: Invocation, needed: Role) -> None:
    """NotAllowedError under `--read-only`, or where the operator's role is below `needed`."""
    if invocation.read_only:
        raise NotAllowedError("--read-only is on.", hint="Leave it out to change something.")
    if invocation.operator is not None:
        require(operator_role(invocation), needed, invocation.operator)
