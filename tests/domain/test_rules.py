"""Rules, and the stages that every message passes."""

from __future__ import annotations

import pytest
from attrs import evolve

from kana_tui.domain.rules.evaluate import evaluate
from kana_tui.domain.rules.pass_stage import pass_stage
from kana_tui.domain.rules.ruleset import (
    FILTER,
    INCOMING,
    POST_INCOMING,
    SHIPPED,
    Action,
    ActionKind,
    Condition,
    Group,
    Match,
    Operator,
    Rule,
    RuleSet,
)
from kana_tui.domain.rules.stages import ReadyMessage, RuleStage

MESSAGE = ReadyMessage(
    id=1,
    mailbox_id=1,
    stage=RuleStage.FILTER,
    subject="Refund for order 17, Café",
    from_="Ann <ann@example.com>",
    to=("support@example.com",),
    cc=(),
    size=2048,
    labels=(),
    trusted=False,
    auto_submitted="",
    precedence="",
    return_path="ann@example.com",
    force_default_queue=False,
    default_queue_id=7,
)


def through(message: ReadyMessage, rules: RuleSet) -> tuple[int | None, bool, list[RuleStage]]:
    """All stages: the queue at the end, deleted, and the stages passed."""
    passed: list[RuleStage] = []
    while message.stage is not RuleStage.DONE:
        passed.append(message.stage)
        outcome = pass_stage(message, rules)
        assert outcome.old_stage is message.stage
        if outcome.deleted:
            return None, True, passed
        message = evolve(
            message, stage=outcome.new_stage, queue_id=outcome.queue_id, labels=outcome.labels
        )
    return message.queue_id, False, passed


@pytest.mark.parametrize("force", [True, False])
def test_the_shipped_rules_route_to_the_mailbox_default_queue(force: bool) -> None:
    queue, deleted, passed = through(evolve(MESSAGE, force_default_queue=force), SHIPPED)
    assert (queue, deleted) == (7, False)
    assert passed == [RuleStage.FILTER, RuleStage.INCOMING, RuleStage.POST_INCOMING]


def test_forcing_keeps_later_incoming_rules_from_running() -> None:
    route = Rule("all to 9", actions=(Action(ActionKind.ROUTE, "Nine"),))
    incoming = Group(INCOMING, (*SHIPPED.group(INCOMING).rules, route))
    rules = RuleSet((incoming, SHIPPED.group(POST_INCOMING)), {"Nine": 9})
    assert through(evolve(MESSAGE, force_default_queue=True), rules)[0] == 7
    assert through(MESSAGE, rules)[0] == 9


def test_a_filter_rule_deletes_and_nothing_else_runs() -> None:
    rules = RuleSet((Group(FILTER, (Rule("drop", actions=(Action(ActionKind.DELETE),)),)),))
    assert through(MESSAGE, rules) == (None, True, [RuleStage.FILTER])


def test_a_message_that_no_rule_routes_ends_in_the_default_queue_and_never_nowhere() -> None:
    assert through(MESSAGE, RuleSet(()))[0] == 7


def test_a_routed_message_passes_its_queue_s_own_rules() -> None:
    label = Rule("label", actions=(Action(ActionKind.LABEL, "vip"),))
    route = Rule("route", actions=(Action(ActionKind.ROUTE, "VIP"),))
    rules = RuleSet((Group(INCOMING, (route,)), Group("queue:5", (label,))), {"VIP": 5})
    outcome = pass_stage(evolve(MESSAGE, stage=RuleStage.INCOMING), rules)
    assert (outcome.queue_id, outcome.labels, outcome.new_stage) == (5, ("vip",), RuleStage.DONE)


