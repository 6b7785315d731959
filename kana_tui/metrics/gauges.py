"""What the overview shows, as gauges, read at each scrape."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from kana_tui.domain.levels import Level
from kana_tui.ports.nodes import ReceiverState
from kana_tui.services.overview import MailboxView, Snapshot

LEVELS = {Level.NORMAL: 0, Level.ELEVATED: 1, Level.HIGH: 2}


class OverviewGauges(Collector):
    """Mailboxes and totals of the whole store; of receivers only those of `node`.

    What is not known has no series, rather than a number.
    """

    def __init__(self, read: Callable[[], Snapshot], node: str) -> None:
        self._read = read
        self._node = node

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Names alone, so that registering reads nothing."""
        yield from _Families().all()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Raises what the reader raises."""
        snapshot = self._read()
        families = _Families()
        for mailbox in snapshot.mailboxes:
            families.add_mailbox(mailbox)
        for receiver in snapshot.receivers:
            if receiver.node == self._node:
                running = receiver.state is ReceiverState.RUNNING
                families.running.add_metric([receiver.name, receiver.priority.value], running)
        families.outbox.add_metric([], snapshot.outbox_depth)
        families.undelivered.add_metric([], snapshot.undelivered_alert_mail)
        families.difference.add_metric([], snapshot.ledger["difference"])
        yield from families.all()


class _Families:
    """All gauges, empty at first."""

    def __init__(self) -> None:
        self.depth = GaugeMetricFamily(
            "kana_mailbox_depth",
            "Messages that wait: remote on the server, local with the agents, and their total.",
            labels=("mailbox", "part"),
        )
        self.level = _by_mailbox("level", "0 normal, 1 elevated, 2 high.")
        self.unknown = _by_mailbox("unknown", "1 while the newest look at the depth failed.")
        self.uncovered = _by_mailbox("uncovered", "1 while no running receiver covers it.")
        self.oldest = _by_mailbox("oldest_age_seconds", "Age of the oldest message that waits.")
        self.running = GaugeMetricFamily(
            "kana_receiver_running",
            "1 while this engine's receiver downloads mail.",
            labels=("receiver", "priority"),
        )
        self.outbox = GaugeMetricFamily("kana_outbox_depth", "Letters that wait to be sent.")
        self.undelivered = GaugeMetricFamily(
            "kana_alert_mail_undelivered", "Alert mail that has reached nobody."
        )
        self.difference = GaugeMetricFamily(
            "kana_ledger_difference", "Messages that the ledger cannot account for: 0, always."
        )

    def add_mailbox(self, mailbox: MailboxView) -> None:
        address = mailbox.email_address
        if mailbox.depth is not None:
            parts = {part: getattr(mailbox.depth, part) for part in ("remote", "local", "total")}
            for part, count in parts.items():
                self.depth.add_metric([address, part], count)
        self.level.add_metric([address], LEVELS[mailbox.level])
        self.unknown.add_metric([address], not mailbox.known)
        self.uncovered.add_metric([address], mailbox.uncovered)
        if mailbox.oldest_age_s is not None:
            self.oldest.add_metric([address], mailbox.oldest_age_s)

    def all(self) -> Iterator[GaugeMetricFamily]:
        yield from vars(self).values()


def _by_mailbox(name: str, help_text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"kana_mailbox_{name}", help_text, labels=("mailbox",))
