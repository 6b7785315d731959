"""A message that cannot be read or stored is named, tried again, and keeps nothing else back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.fields.incoming import AfterDownload
from kana_tui.domain.intake import Incoming
from kana_tui.ports.intake import Lease, RefusedMessagesError, Taken
from kana_tui.services.visit import Bounds
from tests.contracts.setting import sums_of
from tests.services.desk import Desk, raws

POISON = MailError(Stage.DOWNLOAD, "mx.test closed the connection at RETR 2.")


async def test_a_message_that_ends_its_session_keeps_back_neither_mail_nor_deletions(
    desk: Desk,
) -> None:
    await desk.open()
    desk.server.deliver(*raws(5))
    desk.server.fail_at = {b"2": POISON}
    for _ in range(3):
        await desk.visit()
    assert await desk.subjects() == ["0", "2", "3", "4"]
    assert list(desk.server.messages) == [b"2"]
    assert desk.view().depth.remote == 1
    sums = await sums_of(desk.store, desk.mailbox)
    assert (sums.remaining, sums.difference) == (1, 0)


async def test_deletions_that_a_failed_visit_left_go_first_in_a_session_of_their_own(
    desk: Desk,
) -> None:
    await desk.open()
    desk.server.deliver(*raws(4))
    desk.server.fail_at = {b"2": POISON}
    await desk.visit()
    desk.server.log.clear()
    desk.server.fail_at = {b"2": POISON, b"3": POISON}
    await desk.visit()
    assert desk.server.log == ["login", "list", "delete 1", "login", "list", "fetch 3"]


async def test_mail_does_not_wait_for_a_session_of_deletions_that_fails(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(3))
    desk.server.fail_at = {b"2": POISON}
    await desk.visit()

    async def fail() -> None:
        desk.server.before_finish = original
        raise MailError(Stage.DELETE, "QUIT failed.")

    original, desk.server.before_finish = desk.server.before_finish, fail
    result = await desk.visit()
    assert "QUIT failed" in str(result.error)
    assert await desk.subjects() == ["0", "2"]


@pytest.mark.parametrize("messages", [1, 500])
async def test_many_unreadable_messages_at_the_head_starve_nobody(
    desk: Desk, messages: int
) -> None:
    await desk.open()
    desk.server.deliver(*raws(6))
    desk.server.leave_out = {b"%d" % number: "-ERR cannot open" for number in range(1, 4)}
    for _ in range(6):
        result = await desk.visit(Bounds(messages=messages))
    assert await desk.subjects() == ["3", "4", "5"]
    assert not result.more


async def test_the_mailboxs_error_names_them_until_they_are_read_or_gone(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(3))
    desk.server.leave_out = {b"1": "-ERR disk", b"2": "-ERR disk"}
    for _ in range(3):
        await desk.visit()
        told = desk.view().last_error
        assert told.stage is Stage.DOWNLOAD
        assert "2 messages" in told.message
        assert "UID 1: -ERR" in told.message
    desk.server.leave_out.pop(b"1")
    desk.clock.go_on(3600)
    await desk.visit()
    assert "1 message of" in desk.view().last_error.message
    assert "UID 2: -ERR disk" in desk.view().last_error.message
    del desk.server.messages[b"2"]
    assert (await desk.visit()).error is None
    assert desk.view().last_error is None


async def test_a_uid_that_a_terminal_would_obey_is_shown_harmless(desk: Desk) -> None:
    await desk.open()
    uid = b"\x1b]0;owned\x07" + b"x" * 900
    desk.server.messages = {uid: b"Subject: x\r\n\r\n"}
    desk.server.leave_out = {uid: "no"}
    message = str((await desk.visit()).error)
    assert "\x1b" not in message
    assert r"\x1b]0;owned" in message
    assert len(message) < 300


async def test_a_message_that_is_neither_handed_over_nor_named_is_told_once_it_is_listed_again(
    desk: Desk,
) -> None:
    await desk.open()
    desk.server.deliver(*raws(2))

    class Ghost(dict[bytes, bytes]):
        """Lists a message that nobody can have."""

        def get(self, key: bytes, default: Any = None) -> Any:
            return None if key == b"1" else super().get(key, default)

    desk.server.messages = Ghost(desk.server.messages)
    assert (await desk.visit()).error is None  # it may be gone
    message = str((await desk.visit()).error)
    assert "UID 1: the server listed it and did not hand it over" in message
    del desk.server.messages[b"1"]
    assert (await desk.visit()).error is None
    assert await desk.subjects() == ["1"]


async def test_a_suspect_is_tried_again_after_a_minute_then_ever_more_rarely(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(1))
    desk.server.fail_at = {b"1": POISON}
    tried_at_min: list[int] = []
    begun = desk.clock.monotonic()
    desk.server.before_fetch = lambda _uid: tried_at_min.append(
        round((desk.clock.monotonic() - begun) / 60)
    )
    for _ in range(210):
        await desk.visit()
        desk.clock.go_on(60)
    assert tried_at_min == [0, 1, 5, 21, 81, 141, 201]


async def test_a_session_for_suspects_that_never_gets_to_them_is_a_failure(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(2))
    desk.server.fail_at = {b"1": POISON}
    await desk.visit()
    await desk.visit()
    desk.clock.go_on(60)

    async def no_more_logins() -> None:
        desk.server.fail_login = MailError(Stage.LOGIN, "Too many logins.")

    desk.server.before_finish = no_more_logins
    result = await desk.visit()
    assert (str(result.error), result.orderly) == ("Too many logins.", False)


async def test_a_suspect_that_can_be_read_again_is_stored_and_forgotten(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(3))
    desk.server.fail_at = {b"2": POISON}
    await desk.visit()
    desk.server.fail_at = {}
    desk.clock.go_on(60)
    result = await desk.visit()
    assert (result.error, result.taken) == (None, 2)
    assert desk.server.messages == {}
    assert desk.view().last_error is None
    assert await desk.subjects() == ["0", "1", "2"]


async def test_the_suspect_that_waited_longest_is_tried_first(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(3))
    desk.server.fail_at = {b"%d" % number: POISON for number in (1, 2, 3)}
    for _ in range(3):
        await desk.visit()
        desk.clock.go_on(1)
    asked: list[bytes] = []
    desk.server.before_fetch = asked.append
    for _ in range(3):
        desk.clock.go_on(3600)
        await desk.visit()
    assert asked == [b"1", b"2", b"3"]


async def test_new_mail_does_not_wait_for_what_cannot_be_read(desk: Desk) -> None:
    """A visit that came to its end is no failure, whatever it had to leave."""
    await desk.open()
    desk.server.deliver(*raws(1))
    desk.server.leave_out = {b"1": "no"}
    for _ in range(5):
        result = await desk.visit()
    assert (result.failures.count, result.wait_s) == (0, 30.0)


async def test_what_the_store_refused_is_left_alone_for_a_while_too(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(2))
    intake = desk.store.intake

    class Picky:
        def __getattr__(self, name: str) -> Any:
            return getattr(intake, name)

        async def commit_batch(
            self, lease: Lease, uid_validity: int, messages: Sequence[Incoming], **rest: Any
        ) -> Sequence[Taken]:
            good = [message for message in messages if message.uid != b"1"]
            taken = await intake.commit_batch(lease, uid_validity, good, **rest)
            if len(good) < len(messages):
                raise RefusedMessagesError(taken, {b"1": "it is too odd"})
            return taken

    desk.intake = Picky()
    await desk.visit()
    desk.server.log.clear()
    again = await desk.visit()
    assert desk.server.log == ["login", "list"]
    assert "UID 1: the store would not take it: it is too odd" in str(again.error)


async def test_a_message_to_be_read_again_may_make_trouble_too(desk: Desk) -> None:
    await desk.open(after_download=AfterDownload.KEEP)
    desk.server.deliver(*raws(2))
    await desk.visit()
    desk.server.messages[b"1"] = b"Subject: another one\r\n\r\nunder a known UIDL\r\n"
    desk.server.fail_at = {b"1": POISON}
    await desk.visit()
    assert "UID 1" in str((await desk.visit()).error)
    assert (await sums_of(desk.store, desk.mailbox)).remaining == 0  # it has a row that is taken
    desk.server.fail_at = {}
    desk.clock.go_on(60)
    assert (await desk.visit()).error is None
    assert await desk.subjects() == ["0", "1", "another one"]


async def test_deletions_of_one_visit_are_bounded_and_the_rest_follows_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kana_tui.services.visit.DELETIONS", 3)
    await desk.open(after_download=AfterDownload.KEEP)
    desk.server.deliver(*raws(7))
    await desk.visit()
    await desk.edit(after_download=AfterDownload.DELETE)
    left = []
    more = True
    while more:
        more = (await desk.visit()).more
        left.append(len(desk.server.messages))
    assert left == [4, 1, 0]


async def test_deletions_that_are_refused_for_ever_keep_no_other_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kana_tui.services.visit.DELETIONS", 2)
    await desk.open(after_download=AfterDownload.KEEP)
    desk.server.deliver(*raws(6))
    await desk.visit()
    await desk.edit(after_download=AfterDownload.DELETE)
    desk.server.refuse = {b"1", b"2", b"3"}
    for _ in range(5):
        result = await desk.visit()
    assert list(desk.server.messages) == [b"1", b"2", b"3"]
    assert not result.more


async def test_a_server_that_only_claims_to_delete_keeps_no_visit_going(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(6))
    all_of_them = dict(desk.server.messages)
    visits, more = 0, True
    while more:
        more = (await desk.visit(Bounds(messages=4))).more
        desk.server.messages = dict(all_of_them)
        visits += 1
        assert visits < 10
    assert await desk.subjects() == ["0", "1", "2", "3", "4", "5"]


async def test_a_claimed_size_adds_an_hour_at_most(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    added: list[float] = []
    monkeypatch.setattr(
        "kana_tui.services.visit._extend", lambda _deadline, seconds: added.append(seconds)
    )
    await desk.open()
    desk.server.deliver(*raws(1))
    desk.server.size_told = lambda _raw: 10**15
    await desk.visit()
    assert max(added) == 3600


async def test_a_timeout_that_is_not_the_visits_own_is_a_fault_of_ours(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(1))

    def out_of_time(_uid: bytes) -> None:
        raise TimeoutError

    desk.server.before_fetch = out_of_time
    with pytest.raises(TimeoutError):
        await desk.visit()
    assert "fault in this program" in desk.view().last_error.message


async def test_a_message_that_holds_up_the_visit_to_its_deadline_is_a_suspect_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadlines: list[asyncio.Timeout] = []
    monkeypatch.setattr(
        "kana_tui.services.visit._extend", lambda deadline, _seconds: deadlines.append(deadline)
    )

    def expire(uid: bytes) -> None:
        if uid == b"2":
            deadlines[-1].reschedule(asyncio.get_running_loop().time())

    await desk.open()
    desk.server.deliver(*raws(3))
    desk.server.hang_at, desk.server.before_fetch = {b"2"}, expire
    result = await desk.visit()
    assert "did not end in time" in str(result.error)
    assert "UID 2" in str((await desk.visit()).error)
    assert await desk.subjects() == ["0", "2"]
