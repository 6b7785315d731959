"""Which message is which: nothing is deleted unread, and nothing kept is stored twice."""

from __future__ import annotations

from attrs import evolve
from structlog.testing import capture_logs

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.fields.incoming import AfterDownload
from kana_tui.domain.intake import identity
from kana_tui.domain.settings import Settings
from kana_tui.services.visit import Bounds
from tests.contracts.setting import sums_of
from tests.services.desk import Desk, raws

HEAD = b"Subject: x\r\n\r\n" + b"p" * 200
LATER = MailError(Stage.DOWNLOAD, "later")


def renumbered(messages: dict[bytes, bytes], first: int) -> dict[bytes, bytes]:
    """The same messages, each under another UID."""
    return {b"%d" % number: raw for number, raw in enumerate(messages.values(), first)}


async def test_a_reused_uidl_is_compared_with_the_size_of_what_was_taken(desk: Desk) -> None:
    """Not with that of its first listing, which was another message's."""
    await desk.open()
    first, second, third = (
        b"Subject: first\r\n\r\n12345\r\n",
        b"Subject: second\r\n\r\n1234567890\r\n",
        b"Subject: third\r\n\r\n12345\r\n",
    )
    desk.server.messages = {b"1": first}
    desk.server.fail_at = {b"1": LATER}
    await desk.visit()
    desk.server.fail_at, desk.server.refuse = {}, {b"1"}
    desk.server.messages = {b"1": second}
    desk.clock.go_on(60)
    await desk.visit()
    desk.server.refuse = set()
    desk.server.messages = {b"1": third}
    await desk.visit()
    assert await desk.subjects() == ["second", "third"]
    assert desk.server.messages == {}


async def test_a_size_that_the_server_does_not_tell_equals_none(desk: Desk) -> None:
    await desk.open()
    desk.server.messages, desk.server.refuse = {b"1": b"Subject: a\r\n\r\n"}, {b"1"}
    await desk.visit()
    desk.server.messages, desk.server.refuse = {b"1": b"Subject: another\r\n\r\n"}, set()
    desk.server.size_told = lambda _raw: 0
    await desk.visit()
    assert await desk.subjects() == ["a", "another"]


async def test_two_cut_messages_with_one_beginning_are_two(desk: Desk) -> None:
    await desk.open(after_download=AfterDownload.KEEP, max_message_size=100)
    desk.server.messages = {b"1": HEAD + b"AAAA"}
    await desk.visit()
    desk.server.uid_validity = 2
    desk.server.messages = {b"1": HEAD + b"BBBB and much more"}
    await desk.visit()
    assert len(await desk.stored()) == 2


async def test_a_cut_message_under_a_reused_uidl_is_not_deleted_unread(desk: Desk) -> None:
    await desk.open(max_message_size=100)
    desk.server.messages, desk.server.refuse = {b"1": HEAD + b"AAAA"}, {b"1"}
    await desk.visit()
    desk.server.messages, desk.server.refuse = {b"1": HEAD + b"BBBB and much more"}, set()
    await desk.visit()
    assert len(await desk.stored()) == 2


async def test_a_cut_message_that_comes_back_is_the_same(desk: Desk) -> None:
    await desk.open(after_download=AfterDownload.KEEP, max_message_size=100)
    desk.server.messages = {b"1": HEAD + b"AAAA"}
    await desk.visit()
    desk.server.uid_validity = 2
    await desk.visit()
    assert len(await desk.stored()) == 1


def test_a_cut_message_is_never_known_as_a_whole_one() -> None:
    assert identity(b"x" * 32, 500, truncated=False) == b"x" * 32
    assert identity(b"x" * 32, 500, truncated=True) != b"x" * 32
    assert identity(b"x" * 32, 500, truncated=True) != identity(b"x" * 32, 501, truncated=True)


async def test_kept_mail_is_stored_once_though_its_uidls_change_with_each_session(
    desk: Desk,
) -> None:
    await desk.open(after_download=AfterDownload.KEEP)
    desk.server.deliver(*raws(3))
    for first in (100, 200, 300):
        await desk.visit()
        desk.server.messages = renumbered(desk.server.messages, first)
    assert await desk.subjects() == ["0", "1", "2"]
    assert len(desk.server.messages) == 3
    assert (await sums_of(desk.store, desk.mailbox)).difference == 0


async def test_a_mailbox_whose_uidls_change_and_that_is_larger_than_a_visit_keeps_none_going(
    desk: Desk,
) -> None:
    await desk.open(after_download=AfterDownload.KEEP)
    desk.server.deliver(*raws(9))
    more, visits = True, 0
    while more:
        more = (await desk.visit(Bounds(messages=4))).more
        visits += 1
        desk.server.messages = renumbered(desk.server.messages, 100 * visits)
        assert visits < 10
    assert len(await desk.stored()) == len(set(await desk.subjects()))


