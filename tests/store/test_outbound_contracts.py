"""The store in a SQLite file keeps what the ports of outgoing mail promise."""

from __future__ import annotations

from tests.contracts.alert_history import AlertHistoryContract
from tests.contracts.notices import NoticesContract
from tests.contracts.notifications import NotificationsContract
from tests.contracts.outbox import OutboxContract


class TestNotifications(NotificationsContract):
    pass


class TestOutbox(OutboxContract):
    pass


class TestNotices(NoticesContract):
    pass


class TestAlertHistory(AlertHistoryContract):
    pass
