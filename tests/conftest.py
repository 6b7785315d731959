"""What tests of several folders share: servers as users have them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.dovecot import Dovecot, running_dovecot


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """One Dovecot for all; each test takes a user of its own."""
    with running_dovecot() as server:
        yield server
