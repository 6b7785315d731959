"""One message through one stage."""

from __future__ import annotations

from attrs import evolve

from kana_tui.domain.rules.evaluate import Verdict, evaluate
from kana_tui.domain.rules.ruleset import (
    FILTER,
    INCOMING,
    MAILBOX_DEFAULT_QUEUE,
    POST_INCOMING,
    ActionKind,
    RuleSet,
)
from kana_tui.domain.rules.stages import ReadyMessage, RuleStage, StageOutcome

_GROUP_OF = {
    RuleStage.FILTER: FILTER,
    RuleStage.INCOMING: INCOMING,
    RuleStage.POST_INCOMING: POST_INCOMING,
}
_MARKS = {ActionKind.MARK_BOUNCED: "bounced", ActionKind.MARK_BULK: "bulk"}


def pass_stage(message: ReadyMessage, rules: RuleSet) -> StageOutcome:
    """What the message's next stage makes of it.

    Filter may delete. Incoming rules may route (and then that queue's own
    group runs) or close. Post-incoming rules see only what is neither routed
    nor closed; whatever they do, the message ends in its mailbox's default
    queue rather than nowhere.
    """
    verdict = evaluate(rules.group(_GROUP_OF[message.stage]), message)
    outcome = _outcome(message, verdict, rules)
    if message.stage is RuleStage.FILTER:
        if outcome.deleted:
            return evolve(outcome, new_stage=RuleStage.DONE, queue_id=None)
        return evolve(outcome, queue_id=message.queue_id, closed=False)
    routed_now = outcome.queue_id is not None and outcome.queue_id != message.queue_id
    if message.stage is RuleStage.INCOMING and routed_now and not outcome.closed:
        routed = evolve(message, queue_id=outcome.queue_id, labels=outcome.labels)
        inner = evaluate(rules.group(f"queue:{outcome.queue_id}"), routed)
        outcome = evolve(_outcome(routed, inner, rules), queue_id=outcome.queue_id)
    if outcome.closed or outcome.queue_id is not None:
        return evolve(outcome, deleted=False, new_stage=RuleStage.DONE)
    if message.stage is RuleStage.POST_INCOMING:
        return evolve(outcome, deleted=False, queue_id=message.default_queue_id)
    return evolve(outcome, deleted=False)


def _outcome(message: ReadyMessage, verdict: Verdict, rules: RuleSet) -> StageOutcome:
    queue = message.queue_id
    labels = dict.fromkeys(message.labels)
    deleted = closed = False
    for action in verdict.actions:
        match action.kind:
            case ActionKind.ROUTE:
                if action.value == MAILBOX_DEFAULT_QUEUE:
                    queue = message.default_queue_id
                else:
                    queue = rules.queues.get(action.value, queue)
            case ActionKind.DELETE:
                deleted = True
            case ActionKind.CLOSE:
                closed = True
            case ActionKind.LABEL | ActionKind.CATEGORIZE:
                labels[action.value] = None
            case ActionKind.MARK_BOUNCED | ActionKind.MARK_BULK:
                labels[_MARKS[action.kind]] = None
            case ActionKind.STOP:  # the group has ended; nothing to do to the message
                pass
    return StageOutcome(
        message_id=message.id,
        old_stage=message.stage,
        new_stage=RuleStage(message.stage + 1),
        queue_id=queue,
        deleted=deleted,
        closed=closed,
        labels=tuple(labels),
    )