async def test_what_the_server_would_not_delete_is_known_under_another_uidl(desk: Desk) -> None:
    await desk.open()
    desk.server.deliver(*raws(3))
    desk.server.refuse = {b"1", b"2", b"3"}
    await desk.visit()
    desk.server.refuse = set()
    desk.server.messages = renumbered(desk.server.messages, 90)
    await desk.visit()
    assert await desk.subjects() == ["0", "1", "2"]
    assert desk.server.messages == {}


async def test_what_a_lost_quit_left_is_known_under_another_uidl_in_the_next_session(
    desk: Desk,
) -> None:
    await desk.open()
    desk.server.deliver(*raws(3))
    left = dict(desk.server.messages)
    desk.server.lose_quit = True
    await desk.visit()
    desk.server.lose_quit = False
    desk.server.messages = renumbered(left, 90)
    desk.server.messages[b"99"] = b"Subject: new\r\n\r\n"
    await desk.visit()
    assert await desk.subjects() == ["0", "1", "2", "new"]
    assert desk.server.messages == {}


async def test_equal_bytes_that_arrive_once_a_lost_quit_has_proven_itself_are_another_message(
    desk: Desk,
) -> None:
    await desk.open()
    desk.server.lose_quit = True
    desk.server.messages = {b"1": raws(1)[0]}
    await desk.visit()  # taken, and deleted though the answer is lost
    desk.server.messages = {b"2": b"Subject: other\r\n\r\n"}
    await desk.visit()  # it was not among these
    desk.server.messages = {b"3": raws(1)[0]}
    await desk.visit()
    assert await desk.subjects() == ["0", "0", "other"]


async def test_a_message_in_doubt_that_is_listed_again_is_deleted_without_a_second_copy(
    desk: Desk,
) -> None:
    await desk.open()
    desk.server.messages, desk.server.lose_quit = {b"1": raws(1)[0]}, True
    await desk.visit()
    desk.server.lose_quit = False
    desk.server.messages = {b"2": b"Subject: other\r\n\r\n"}  # the first one is hidden
    desk.server.fail_at = {b"2": LATER}
    await desk.visit()
    desk.server.messages[b"1"] = raws(1)[0]
    desk.server.fail_at = {}
    desk.clock.go_on(60)
    await desk.visit()
    assert await desk.subjects() == ["0", "other"]
    assert desk.server.messages == {}


async def test_a_kept_folder_that_was_empty_for_a_while_is_not_stored_again(desk: Desk) -> None:
    """As after a restore from backup, under another UIDVALIDITY."""
    await desk.open(after_download=AfterDownload.KEEP)
    desk.server.deliver(*raws(3))
    await desk.visit()
    restored, desk.server.messages = dict(desk.server.messages), {}
    await desk.visit()
    desk.server.messages, desk.server.uid_validity = restored, 2
    await desk.visit()
    sums = await sums_of(desk.store, desk.mailbox)
    assert (sums.stored, sums.duplicate, sums.difference) == (3, 3, 0)


async def test_kept_mail_that_comes_back_is_matched_once_each(desk: Desk) -> None:
    await desk.open(after_download=AfterDownload.KEEP)
    letter = raws(1)[0]
    desk.server.messages = {b"1": letter, b"2": letter}
    await desk.visit()
    desk.server.messages = {b"7": letter, b"8": letter, b"9": letter}
    await desk.visit()
    assert (await sums_of(desk.store, desk.mailbox)).stored == 3


async def test_a_message_that_is_swapped_back_settles_down(desk: Desk) -> None:
    await desk.open(after_download=AfterDownload.KEEP)
    first, second = b"Subject: a\r\n\r\nA\r\n", b"Subject: b\r\n\r\nBBBBB\r\n"
    for raw in (first, second, first):
        desk.server.messages = {b"1": raw}
        await desk.visit()
    desk.server.log.clear()
    await desk.visit()
    assert desk.server.log == ["login", "list"]
    assert await desk.subjects() == ["a", "b"]


async def test_the_operator_is_told_once_that_a_folders_uidvalidity_changed(desk: Desk) -> None:
    await desk.open(after_download=AfterDownload.KEEP)
    desk.server.deliver(*raws(2))
    await desk.visit()
    desk.server.uid_validity = 2
    desk.server.messages = {}
    with capture_logs() as told:
        for _ in range(3):
            await desk.visit()
    notes = [entry for entry in told if "uidvalidity" in entry["event"]]
    assert [(note["log_level"], note["mailbox"]) for note in notes] == [
        ("warning", desk.mailbox.id)
    ]


async def test_a_smaller_limit_from_now_on_does_not_make_kept_mail_another(desk: Desk) -> None:
    """While its UID stands for it, its bytes are not asked for."""
    await desk.open(after_download=AfterDownload.KEEP)
    desk.server.messages = {b"1": HEAD}
    settings = Settings()
    small = evolve(settings, limits=evolve(settings.limits, max_message_size=100))
    for limits in (settings, small, settings):
        await desk.visit(settings=limits)
    assert len(await desk.stored()) == 1
