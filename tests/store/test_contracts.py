"""The store in a SQLite file keeps what the ports promise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kana_tui.ports.mailboxes import Mailboxes
from kana_tui.ports.overview import OverviewReader
from kana_tui.store.location import Location
from kana_tui.store.overview import open_overview
from kana_tui.store.quick import open_quick
from kana_tui.store.store import Store
from tests.contracts.audit import AuditContract
from tests.contracts.depth import DepthContract
from tests.contracts.intake import BatchContract, LargeMessageContract, LeaseContract
from tests.contracts.ledger import LedgerContract
from tests.contracts.mailboxes import MailboxesContract
from tests.contracts.messages import MessagesContract
from tests.contracts.nodes import NodesContract
from tests.contracts.overview import OverviewContract
from tests.contracts.removal import RemovalContract
from tests.contracts.routing import RoutingContract


def through_sqlalchemy(path: Path) -> OverviewReader:
    return open_overview(Location(f"sqlite:///{path}", path))


@pytest.fixture(params=[open_quick, through_sqlalchemy])
def overview(request: pytest.FixtureRequest, place: Path, store: Store) -> Iterator[OverviewReader]:
    open_reader: Callable[[Path], OverviewReader] = request.param
    reader = open_reader(place)
    yield reader
    reader.close()


class TestMailboxes(MailboxesContract):
    @pytest.fixture
    def mailboxes(self, store: Store) -> Mailboxes:
        return store.mailboxes


class TestRemoval(RemovalContract):
    pass


class TestLeases(LeaseContract):
    pass


class TestBatches(BatchContract):
    pass


class TestLargeMessages(LargeMessageContract):
    pass


class TestLedger(LedgerContract):
    pass


class TestDepth(DepthContract):
    pass


class TestMessages(MessagesContract):
    pass


class TestNodes(NodesContract):
    pass


class TestRouting(RoutingContract):
    pass


class TestAudit(AuditContract):
    pass


class TestOverview(OverviewContract):
    pass
