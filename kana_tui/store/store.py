"""The store as the rest of the program sees it: one repository for each port."""

from __future__ import annotations

from attrs import frozen

from kana_tui.ports.alert_history import AlertHistory
from kana_tui.ports.audit import AuditLog
from kana_tui.ports.changes import ChangeFeed
from kana_tui.ports.clock import Clock
from kana_tui.ports.commands import Commands
from kana_tui.ports.depth import Depths
from kana_tui.ports.intake import Intake, Ledgers
from kana_tui.ports.mailbox_detail import MailboxDetails
from kana_tui.ports.mailboxes import Mailboxes
from kana_tui.ports.messages import Messages
from kana_tui.ports.node_settings import NodeSettings
from kana_tui.ports.nodes import Nodes
from kana_tui.ports.notices import Notices
from kana_tui.ports.notifications import Notifications
from kana_tui.ports.outbox import Outbox
from kana_tui.ports.proofs import Proofs
from kana_tui.ports.queues import Queues
from kana_tui.ports.rotation import SealedValues
from kana_tui.ports.routing import Routing
from kana_tui.ports.samples import Samples
from kana_tui.ports.secret_box import SecretBox
from kana_tui.ports.secrets import SecretStore
from kana_tui.ports.token_store import TokenStore
from kana_tui.ports.visits import Visits
from kana_tui.store.alert_history import SqlAlertHistory
from kana_tui.store.audit import SqlAuditLog, Trail
from kana_tui.store.changes import SqlChangeFeed
from kana_tui.store.commands import SqlCommands
from kana_tui.store.database import Database
from kana_tui.store.depth import SqlDepths
from kana_tui.store.intake import SqlIntake
from kana_tui.store.ledger import SqlLedgers
from kana_tui.store.mailbox_detail import SqlMailboxDetails
from kana_tui.store.mailboxes import SqlMailboxes
from kana_tui.store.messages import SqlMessages
from kana_tui.store.node_settings import SqlNodeSettings
from kana_tui.store.nodes import SqlNodes
from kana_tui.store.notices import SqlNotices
from kana_tui.store.notifications import SqlNotifications
from kana_tui.store.outbox import SqlOutbox
from kana_tui.store.proofs import SqlProofs
from kana_tui.store.queues import SqlQueues
from kana_tui.store.resealing import SqlSealedValues
from kana_tui.store.routing import SqlRouting
from kana_tui.store.samples import SqlSamples
from kana_tui.store.secrets import SqlSecrets
from kana_tui.store.tokens import SqlTokenStore
from kana_tui.store.visits import SqlVisits


@frozen(eq=False)
class Store:
    """An open store. `aclose` commits what waits; whatever is asked later is refused."""

    mailboxes: Mailboxes
    details: MailboxDetails
    visits: Visits
    intake: Intake
    ledgers: Ledgers
    depths: Depths
    samples: Samples
    messages: Messages
    queues: Queues
    routing: Routing
    nodes: Nodes
    node_settings: NodeSettings
    audit: AuditLog
    notices: Notices
    notifications: Notifications
    alert_history: AlertHistory
    outbox: Outbox
    secrets: SecretStore
    tokens: TokenStore
    proofs: Proofs
    sealed: SealedValues
    commands: Commands
    _changes: SqlChangeFeed
    _database: Database

    @property
    def changes(self) -> ChangeFeed:
        return self._changes

    async def aclose(self) -> None:
        await self._changes.aclose()
        await self._database.writer.aclose()
        await self._database.engine.dispose()


def assemble(database: Database, secret_box: SecretBox, clock: Clock) -> Store:
    def audit_key() -> bytes:
        return secret_box.audit_key

    trail = Trail(audit_key)
    return Store(
        mailboxes=SqlMailboxes(database, secret_box, trail, clock),
        details=SqlMailboxDetails(database),
        visits=SqlVisits(database),
        intake=SqlIntake(database),
        ledgers=SqlLedgers(database),
        depths=SqlDepths(database),
        samples=SqlSamples(database),
        messages=SqlMessages(database),
        queues=SqlQueues(database),
        routing=SqlRouting(database, clock),
        nodes=SqlNodes(database, trail),
        node_settings=SqlNodeSettings(database, trail, clock),
        commands=SqlCommands(database, clock),
        audit=SqlAuditLog(database, audit_key),
        changes=SqlChangeFeed(database),
        notices=SqlNotices(database),
        notifications=SqlNotifications(database),
        alert_history=SqlAlertHistory(database),
        outbox=SqlOutbox(database),
        secrets=SqlSecrets(database, secret_box, trail, clock),
        tokens=SqlTokenStore(database, secret_box),
        proofs=SqlProofs(database),
        sealed=SqlSealedValues(database, trail, clock),
        database=database,
    )
