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


def display_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How the screen looks and what it may do: as root's, for a command that shows it too."""
    for option in (
        click.option("--ascii", is_flag=True, help="Only ASCII on the screen."),
        click.option("--mouse", is_flag=True, help="Let the screen have the mouse."),
        click.option("--read-only", is_flag=True, help="Nothing can be changed from this screen."),
    ):
        command = option(command)
    return command


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--json`: one document on standard output, nothing else there."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def permit(invocation: Invocation, needed: Role) -> None:
    """NotAllowedError under `--read-only`, or where the operator's role is below `needed`."""
    if invocation.read_only:
        raise NotAllowedError("--read-only is on.", hint="Leave it out to change something.")
    permit_looking(invocation, needed)


def permit_looking(invocation: Invocation, needed: Role) -> None:
    """NotAllowedError where the operator's role is below `needed`, for what changes nothing."""
    if invocation.operator is not None:
        require(operator_role(invocation), needed, invocation.operator)
