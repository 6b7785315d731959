"""The registry's part for receivers, and for the stop of a receiver or a mailbox."""

from __future__ import annotations

from typing import Final

from kana_tui.domain.settings import Role
from kana_tui.ports.nodes import ReceiverState
from kana_tui.tui.action import Action, Situation
from kana_tui.tui.places import Place

_ON_A_RECEIVER: Final = "p, x and n are for receivers: g goes to the first."


def _order(situation: Situation) -> str | None:
    receiver = situation.receiver
    if receiver is None:
        return _ON_A_RECEIVER
    if receiver.state is ReceiverState.STALE:
        return f"{receiver.name} is stale: no engine is live on node {receiver.node}."
    if situation.pending:
        return f"{receiver.name}: an order is pending already."
    return None


def receiver_now(situation: Situation) -> str | None:
    """Why what the receiver under the cursor covers cannot be polled now."""
    receiver = situation.receiver
    if receiver is not None and receiver.state is ReceiverState.STOPPED:
        return f"{receiver.name} is stopped: it covers nothing."
    return _order(situation)


def _mailbox(situation: Situation) -> str | None:
    return None if situation.selected else situation.nothing


RECEIVER_ACTIONS: Final = (
    Action("priority", ("p",), "p", "priority",
           "choose the next priority; Enter then applies it", {Place.RECEIVERS},
           writes=Role.OPERATOR, why_not=_order),
    Action("stop", ("x",), "x", "stop/start", "stop the receiver, or start it", {Place.RECEIVERS},
           writes=Role.OPERATOR, why_not=_order),
    Action("stop_mailbox", ("x",), "x", "stop/start",
           "stop downloading from the mailbox, or start it",
           {Place.BOARD, Place.DETAIL}, writes=Role.ADMIN, why_not=_mailbox),
)  # fmt: skip
