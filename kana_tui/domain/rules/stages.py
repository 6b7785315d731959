"""The stages that every message passes, each exactly once: filter, incoming, post-incoming."""

from __future__ import annotations

from enum import IntEnum

from attrs import frozen


class RuleStage(IntEnum):
    """The number stored with a message: the stage that comes next."""

    FILTER = 0
    INCOMING = 1
    POST_INCOMING = 2
    DONE = 3


@frozen
class ReadyMessage:
    """A message before a stage, with what the rules may ask of it and of its mailbox.

    Text is decoded and lower limits of trust apply: it is foreign.
    `default_queue_id`: its mailbox's. `queue_id`: where it was routed, if it was.
    """

    id: int
    mailbox_id: int
    stage: RuleStage
    subject: str
    from_: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    size: int
    labels: tuple[str, ...]
    trusted: bool
    auto_submitted: str
    precedence: str
    return_path: str | None
    force_default_queue: bool
    default_queue_id: int
    queue_id: int | None = None


@frozen
class StageOutcome:
    """What one stage did to one message, to be written whole and once."""

    message_id: int
    old_stage: RuleStage
    new_stage: RuleStage
    queue_id: int | None
    deleted: bool = False
    closed: bool = False
    labels: tuple[str, ...] = ()