def test_the_first_of_route_and_close_wins_and_labels_gather() -> None:
    first = Rule("a", actions=(Action(ActionKind.CATEGORIZE, "x"), Action(ActionKind.CLOSE)))
    second = Rule("b", actions=(Action(ActionKind.ROUTE, "Q"), Action(ActionKind.CATEGORIZE, "y")))
    verdict = evaluate(Group(INCOMING, (first, second)), MESSAGE)
    kinds = [action.kind for action in verdict.actions]
    assert kinds == [ActionKind.CATEGORIZE, ActionKind.CLOSE, ActionKind.CATEGORIZE]


def test_a_lost_queue_leaves_the_message_to_the_default_queue() -> None:
    route = Rule("route", actions=(Action(ActionKind.ROUTE, "Gone"),))
    assert through(MESSAGE, RuleSet((Group(INCOMING, (route,)),)))[0] == 7


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Condition("subject", Operator.CONTAINS, "REFUND"), True),
        (Condition("subject", Operator.ENDS_WITH, "cafe\u0301"), True),
        (Condition("subject", Operator.STARTS_WITH, "order"), False),
        (Condition("subject", Operator.MATCHES, r"order \d+"), True),
        (Condition("subject", Operator.EQUALS, "refund"), False),
        (Condition("to", Operator.CONTAINS, "support@"), True),
        (Condition("cc", Operator.CONTAINS, "support@"), False),
        (Condition("size", Operator.GREATER, "2000"), True),
        (Condition("size", Operator.LESS, "2000"), False),
        (Condition("trusted", Operator.IS, "false"), True),
        (Condition("trusted", Operator.IS, "true", negate=True), True),
    ],
)
def test_operators(condition: Condition, holds: bool) -> None:
    rule = Rule("r", conditions=(condition,), actions=(Action(ActionKind.CLOSE),))
    assert bool(evaluate(Group(INCOMING, (rule,)), MESSAGE).actions) is holds


def test_match_all_and_any() -> None:
    yes = Condition("subject", Operator.CONTAINS, "refund")
    no = Condition("subject", Operator.CONTAINS, "nothing")
    act = (Action(ActionKind.CLOSE),)
    every = Rule("all", Match.ALL, (yes, no), act)
    some = Rule("any", Match.ANY, (yes, no), act)
    assert not evaluate(Group(INCOMING, (every,)), MESSAGE).actions
    assert evaluate(Group(INCOMING, (some,)), MESSAGE).actions


def test_a_child_runs_only_if_its_parent_matched() -> None:
    child = Rule("child", actions=(Action(ActionKind.LABEL, "c"),))
    yes = Rule("p", conditions=(Condition("size", Operator.GREATER, "1"),), children=(child,))
    no = Rule("p", conditions=(Condition("size", Operator.LESS, "1"),), children=(child,))
    assert evaluate(Group(INCOMING, (yes,)), MESSAGE).actions
    assert not evaluate(Group(INCOMING, (no,)), MESSAGE).actions


@pytest.mark.parametrize(
    "condition",
    [
        Condition("subject", Operator.MATCHES, "("),
        Condition("subject", Operator.GREATER, "many"),
        Condition("colour", Operator.IS, "red"),
    ],
)
def test_a_broken_rule_is_skipped_and_named_and_the_next_one_runs(condition: Condition) -> None:
    broken = Rule("broken", conditions=(condition,), actions=(Action(ActionKind.DELETE),))
    good = Rule("good", actions=(Action(ActionKind.LABEL, "g"),))
    verdict = evaluate(Group(FILTER, (broken, good)), MESSAGE)
    assert [name for name, _ in verdict.broken] == ["broken"]
    assert [action.value for action in verdict.actions] == ["g"]


def test_a_catastrophic_pattern_ends_at_once() -> None:
    """RE2 is linear; with backtracking this would not end in a lifetime."""
    message = evolve(MESSAGE, subject="a" * 50_000 + "!")
    rule = Rule("r", conditions=(Condition("subject", Operator.MATCHES, "(a+)+$"),))
    assert not evaluate(Group(FILTER, (rule,)), message).broken
