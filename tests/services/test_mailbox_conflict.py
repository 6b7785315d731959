"""Two people edited one mailbox: what each changed, what collides, and the form of both."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields import FIELD_BY_KEY, FIELDS
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.secret import Secret, SecretMark
from kana_tui.ports.mailboxes import StoredMailbox
from kana_tui.services.mailbox_conflict import BothEdits, MailboxConflict, Side
from kana_tui.services.mailbox_form import MailboxForm
from tests.domain.fields.forms import CONTEXT
from tests.services.mailbox_forms import THEN, editing, entries, entry, fill, stored, texts
from tests.services.mailbox_typing import MANY, Typing, stored_mailboxes

LATER = SecretMark(THEN + timedelta(days=2))


def saved(form: MailboxForm) -> StoredMailbox:
    """What the store holds once somebody has saved this form."""
    assert form.stored is not None
    old = form.stored
    mailbox = Mailbox.of(
        form.values, id=old.mailbox.id, version=old.mailbox.version + 1, epoch=1, archived=False
    )
    after = {**old.secrets, **dict.fromkeys(form.draft().secrets, LATER)}
    cleared = {key for key, secret in form.draft().secrets.items() if secret is None}
    return StoredMailbox(mailbox, {k: mark for k, mark in after.items() if k not in cleared})


def conflict(mine: MailboxForm, theirs: MailboxForm) -> MailboxConflict:
    return MailboxConflict(mine, saved(theirs))


def rows(found: MailboxConflict) -> dict[str, BothEdits]:
    return {row.key: row for row in found.rows()}


def test_what_only_one_changed_is_that_ones() -> None:
    found = conflict(fill(editing(), name="Mine"), fill(editing(), timeout_s="5", trusted="yes"))
    assert [(row.key, row.choice, row.collides) for row in found.rows()] == [
        ("name", Side.MINE, False),
        ("timeout_s", Side.THEIRS, False),
        ("trusted", Side.THEIRS, False),
    ]
    merged = found.resolved()
    assert merged.stored is found.theirs
    assert merged.draft().values == {"name": "Mine"}
    assert texts(merged)["timeout_s"] == "5"
    assert [change.field for change in merged.changes()] == ["name"]


def test_what_both_changed_waits_for_somebody_to_decide() -> None:
    found = conflict(fill(editing(), name="Mine", priority="high"), fill(editing(), priority="low"))
    row = rows(found)["priority"]
    assert row.collides
    assert (row.label, row.base, row.mine, row.theirs) == ("Priority", "Medium", "High", "Low")
    assert found.undecided() == ("priority",)
    with pytest.raises(ValueError, match="priority"):
        found.resolved()
    found.choose("priority", Side.THEIRS)
    assert found.undecided() == ()
    assert found.resolved().draft().values == {"name": "Mine"}
    found.choose("priority", Side.MINE)
    assert found.resolved().draft().values == {"name": "Mine", "priority": "high"}


def test_what_both_changed_alike_is_no_conflict() -> None:
    found = conflict(fill(editing(), name="Same", user="a"), fill(editing(), name="Same"))
    assert rows(found).keys() == {"user"}
    assert texts(found.resolved())["name"] == "Same"


def test_a_change_of_only_one_side_can_be_given_up() -> None:
    found = conflict(fill(editing(), name="Mine"), fill(editing(), timeout_s="5"))
    found.choose("name", Side.THEIRS)
    found.choose("timeout_s", Side.MINE)
    assert found.resolved().draft().values == {"timeout_s": 30}


@pytest.mark.parametrize(
    ("side", "port", "server"),
    [(Side.MINE, "993", "imap.gmail.com"), (Side.THEIRS, "143", "mail.acme.test")],
)
def test_what_a_type_moves_along_goes_with_the_type_chosen(
    side: Side, port: str, server: str
) -> None:
    mine = fill(editing(AuthType.M365_POP3), auth_type="google_imap")
    theirs = fill(editing(AuthType.M365_POP3), auth_type="imap", server="mail.acme.test")
    found = conflict(mine, theirs)
    assert rows(found).keys() == {"auth_type", "server"}
    found.choose("auth_type", side)
    found.choose("server", side)
    merged = found.resolved()
    assert (texts(merged)["port"], texts(merged)["server"]) == (port, server)


def test_a_port_of_ones_own_is_chosen_apart_from_the_type() -> None:
    mine = fill(editing(), auth_type="imap", port="1143")
    found = conflict(mine, fill(editing(), auth_type="secure_pop"))
    assert rows(found)["port"].choice is Side.MINE
    found.choose("auth_type", Side.THEIRS)
    assert texts(found.resolved())["port"] == "1143"
    found.choose("port", Side.THEIRS)
    assert texts(found.resolved())["port"] == "995"
    found.choose("auth_type", Side.MINE)
    assert texts(found.resolved())["port"] == "143"


def test_of_secrets_no_more_is_told_than_that_they_were_changed() -> None:
    mine, theirs = editing(), editing()
    mine.set_secret("password", Secret("hunter2"))
    theirs.set_secret("password", Secret("hunter3"))
    found = conflict(mine, theirs)
    row = rows(found)["password"]
    assert (row.base, row.mine, row.theirs) == (
        *("set 2026-11-03", "new, not saved yet", "set 2026-11-05"),
    )
    assert found.undecided() == ("password",)
    found.choose("password", Side.MINE)
    assert found.resolved().draft().secrets == {"password": Secret("hunter2")}
    found.choose("password", Side.THEIRS)
    assert found.resolved().draft().secrets == {}
    assert "hunter" not in repr((found, found.rows()))


def test_a_secret_that_both_cleared_is_no_conflict() -> None:
    mine, theirs = fill(editing(), name="Mine"), editing()
    mine.set_secret("password", None)
    theirs.set_secret("password", None)
    found = conflict(mine, theirs)
    assert rows(found).keys() == {"name"}
    assert [change.field for change in found.resolved().changes()] == ["name"]


def test_a_secret_that_they_changed_cannot_be_set_back() -> None:
    theirs = editing()
    theirs.set_secret("password", None)
    found = conflict(fill(editing(), name="Mine"), theirs)
    row = rows(found)["password"]
    assert (row.choice, row.open) == (Side.THEIRS, (Side.THEIRS,))
    assert (row.mine, row.theirs) == ("set 2026-11-03", "not set")
    with pytest.raises(ValueError, match="mine"):
        found.choose("password", Side.MINE)
    assert entry(found.resolved(), "password").text == "not set"


def test_what_waits_or_is_wrong_and_hidden_comes_along() -> None:
    mine = fill(editing(), trusted="yes", outbound_attachments="yes", smtp_server="a.test")
    fill(mine, smtp_port="abc", smtp_server="", trusted="no", name="Mine")
    merged = conflict(mine, fill(editing(), timeout_s="5")).resolved()
    fill(merged, smtp_server="a.test", trusted="yes")
    assert texts(merged)["smtp_port"] == "abc"
    assert texts(merged)["outbound_attachments"] == "yes"


def test_a_field_that_does_not_differ_has_nothing_to_choose() -> None:
    with pytest.raises(KeyError):
        conflict(editing(), fill(editing(), name="Theirs")).choose("user", Side.MINE)


def test_a_mailbox_that_is_added_has_no_other_version() -> None:
    with pytest.raises(ValueError, match="being added"):
        MailboxConflict(MailboxForm(CONTEXT), stored())


@st.composite
def conflicts(draw: st.DrawFn) -> tuple[MailboxConflict, MailboxForm]:
    """A conflict, with the form that theirs was."""
    base = draw(stored_mailboxes())
    both = []
    for _ in range(2):
        form = MailboxForm(CONTEXT, base)
        typed: list[Typing] = draw(MANY)
        for typing in typed:
            typing.on(form)
        both.append(form)
    return conflict(*both), both[1]


def settle(found: MailboxConflict, side: Side) -> MailboxForm:
    for row in found.rows():
        if side in row.open:
            found.choose(row.key, side)
    return found.resolved()


@given(conflicts())
def test_taking_theirs_everywhere_leaves_nothing_to_save(
    case: tuple[MailboxConflict, MailboxForm],
) -> None:
    merged = settle(case[0], Side.THEIRS)
    assert merged.values == case[0].theirs.mailbox.values()
    assert merged.changes() == ()


@given(conflicts())
def test_taking_mine_everywhere_is_my_form_again(
    case: tuple[MailboxConflict, MailboxForm],
) -> None:
    found = case[0]
    merged = settle(found, Side.MINE)
    # A flag of mine that is disabled now stays as it is stored: nobody can switch it on.
    for key, value in found.form.values.items():
        disabled = FIELD_BY_KEY[key].disabled(merged.values, CONTEXT)
        assert merged.values[key] == value or (value is True and disabled)
    mine = found.form.draft().secrets
    cleared = {key for key in mine if mine[key] is None and key not in found.theirs.secrets}
    assert merged.draft().secrets.keys() == mine.keys() - cleared


@given(conflicts(), st.lists(st.booleans(), min_size=len(FIELDS), max_size=len(FIELDS)))
def test_each_field_is_as_it_was_chosen(
    case: tuple[MailboxConflict, MailboxForm], coins: list[bool]
) -> None:
    found = case[0]
    for row, coin in zip(found.rows(), coins, strict=False):
        found.choose(row.key, row.open[-coin])
    merged, theirs = found.resolved(), found.theirs.mailbox.values()
    for row in found.rows():
        field = FIELD_BY_KEY[row.key]
        if field.secret:
            assert (row.key in merged.secrets) is (row.choice is Side.MINE)
        elif not field.follows_type and row.key in entries(merged):
            chosen = found.form.values if row.choice is Side.MINE else theirs
            assert merged.values[row.key] == chosen[row.key] or chosen[row.key] is True


@given(conflicts())
def test_both_edits_seen_from_the_other_side_are_the_same(
    case: tuple[MailboxConflict, MailboxForm],
) -> None:
    found, theirs = case
    other = MailboxConflict(theirs, saved(found.form))
    assert [(row.key, row.by_me, row.by_them) for row in found.rows()] == [
        (row.key, row.by_them, row.by_me) for row in other.rows()
    ]


def test_an_edit_of_nobody_is_no_conflict() -> None:
    assert conflict(editing(), editing()).rows() == ()
    newer = evolve(stored(), mailbox=evolve(stored().mailbox, version=9))
    assert MailboxConflict(fill(editing(), name="Mine"), newer).resolved().stored is newer
