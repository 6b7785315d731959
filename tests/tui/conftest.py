"""What the tests of the screen share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tui.show import Show


@pytest.fixture
def show() -> Iterator[Show]:
    """The board of six mailboxes on a real terminal, once it is at rest."""
    with Show(6) as running:
        running.wait_for("q leave")
        running.wait_for("support")
        running.settle()
        yield running
