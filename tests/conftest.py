"""What tests of several folders share: servers as users have them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.servers.dovecot import Dovecot, running_dovecot

settings.register_profile("rules", deadline=None)  # a busy machine is no failure
settings.load_profile("rules")


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """One Dovecot for all; each test takes a user of its own."""
    with running_dovecot() as server:
        yield server
