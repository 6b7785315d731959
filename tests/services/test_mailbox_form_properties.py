"""What holds for every mailbox form, whatever is typed in whatever order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields import FIELD_BY_KEY, Context
from kana_tui.domain.fields.form import apply_changes, changes_between, defaults, validate
from kana_tui.domain.secret import Secret
from kana_tui.services.forms import EntryKind
from kana_tui.services.mailbox_form import MailboxForm
from tests.services.mailbox_forms import entries, texts
from tests.services.mailbox_typing import CONTEXTS, TOGGLES, Typing, forms


def saved(form: MailboxForm) -> dict[str, object]:
    """The values that add or edit makes of the form's draft."""
    base = form.stored.mailbox.values() if form.stored else defaults(form.context)
    return apply_changes(base, form.draft().values, form.context)


@given(forms(), TOGGLES)
def test_any_way_through_types_and_switches_and_back_loses_nothing(
    form: MailboxForm, toggles: list[Typing]
) -> None:
    before, back = entries(form), []
    for toggle in toggles:
        shown = entries(form).get(toggle.key)
        if shown is not None and shown.disabled is None:
            back.append(Typing(toggle.key, shown.text))
            toggle.on(form)
    for toggle in reversed(back):
        toggle.on(form)
    after = entries(form)
    assert {k: (e.text, e.changed) for k, e in after.items()} == {
        k: (e.text, e.changed) for k, e in before.items()
    }


@given(forms())
def test_saving_makes_of_the_draft_what_is_shown(form: MailboxForm) -> None:
    values = saved(form)
    assert values == form.values
    for key, shown in entries(form).items():
        wrong = shown.error is not None
        if shown.kind is not EntryKind.SECRET and shown.disabled is None and not wrong:
            assert shown.text == FIELD_BY_KEY[key].display(values[key])


@given(forms())
def test_a_form_without_errors_can_be_saved_and_one_with_errors_cannot(form: MailboxForm) -> None:
    first = form.check()
    shown = [key for key, entry in entries(form).items() if entry.error]
    assert shown[:1] == ([] if first is None else [first])
    before = form.stored.mailbox.values() if form.stored else None
    set_after = {e.key for e in entries(form).values() if e.text.startswith(("set ", "new"))}
    hidden = form.stored.secrets.keys() if form.stored else set()
    found = validate(
        saved(form), set_after | hidden, form.context, creating=before is None, before=before
    )
    cleared = {key for key, secret in form.secrets.items() if secret is None}
    if first is None:
        assert [error for error in found if error.key not in cleared] == []


@given(forms())
def test_there_are_changes_only_where_something_differs(form: MailboxForm) -> None:
    base = form.stored.mailbox.values() if form.stored else defaults(form.context)
    draft = form.draft()
    differs = saved(form) != base or bool(draft.secrets)
    assert bool(form.changes()) is differs
    if form.stored:
        assert form.changes() == changes_between(base, saved(form), draft.secrets)


@given(forms())
def test_restoring_every_entry_leaves_nothing_to_save(form: MailboxForm) -> None:
    for _ in range(3):  # what one reveals is restored in the next round
        for key in ("auth_type", *FIELD_BY_KEY):
            if key in entries(form):
                form.restore(key)
    assert not any(entry.changed for entry in entries(form).values())


@given(forms())
def test_opened_and_left_alone_nothing_differs_and_nothing_is_complained_about(
    form: MailboxForm,
) -> None:
    opened = MailboxForm(form.context, form.stored)
    assert opened.changes() == ()
    assert opened.draft().values == {}
    assert not any(entry.changed for entry in entries(opened).values())


@given(forms())
def test_giving_what_stands_there_changes_nothing(form: MailboxForm) -> None:
    before = texts(form)
    for key, shown in entries(form).items():
        if shown.kind is not EntryKind.SECRET and shown.disabled is None:
            form.set(key, shown.text)
    assert texts(form) == before


@given(forms(), CONTEXTS)
def test_the_world_may_change_while_a_form_is_open(form: MailboxForm, other: Context) -> None:
    context, before = form.context, texts(form)
    form.follow(other)
    assert saved(form) == form.values
    form.follow(context)
    assert texts(form) == before


@given(forms())
def test_no_secret_is_told(form: MailboxForm) -> None:
    told = repr((form, form.sections(), form.changes(), form.draft(), form.values))
    assert "hunter2" not in told
    assert "robot@project" not in told


@given(forms(), st.sampled_from(AuthType))
def test_a_shown_entry_takes_each_of_its_options(form: MailboxForm, auth_type: AuthType) -> None:
    form.set("auth_type", auth_type.value)
    for key, shown in entries(form).items():
        if shown.kind in (EntryKind.FLAG, EntryKind.CHOICE):
            for option in shown.options:
                form.set(key, option.value)
                now = entries(form)[key]
                assert now.text == option.value
                assert now.reads == option.label
            form.set(key, shown.text)


@given(forms())
def test_a_typed_secret_is_given_until_it_is_restored(form: MailboxForm) -> None:
    for key, shown in entries(form).items():
        if shown.kind is EntryKind.SECRET:
            form.set_secret(key, Secret("hunter2"))
            assert entries(form)[key].changed
            form.restore(key)
            assert not entries(form)[key].changed
