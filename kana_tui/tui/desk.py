"""How a screen asks the store: by a question that is answered elsewhere, never in its own loop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Final, Protocol, TypeVar

from kana_tui.ports.alert_history import AlertHistory
from kana_tui.ports.audit import AuditLog
from kana_tui.ports.commands import Commands
from kana_tui.ports.depth import Depths
from kana_tui.ports.intake import Ledgers
from kana_tui.ports.mailbox_detail import MailboxDetails
from kana_tui.ports.mailboxes import Mailboxes
from kana_tui.ports.messages import Messages
from kana_tui.ports.node_settings import NodeSettings
from kana_tui.ports.nodes import Nodes
from kana_tui.ports.notifications import Notifications
from kana_tui.ports.outbox import Outbox
from kana_tui.ports.proofs import Proofs
from kana_tui.ports.queues import Queues
from kana_tui.ports.routing import Routing
from kana_tui.ports.samples import Samples
from kana_tui.ports.secrets import SecretStore
from kana_tui.ports.token_store import TokenStore

ANSWERED_WITHIN_S: Final = 10.0

Answer = TypeVar("Answer")


class Repositories(Protocol):
    """What of the store a screen may ask, a port each."""

    @property
    def alert_history(self) -> AlertHistory: ...

    @property
    def audit(self) -> AuditLog: ...

    @property
    def commands(self) -> Commands: ...

    @property
    def depths(self) -> Depths: ...

    @property
    def details(self) -> MailboxDetails: ...

    @property
    def ledgers(self) -> Ledgers: ...

    @property
    def mailboxes(self) -> Mailboxes: ...

    @property
    def messages(self) -> Messages: ...

    @property
    def node_settings(self) -> NodeSettings: ...

    @property
    def nodes(self) -> Nodes: ...

    @property
    def notifications(self) -> Notifications: ...

    @property
    def outbox(self) -> Outbox: ...

    @property
    def proofs(self) -> Proofs: ...

    @property
    def queues(self) -> Queues: ...

    @property
    def routing(self) -> Routing: ...

    @property
    def samples(self) -> Samples: ...

    @property
    def secrets(self) -> SecretStore: ...

    @property
    def tokens(self) -> TokenStore: ...


class Desk(Protocol):
    """Takes questions from any thread."""

    def ask(
        self,
        question: Callable[[Repositories], Awaitable[Answer]],
        within_s: float = ANSWERED_WITHIN_S,
    ) -> Future[Answer]:
        """The answer to come; KanaError in it where there is none, UnreachableError when late."""
        ...
