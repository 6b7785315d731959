"""What an engine counts from its start on, as its visits go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

from kana_tui.domain.errors import Stage
from kana_tui.domain.intake import Outcome

VISIT_BUCKETS_S: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)

LOGGING_IN: Final = frozenset(
    {Stage.SETTINGS, Stage.DNS, Stage.CONNECT, Stage.TLS, Stage.GREETING, Stage.LOGIN}
)
"""Whoever failed here was not let in."""


class IntakeCounters:
    """Implements ports.observer.IntakeObserver."""

    def __init__(self, registry: CollectorRegistry) -> None:
        # A second series for each, which nobody asked for.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._messages = Counter(
            "kana_intake_messages",
            "Messages read from servers and committed, by what became of them.",
            ("mailbox", "outcome"),
            registry=registry,
        )
        self._bytes = Counter(
            "kana_intake_bytes",
            "Bytes of the messages read from servers and committed.",
            ("mailbox",),
            registry=registry,
        )
        self._visits = Histogram(
            "kana_visit_seconds",
            "How long visits took, well ended or not.",
            buckets=VISIT_BUCKETS_S,
            registry=registry,
        )
        self._failures = Counter(
            "kana_login_failures",
            "Visits and samples that were not let in, by the stage that failed.",
            ("mailbox", "stage"),
            registry=registry,
        )

    def stored(self, mailbox: str, outcomes: Mapping[Outcome, int], size_bytes: int) -> None:
        for outcome, count in outcomes.items():
            self._messages.labels(mailbox, outcome.value).inc(count)
        self._bytes.labels(mailbox).inc(size_bytes)

    def visited(self, seconds: float) -> None:
        self._visits.observe(seconds)

    def failed(self, mailbox: str, stage: Stage) -> None:
        if stage in LOGGING_IN:
            self._failures.labels(mailbox, stage.value).inc()
