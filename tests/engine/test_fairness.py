"""Nobody starves: whatever the priorities and the visits, each mailbox has its turn."""

from __future__ import annotations

from heapq import heappop, heappush

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.cover import Candidate, Priority, choose, covers

POLL_S = 30.0
LONGEST_S = 60.0
UNTIL_S = 1500.0

priorities = st.sampled_from(Priority)


@frozen
class Load:
    """A mailbox: how long each visit takes, and whether it is due again at once after it."""

    priority: Priority
    visit_s: float
    floods: bool


@frozen
class Served:
    mailbox: int
    due_at_s: float
    began_at_s: float


loads = st.lists(
    st.builds(Load, priorities, st.floats(2.0, LONGEST_S), st.booleans()), min_size=1, max_size=12
)


def serve(receivers: list[Priority], boxes: list[Load]) -> list[Served]:
    """Let the receivers choose again and again, on a clock that jumps to the next event."""
    due = dict.fromkeys(range(len(boxes)), 0.0)
    busy: set[int] = set()
    free = set(range(len(receivers)))
    ends: list[tuple[float, int, int]] = []
    served: list[Served] = []
    now = 0.0
    while now < UNTIL_S:
        for receiver in sorted(free):
            candidates = [Candidate(i, boxes[i].priority, due[i]) for i in due if i not in busy]
            chosen = choose(receivers[receiver], candidates, now, POLL_S)
            if chosen is not None:
                served.append(Served(chosen.mailbox_id, chosen.due_at_s, now))
                busy.add(chosen.mailbox_id)
                free.discard(receiver)
                heappush(
                    ends, (now + boxes[chosen.mailbox_id].visit_s, receiver, chosen.mailbox_id)
                )
        later = [due[i] for i in due if i not in busy and due[i] > now]
        now = min([end for end, _, _ in ends[:1]] + later, default=UNTIL_S)
        while ends and ends[0][0] <= now:
            _, receiver, mailbox = heappop(ends)
            free.add(receiver)
            busy.discard(mailbox)
            due[mailbox] = now + (0.0 if boxes[mailbox].floods else POLL_S)
    return served


@given(st.lists(priorities, min_size=1, max_size=4), loads)
def test_no_covered_mailbox_waits_longer_than_its_priority_and_the_others_visits_explain(
    receivers: list[Priority], boxes: list[Load]
) -> None:
    """Who is due first is passed by at most by those due within two poll intervals after it:

    each of the others once or, in those two intervals, again and again, and one
    visit that was under way.
    """
    served = serve(receivers, boxes)
    bound = 2 * POLL_S + LONGEST_S * (len(boxes) + 1)
    for number, box in enumerate(boxes):
        if not any(covers(receiver, box.priority) for receiver in receivers):
            assert all(one.mailbox != number for one in served)
            continue
        own = [one for one in served if one.mailbox == number]
        assert own
        assert all(one.began_at_s - one.due_at_s <= bound for one in own)
        assert UNTIL_S - own[-1].began_at_s <= bound + box.visit_s + POLL_S


@given(loads)
def test_a_receiver_of_high_priority_never_touches_what_it_does_not_cover(
    boxes: list[Load],
) -> None:
    touched = {boxes[one.mailbox].priority for one in serve([Priority.HIGH], boxes)}
    assert touched <= {Priority.HIGH}
