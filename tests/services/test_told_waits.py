"""What a server asks for moves the next try: login delays, busy mailboxes, refused secrets."""

from __future__ import annotations

from kana_tui.domain.backoff import REFUSED_EACH_S, Failures
from kana_tui.domain.errors import MailError, Stage
from kana_tui.services.visit import Bounds
from tests.services.desk import SETTINGS, Desk, raws

POLL_S = SETTINGS.intake.poll_interval_s


async def test_the_next_visit_waits_for_the_servers_login_delay(desk: Desk) -> None:
    await desk.open()
    desk.server.login_delay_s = 300.0
    desk.server.deliver(*raws(3))
    result = await desk.visit()
    assert (result.taken, result.error, result.wait_s) == (3, None, 300.0)


async def test_what_is_left_waits_for_it_too(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(3))
    assert (await desk.visit(Bounds(messages=1))).wait_s == 0
    desk.server.login_delay_s = 300.0
    result = await desk.visit(Bounds(messages=1))
    assert (result.more, result.wait_s) == (True, 300.0)


async def test_a_delay_below_the_poll_interval_changes_nothing(desk: Desk) -> None:
    await desk.open()
    desk.server.login_delay_s = 1.0
    assert (await desk.visit()).wait_s == POLL_S


async def test_a_look_tells_the_delay_too(desk: Desk) -> None:
    mailbox = await desk.open()
    desk.server.login_delay_s = 300.0
    result = await desk._intake().sample(mailbox, SETTINGS, "mx1/sampler")
    assert result is not None
    assert result.wait_s == 300.0


async def test_a_refusal_that_tells_when_is_tried_then_and_no_sooner(desk: Desk) -> None:
    await desk.open()
    desk.server.fail_login = MailError(
        Stage.LOGIN, "[LOGIN-DELAY] wait", temporary=True, retry_after_s=200.0
    )
    result = await desk.visit()
    assert result.failures == Failures(1)
    assert 200.0 <= result.wait_s <= 250.0
    (postponed,) = (await desk.store.depths.postponed()).values()
    assert (postponed.until - desk.clock.now()).total_seconds() >= 200.0


async def test_refused_oauth_fields_slow_down_as_a_refused_password_does(desk: Desk) -> None:
    """The authorization server said no: asking it each half minute helps nobody."""
    await desk.open()
    desk.server.fail_login = MailError(Stage.SETTINGS, "No.", refused_credentials=True)
    failures = Failures(2, 2)
    result = await desk._intake().visit(await desk.read(), SETTINGS, "mx1/r1", Bounds(), failures)
    assert result is not None
    assert (result.failures, result.wait_s) == (Failures(3, 3), REFUSED_EACH_S)


async def test_other_settings_are_no_reason_to_wait_longer(desk: Desk) -> None:
    await desk.open()
    desk.server.fail_login = MailError(Stage.SETTINGS, "No.")
    assert (await desk.visit()).wait_s == POLL_S
