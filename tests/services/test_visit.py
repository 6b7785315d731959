"""A visit: list, read, commit, and only then delete on the server."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from kana_tui.domain.errors import LostLeaseError, MailError, Stage
from kana_tui.domain.fields.incoming import AfterDownload
from kana_tui.domain.intake import Incoming
from kana_tui.domain.levels import Level
from kana_tui.domain.settings import Settings
from kana_tui.ports.intake import Lease, RefusedMessagesError, Taken
from kana_tui.services.visit import Bounds
from tests.contracts.setting import ALICE, sums_of
from tests.services.desk import Desk, raws


async def test_what_is_deleted_on_the_server_was_committed_before(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(30))
    seen: list[int] = []

    class Watched(dict[bytes, bytes]):
        def pop(self, *args: Any) -> Any:
            # Another connection sees only what is committed.
            other = sqlite3.connect(desk.home / "kana.db")
            seen.append(other.execute("SELECT count(*) FROM message").fetchone()[0])
            other.close()
            return super().pop(*args)

    desk.server.messages = Watched(desk.server.messages)
    result = await desk.visit()
    assert seen == [30] * 30
    assert (result.taken, result.more, result.error) == (30, False, None)
    assert desk.server.messages == {}
    assert len(await desk.stored()) == 30


async def test_kept_messages_are_never_deleted_nor_read_again(desk: Desk) -> None:
    await desk.open(after_download=AfterDownload.KEEP)
    desk.server.deliver(*raws(3))
    await desk.visit()
    desk.server.log.clear()
    await desk.visit()
    assert desk.server.log == ["login", "list"]
    assert len(desk.server.messages) == len(await desk.stored()) == 3


async def test_what_came_before_a_failure_is_stored_and_the_rest_comes_next_time(
    desk: Desk,
) -> None:
    await desk.open()
    desk.server.deliver(*raws(5))
    desk.server.fail_at = {b"3": MailError(Stage.DOWNLOAD, "BYE.")}
    result = await desk.visit()
    assert result.error is not None
    assert len(await desk.stored()) == 2
    assert desk.view().last_error.stage is Stage.DOWNLOAD
    desk.server.fail_at = {}
    desk.clock.go_on(60)
    assert (await desk.visit()).error is None
    assert len(await desk.stored()) == 5
    assert desk.server.messages == {}
    assert desk.view().last_error is None
    assert (await sums_of(desk.store, desk.mailbox)).difference == 0


async def test_a_lost_quit_stores_nothing_twice(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(3))
    kept = dict(desk.server.messages)
    desk.server.lose_quit = True
    await desk.visit()
    desk.server.messages = kept  # the server never applied the deletions
    desk.server.lose_quit = False
    result = await desk.visit()
    assert result.taken == 0
    assert desk.server.messages == {}
    assert len(await desk.stored()) == 3


async def test_a_refused_deletion_is_an_error_until_it_succeeds(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(2))
    desk.server.refuse = {b"2"}
    result = await desk.visit()
    assert result.error is not None
    assert result.error.stage is Stage.DELETE
    assert "NO it stays" in desk.view().last_error.message
    desk.server.refuse = set()
    assert (await desk.visit()).error is None
    assert desk.view().last_error is None
    assert len(await desk.stored()) == 2


async def test_a_visit_is_bounded_by_its_messages_and_says_that_more_wait(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(7))
    result = await desk.visit(Bounds(messages=5))
    assert (result.taken, result.more) == (5, True)
    assert desk.view().depth.remote == 2


async def test_a_visit_is_bounded_by_its_time(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(7))

    def slow(_uid: bytes) -> None:
        desk.clock.go_on(10)

    desk.server.before_fetch = slow
    result = await desk.visit(Bounds(seconds=25))
    assert (result.taken, result.more) == (3, True)


async def test_a_visit_that_is_asked_to_stop_ends_with_the_message_in_hand(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(7))

    def stop(uid: bytes) -> None:
        desk.stopping = uid == b"2"

    desk.server.before_fetch = stop
    result = await desk.visit()
    assert result.taken == 2
    assert len(desk.server.messages) == 5


async def test_an_edit_of_the_account_ends_the_visit_and_nothing_more_is_deleted(
    desk: Desk,
) -> None:
    mailbox = await desk.open()
    desk.server.deliver(*raws(2))
    intake = desk.store.intake

    class Edited:
        """The intake, where the mailbox is removed between reading and commit."""

        def __getattr__(self, name: str) -> Any:
            return getattr(intake, name)

        async def commit_batch(self, *args: Any, **kwargs: Any) -> Sequence[Taken]:
            await desk.store.mailboxes.remove(mailbox.id, ALICE, archive=True)
            return await intake.commit_batch(*args, **kwargs)

    desk.intake = Edited()
    with pytest.raises(LostLeaseError):
        await desk.visit()
    assert len(desk.server.messages) == 2
    assert await desk.stored() == []


async def test_a_message_that_the_store_will_not_take_stays_and_the_others_go_on(
    desk: Desk,
) -> None:
    await desk.open()
    desk.server.deliver(*raws(3))
    intake = desk.store.intake

    class Picky:
        def __getattr__(self, name: str) -> Any:
            return getattr(intake, name)

        async def commit_batch(
            self, lease: Lease, uid_validity: int, messages: Sequence[Incoming], **rest: Any
        ) -> Sequence[Taken]:
            good = [message for message in messages if message.uid != b"2"]
            taken = await intake.commit_batch(lease, uid_validity, good, **rest)
            if len(good) < len(messages):
                raise RefusedMessagesError(taken, {b"2": "it is too odd"})
            return taken

    desk.intake = Picky()
    result = await desk.visit()
    assert result.error is not None
    assert result.error.stage is Stage.STORE
    assert "it is too odd" in str(result.error)
    assert list(desk.server.messages) == [b"2"]
    assert len(await desk.stored()) == 2
    assert desk.view().depth.remote == 1


async def test_samples_follow_the_visit_and_the_level_follows_the_samples(desk: Desk) -> None:
    await desk.open(use_default_watermarks=False, low_watermark=2, high_watermark=4)
    desk.server.deliver(*raws(5))
    levels: list[Level] = []
    desk.server.before_fetch = lambda _uid: levels.append(desk.view().level)
    await desk.visit()
    assert levels[0] is Level.HIGH
    after = desk.view()
    assert (after.level, after.depth.remote, after.known) == (Level.NORMAL, 0, True)
    assert after.depth.local == 5


async def test_a_login_that_fails_makes_the_depth_unknown_and_keeps_the_last_good_one(
    desk: Desk,
) -> None:
    await desk.open(after_download=AfterDownload.KEEP)
    desk.server.deliver(*raws(2))
    await desk.sample()
    desk.clock.go_on(60)
    desk.server.fail_login = MailError(Stage.LOGIN, "No.", refused_credentials=True)
    await desk.visit()
    view = desk.view()
    assert (view.known, view.depth.remote, view.last_error.stage) == (False, 2, Stage.LOGIN)
    desk.server.fail_login = None
    await desk.sample()
    assert desk.view().known
    assert desk.view().last_error is None


async def test_a_look_tells_how_old_the_oldest_is(desk: Desk) -> None:
    await desk.open()
    desk.server.oldest_at = desk.clock.now() - timedelta(hours=2)
    await desk.sample()
    assert desk.view().oldest_age_s is None
    desk.server.deliver(*raws(2))
    await desk.sample()
    assert desk.view().oldest_age_s == 7200


async def test_the_depth_is_known_even_where_the_age_of_the_oldest_is_refused(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(2))
    desk.server.fail_oldest = MailError(Stage.LIST, "No.")
    await desk.sample()
    view = desk.view()
    assert (view.known, view.depth.remote, view.oldest_age_s) == (True, 2, None)


async def test_a_good_look_does_not_clear_what_kept_a_visit_from_its_work(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(2))
    desk.server.refuse = {b"1"}
    await desk.visit()
    await desk.sample()
    assert desk.view().last_error.stage is Stage.DELETE


async def test_secure_smtp_while_ssl_is_off_shows_no_credential_to_any_server(desk: Desk) -> None:
    await desk.open(smtp_auth=True, smtp_ssl=True, smtp_user="u", smtp_server="localhost")
    result = await desk.visit(settings=Settings(ssl_enabled=False))
    assert result.error is not None
    assert "SSL is off in config.xml" in result.error.message
    assert desk.server.accounts == []


async def test_a_plain_type_with_secure_smtp_must_upgrade_before_it_logs_in(desk: Desk) -> None:
    await desk.open(smtp_auth=True, smtp_ssl=True, smtp_user="u", smtp_server="localhost")
    await desk.visit()
    assert [account.upgrade_tls for account in desk.server.accounts] == [True]


@pytest.mark.parametrize(("own", "limit", "in_force"), [(0, 0, 0), (5, 0, 5), (0, 7, 7), (9, 7, 7)])
async def test_the_smaller_limit_that_is_not_zero_counts(
    desk: Desk, own: int, limit: int, in_force: int
) -> None:
    await desk.open(max_message_size=own)
    settings = Settings()
    settings = evolve(settings, limits=evolve(settings.limits, max_message_size=limit))
    await desk.visit(settings=settings)
    assert desk.server.accounts[0].max_message_size == in_force


async def test_a_fault_of_our_own_is_told_on_the_mailbox_and_raised_for_the_log(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(1))

    def fault(_uid: bytes) -> None:
        raise ZeroDivisionError

    desk.server.before_fetch = fault
    with pytest.raises(ZeroDivisionError):
        await desk.visit()
    assert "fault in this program" in desk.view().last_error.message
    assert len(desk.server.messages) == 1


async def test_the_oldest_that_waits_is_known_on_pop3_by_its_first_listing(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(3))
    await desk.visit(Bounds(messages=1))
    desk.clock.go_on(3600)
    assert desk.view().oldest_age_s == 3600
    await desk.visit()
    assert desk.view().oldest_age_s is None
