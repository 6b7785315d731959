"""The mailboxes that the use cases are tested with keep what the port promises."""

from __future__ import annotations

import pytest

from kana_tui.ports.mailboxes import Mailboxes
from tests.contracts.mailboxes import MailboxesContract
from tests.services.memory_mailboxes import MemoryMailboxes


class TestMemoryMailboxes(MailboxesContract):
    @pytest.fixture
    def mailboxes(self) -> Mailboxes:
        return MemoryMailboxes()
