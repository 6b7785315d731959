"""The store in a SQLite file keeps what the ports promise."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from kana_tui.ports.mailboxes import Mailboxes
from kana_tui.store.store import Store
from tests.contracts.audit import AuditContract
from tests.contracts.changes import ChangeFeedContract
from tests.contracts.commands import CommandsContract
from tests.contracts.depth import DepthContract
from tests.contracts.intake import (
    BatchContract,
    LargeMessageContract,
    LeaseContract,
    TroubleContract,
)
from tests.contracts.ledger import LedgerContract
from tests.contracts.mailbox_detail import MailboxDetailContract
from tests.contracts.mailboxes import MailboxesContract
from tests.contracts.messages import MessagesContract
from tests.contracts.node_settings import NodeSettingsContract
from tests.contracts.nodes import NodesContract
from tests.contracts.overview import OverviewContract
from tests.contracts.postponing import PostponingContract
from tests.contracts.proofs import ProofsContract
from tests.contracts.queues import QueuesContract
from tests.contracts.removal import RemovalContract
from tests.contracts.routing import RoutingContract
from tests.contracts.samples import SamplesContract
from tests.contracts.secrets import SecretsContract
from tests.contracts.token_use import TokenUseContract
from tests.contracts.tokens import TokensContract
from tests.store.conftest import Opening


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


class TestTrouble(TroubleContract):
    pass


class TestLedger(LedgerContract):
    pass


class TestDepth(DepthContract):
    pass


class TestSamples(SamplesContract):
    pass


class TestMailboxDetail(MailboxDetailContract):
    pass


class TestPostponing(PostponingContract):
    pass


class TestMessages(MessagesContract):
    pass


class TestQueues(QueuesContract):
    pass


class TestNodeSettings(NodeSettingsContract):
    pass


class TestSecrets(SecretsContract):
    pass


class TestTokens(TokensContract):
    pass


class TestTokenUse(TokenUseContract):
    pass


class TestProofs(ProofsContract):
    pass


class TestNodes(NodesContract):
    pass


class TestCommands(CommandsContract):
    pass


class TestChangeFeed(ChangeFeedContract):
    @pytest.fixture
    async def other_store(self, opening: Opening, store: Store) -> AsyncIterator[Store]:
        async with opening() as other:
            yield other


class TestRouting(RoutingContract):
    pass


class TestAudit(AuditContract):
    pass


class TestOverview(OverviewContract):
    pass
