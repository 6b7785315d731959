"""The store as the rest of the program sees it: one repository for each port."""

from __future__ import annotations

from attrs import frozen

from kana_tui.ports.audit import AuditLog
from kana_tui.ports.clock import Clock
from kana_tui.ports.depth import Depths
from kana_tui.ports.intake import Intake, Ledgers
from kana_tui.ports.mailboxes import Mailboxes
from kana_tui.ports.messages import Messages
from kana_tui.ports.nodes import Nodes
from kana_tui.ports.routing import Routing
from kana_tui.ports.secret_box import SecretBox
from kana_tui.store.audit import SqlAuditLog, Trail
from kana_tui.store.database import Database
from kana_tui.store.depth import SqlDepths
from kana_tui.store.intake import SqlIntake
from kana_tui.store.ledger import SqlLedgers
from kana_tui.store.mailboxes import SqlMailboxes
from kana_tui.store.messages import SqlMessages
from kana_tui.store.nodes import SqlNodes
from kana_tui.store.routing import SqlRouting


@frozen(eq=False)
class Store:
    """An open store. `aclose` commits what waits; whatever is asked later is refused."""

    mailboxes: Mailboxes
    intake: Intake
    ledgers: Ledgers
    depths: Depths
    messages: Messages
    routing: Routing
    nodes: Nodes
    audit: AuditLog
    _database: Database

    async def aclose(self) -> None:
        await self._database.writer.aclose()
        await self._database.engine.dispose()


def assemble(database: Database, secret_box: SecretBox, clock: Clock) -> Store:
    def audit_key() -> bytes:
        return secret_box.audit_key

    trail = Trail(audit_key)
    return Store(
        mailboxes=SqlMailboxes(database, secret_box, trail, clock),
        intake=SqlIntake(database),
        ledgers=SqlLedgers(database),
        depths=SqlDepths(database),
        messages=SqlMessages(database),
        routing=SqlRouting(database, clock),
        nodes=SqlNodes(database),
        audit=SqlAuditLog(database, audit_key),
        database=database,
    )
