"""Whatever comes to the front goes on showing what is new, at whatever moment it came."""

from __future__ import annotations

import pytest

from tests.tui.seat import seated


@pytest.mark.parametrize("keys", ["2", "L", "question_mark", "q"], ids=str)
async def test_a_refresh_that_was_cut_off_by_another_screen_does_not_end_the_news(
    keys: str,
) -> None:
    async with seated() as seat:
        # As Textual leaves it: what was to be called after the refresh of the screen
        # below is never called, once another has come to lie over it.
        seat.app._feed._taken.clear()
        await seat.press(keys)
        seat.stage.change(2, remote=444)
        await seat.told()
        assert seat.app.snapshot is not None
        assert {m.watched for m in seat.app.snapshot.mailboxes if m.id == 2} == {444}
