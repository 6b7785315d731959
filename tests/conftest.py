"""What tests of several folders share: servers as users have them."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.servers.dovecot import Dovecot, running_dovecot

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # programs under test hear it under nohup, too
settings.register_profile("rules", deadline=None)  # a busy machine is no failure
settings.load_profile("rules")


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """One Dovecot for all; each test takes a user of its own."""
    with running_dovecot() as server:
        yield server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole programs first: where tests run side by side, nothing long is left for the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(("tests/whole/", "tests/test_wheel")))
