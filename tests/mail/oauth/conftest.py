"""An authorization server for each test, and the credentials of mailboxes that use it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.authorization import Authorization, running_authorization
from tests.servers.tokens import running_tokens


@pytest.fixture
def server() -> Iterator[Authorization]:
    with running_tokens() as tokens, running_authorization(tokens) as running:
        yield running
