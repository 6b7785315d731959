"""The form of config.xml: what is typed is kept, judged, and saved as the change that was shown."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.audit import CHANGED, Change
from kana_tui.domain.change_set import AddReceiver, ChangeSet, RemoveReceiver, SetValue
from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import ConflictError, InvalidValueError
from kana_tui.domain.secret import Secret, SecretMark
from kana_tui.domain.settings import Relay, Settings
from kana_tui.ports.settings_file import Written
from kana_tui.services.forms import Entry, EntryKind
from kana_tui.services.settings_control import NewPassword
from kana_tui.services.settings_editing import SettingsForm
from kana_tui.settings.change import carry_out
from kana_tui.settings.default import text_of
from kana_tui.settings.document import Document
from kana_tui.settings.keys import values_of
from kana_tui.settings.settings_form import ConfigForm
from tests.settings.config import PATH, parsed
from tests.settings.test_reading import EVERYTHING

SET_IN_MAY = SecretMark(datetime(2026, 5, 4, tzinfo=UTC))


@pytest.fixture
def form() -> SettingsForm:
    return ConfigForm(parsed(EVERYTHING), SET_IN_MAY)


def entries(form: SettingsForm) -> dict[str, Entry]:
    return {one.key: one for section in form.sections() for one in section.entries}


def written(form: SettingsForm, settings: Settings) -> tuple[Settings, Written]:
    """What saving makes of a file with these settings."""
    document = Document(text_of(settings).encode())
    told = carry_out(form.change_set(), document, PATH)
    return parsed(document.data), told


def test_every_value_of_the_file_is_shown_with_its_meaning_under_a_key_of_its_own(
    form: SettingsForm,
) -> None:
    shown = [one for section in form.sections() for one in section.entries]
    assert len({one.key for one in shown}) == len(shown)
    assert all(one.label and one.help[0] for one in shown)
    texts = [one.text for one in shown]
    for value in values_of(form.settings):
        assert value.key == "version" or value.names or value.text in texts
    assert [section.title for section in form.sections()] == [
        "SSL",
        "Receivers",
        "Watermarks and alerts",
        "Sender",
        "Limits",
        "Operators",
        "Store, notifications, media types",
    ]
    assert form.changes() == ()
    assert not form.change_set()
    assert form.check() is None


def test_no_token_is_shown(form: SettingsForm) -> None:
    assert "token/" not in repr(form.sections())
    assert "token/" not in repr(list(values_of(form.settings)))
    assert entries(form)["notify.url#2"].text == "slack://***"


def test_what_is_changed_by_hand_says_so_and_is_not_taken(form: SettingsForm) -> None:
    for key in ("store.url", "notify.url#2", "operators.default"):
        assert "config.xml itself" in str(entries(form)[key].disabled)
        with pytest.raises(KeyError):
            form.set(key, "x")


def test_a_flag_is_switched_and_a_choice_chosen(form: SettingsForm) -> None:
    ssl, tls = entries(form)["ssl.enabled"], entries(form)["sender.tls"]
    assert (ssl.kind, ssl.reads, [o.label for o in ssl.options]) == (
        EntryKind.FLAG,
        "no",
        ["yes", "no"],
    )
    assert [option.value for option in tls.options] == ["none", "starttls", "implicit"]
    form.set("ssl.enabled", "true")
    form.set("sender.tls", "implicit")
    assert (entries(form)["ssl.enabled"].was, entries(form)["ssl.enabled"].changed) == ("no", True)
    assert form.changes() == (
        Change("ssl.enabled", "false", "true"),
        Change("sender.tls", "starttls", "implicit"),
    )


def test_an_error_stands_at_its_entry_as_soon_as_it_is_typed_and_what_was_typed_stays(
    form: SettingsForm,
) -> None:
    form.set("receivers.poll-interval", "0")
    wrong = entries(form)["receivers.poll-interval"]
    assert (wrong.text, wrong.changed) == ("0", True)
    assert wrong.error == (
        "Poll interval “0” is too small. Give a whole number from 1 to 86400 seconds."
    )
    assert form.check() == "receivers.poll-interval"
    form.set("receivers.poll-interval", " 5 ")
    assert entries(form)["receivers.poll-interval"].error is None
    assert form.changes() == ()


def test_watermarks_are_judged_together(form: SettingsForm) -> None:
    form.set("watermarks.low", "1")
    assert entries(form)["watermarks.high"].error == (
        "High “1” is not above low “1”. Raise high, or lower low."
    )
    assert form.check() == "watermarks.high"
    form.set("watermarks.high", "x")
    assert "not a whole number" in str(entries(form)["watermarks.high"].error)
    form.set("watermarks.high", "2")
    assert form.check() is None


def test_a_value_comes_back_as_it_is_stored(form: SettingsForm) -> None:
    form.set("limits.memory", "2 GiB")
    assert entries(form)["limits.memory"].was == "1GiB"
    form.restore("limits.memory")
    assert (entries(form)["limits.memory"].text, form.changes()) == ("1GiB", ())


def test_the_fall_back_goes_with_its_server(form: SettingsForm) -> None:
    form.set("sender.fallback.server", "")
    assert form.check() is None
    assert form.changes() == (
        Change("sender.fallback.server", "192.0.2.1", ""),
        Change("sender.fallback.port", "25", ""),
    )
    assert "give that first" in str(entries(form)["sender.fallback.port"].disabled)
    after, told = written(form, form.settings)
    assert after.sender.fallback is None
    assert tuple(told.changes) == tuple(form.changes())


@pytest.mark.parametrize(
    "typed",
    [
        [("server", ""), ("port", "")],
        [("port", ""), ("server", "")],
        [("port", "26"), ("server", " ")],
    ],
    ids=["server first", "port first", "another port first"],
)
def test_an_emptied_server_takes_its_port_along_whatever_was_typed_there(
    form: SettingsForm, typed: list[tuple[str, str]]
) -> None:
    for name, text in typed:
        form.set(f"sender.fallback.{name}", text)
    assert form.check() is None
    after, told = written(form, form.settings)
    assert after.sender.fallback is None
    assert tuple(told.changes) == tuple(form.changes())


def test_a_fall_back_begins_with_its_server() -> None:
    form = ConfigForm(Settings())
    assert "give that first" in str(entries(form)["sender.fallback.port"].disabled)
    form.set("sender.fallback.port", "26")
    assert entries(form)["sender.fallback.port"].error == (
        "Fall-back port “26” has no server. Name the fall-back's server, too."
    )
    form.set("sender.fallback.server", "relay.example.com")
    assert form.check() is None
    form.set("sender.fallback.port", "")
    assert form.changes() == (
        Change("sender.fallback.server", "", "relay.example.com"),
        Change("sender.fallback.port", "", "25"),
    )
    after, told = written(form, form.settings)
    assert (after.sender.fallback, tuple(told.changes)) == (
        Relay("relay.example.com", 25),
        form.changes(),
    )
    again = ConfigForm(after)
    again.set("sender.fallback.port", "")
    assert again.check() == "sender.fallback.port"


def test_receivers_come_go_and_change(form: SettingsForm) -> None:
    first, second = "receiver.Nächtlich & früh.", 'receiver.r"2".'
    key = form.add("Receivers")
    new = key.removesuffix("name")
    assert entries(form)[key].text == "r1"
    assert entries(form)[key].removable
    form.set(f"{new}priority", "medium")
    form.set(f"{first}name", "night")
    form.set(f"{first}priority", "high")
    form.remove(f"{second}priority")
    assert form.check() is None
    assert form.changes() == (
        Change("receiver.Nächtlich & früh.name", "Nächtlich & früh", "night"),
        Change("receiver.night.priority", "low", "high"),
        Change('receiver.r"2".priority', "high", None),
        Change("receiver.r1.priority", None, "medium"),
    )
    assert set(form.change_set().operations) == {
        SetValue("receiver.Nächtlich & früh.name", "night", "Nächtlich & früh"),
        SetValue("receiver.Nächtlich & früh.priority", "high", "low"),
        RemoveReceiver('r"2"', was="high"),
        AddReceiver("r1", "medium"),
    }
    after, told = written(form, form.settings)
    assert [(r.name, r.priority) for r in after.intake.receivers] == [
        ("night", Priority.HIGH),
        ("r1", Priority.MEDIUM),
    ]
    assert set(told.changes) == set(form.changes())


def test_two_receivers_of_one_name_are_told_at_the_second(form: SettingsForm) -> None:
    key = form.add("Receivers")
    form.set(key, "NÄCHTLICH & früh")
    assert entries(form)[key].error == (
        "Name “NÄCHTLICH & früh” is the name of another receiver. Give each a name of its own."
    )
    form.set(key, "")
    assert "0 characters" in str(entries(form)[key].error)
    form.remove(key)
    assert form.check() is None


def test_a_receiver_that_is_removed_and_added_again_has_another_priority(
    form: SettingsForm,
) -> None:
    form.remove('receiver.r"2".name')
    key = form.add("Receivers")
    form.set(key, 'r"2"')
    assert form.changes() == (Change('receiver.r"2".priority', "high", "low"),)
    _, told = written(form, form.settings)
    assert tuple(told.changes) == form.changes()
    form.set(key.replace("name", "priority"), "high")
    assert form.changes() == ()


def test_a_receiver_that_was_changed_meanwhile_is_not_removed_unseen(form: SettingsForm) -> None:
    form.remove('receiver.r"2".name')
    elsewhere = ConfigForm(form.settings)
    elsewhere.set('receiver.r"2".priority', "low")
    newer, _ = written(elsewhere, form.settings)
    with pytest.raises(ConflictError, match="priority is “low” now, not “high”"):
        written(form, newer)
    form.follow(newer, SET_IN_MAY)
    assert form.changes() == (Change('receiver.r"2".priority', "low", None),)
    assert [r.name for r in written(form, newer)[0].intake.receivers] == ["Nächtlich & früh"]


def test_receivers_removed_here_and_elsewhere_come_back_before_there_is_none(
    form: SettingsForm,
) -> None:
    form.remove('receiver.r"2".name')
    elsewhere = ConfigForm(form.settings)
    elsewhere.remove("receiver.Nächtlich & früh.name")
    newer, _ = written(elsewhere, form.settings)
    with pytest.raises(InvalidValueError, match="would be none"):
        written(form, newer)
    form.follow(newer, SET_IN_MAY)
    assert [row for row in entries(form) if row.endswith(".name")] == ['receiver.r"2".name']
    assert (form.check(), form.changes()) == (None, ())


def test_the_last_receiver_stays(form: SettingsForm) -> None:
    form.remove("receiver.Nächtlich & früh.name")
    last = 'receiver.r"2".name'
    assert not entries(form)[last].removable
    with pytest.raises(KeyError):
        form.remove(last)


def test_the_password_is_given_and_cleared_and_never_shown(form: SettingsForm) -> None:
    assert entries(form)["sender-password"].text == "set 2026-05-04"
    form.set_secret("sender-password", Secret("hunter2"))
    assert form.changes() == (Change("sender-password", CHANGED, CHANGED),)
    assert "hunter2" not in repr(form.sections())
    assert form.new_password == NewPassword(Secret("hunter2"), SET_IN_MAY)
    assert not form.change_set()
    form.set_secret("sender-password", None)
    assert form.changes() == (Change("sender-password", CHANGED, None),)
    form.restore("sender-password")
    assert form.changes() == ()
    form.set_secret("sender-password", Secret("a\nb"))
    assert form.check() == "sender-password"
    assert "a\nb" not in repr(form.sections())


def test_clearing_a_password_that_is_not_set_changes_nothing() -> None:
    form = ConfigForm(Settings())
    assert entries(form)["sender-password"].text == "not set"
    form.set_secret("sender-password", None)
    assert (form.changes(), form.new_password) == ((), None)


def test_what_was_changed_elsewhere_is_a_conflict_until_the_form_follows(
    form: SettingsForm,
) -> None:
    form.set("receivers.poll-interval", "7")
    form.set("receivers.connections", "3")
    form.set('receiver.r"2".priority', "medium")
    extra = form.add("Receivers")
    elsewhere = ConfigForm(form.settings)
    elsewhere.set("receivers.poll-interval", "6")
    elsewhere.set("receivers.connections", "3")
    elsewhere.set("limits.retention-days", "9")
    elsewhere.remove("receiver.Nächtlich & früh.name")
    newer, _ = written(elsewhere, form.settings)
    with pytest.raises(ConflictError, match="poll-interval is “6” now, not “5”"):
        written(form, newer)
    form.follow(newer, None)
    assert entries(form)["receivers.poll-interval"].was == "6 s"
    assert entries(form)["limits.retention-days"].text == "9"
    assert entries(form)[extra].text == "r1"
    assert form.changes() == (
        Change("receivers.poll-interval", "6", "7"),
        Change('receiver.r"2".priority', "high", "medium"),
        Change("receiver.r1.priority", None, "low"),
    )
    after, told = written(form, newer)
    assert tuple(told.changes) == tuple(form.changes())
    assert (after.intake.poll_interval_s, after.intake.connections) == (7, 3)


def test_what_is_not_shown_is_no_key(form: SettingsForm) -> None:
    for key in ("version", "receivers", "receiver.r9.name", "nonsense", "receiver.r9.x"):
        with pytest.raises(KeyError):
            form.set(key, "x")
    with pytest.raises(KeyError):
        form.set_secret("sender.user", Secret("x"))
    with pytest.raises(KeyError):
        form.add("Sender")


TEXTS = st.one_of(
    st.sampled_from(["", "1", "600", "true", "false", "high", "low", "none", "total", "256MiB"]),
    st.sampled_from(["a@example.com", "mx.example.com", "  7 ", "ü", "\x1b", "r1", "R2", "x.y"]),
    st.text(max_size=6),
)


class Edits:
    """Anything that anybody may do with a form."""

    def __init__(self, form: ConfigForm, data: st.DataObject) -> None:
        self.form, self.data = form, data

    def one(self) -> None:
        keys = [one.key for one in entries(self.form).values() if not one.disabled]
        key = self.data.draw(st.sampled_from(keys))
        match self.data.draw(st.sampled_from(["set", "set", "set", "restore", "add", "remove"])):
            case "set" if key != "sender-password":
                self.form.set(key, self.data.draw(TEXTS))
            case "restore":
                self.form.restore(key)
            case "add":
                self.form.add("Receivers")
            case "remove" if entries(self.form)[key].removable:
                self.form.remove(key)


@given(st.data())
def test_whatever_is_typed_saving_does_what_was_shown(data: st.DataObject) -> None:
    settings = data.draw(st.sampled_from([Settings(), parsed(EVERYTHING)]))
    form = ConfigForm(settings)
    edits = Edits(form, data)
    for _ in range(data.draw(st.integers(0, 8))):
        edits.one()
    if form.check() is not None:
        assert any(section.errors for section in form.sections())
        return
    after, told = written(form, settings)
    assert sorted(told.changes, key=repr) == sorted(form.changes(), key=repr)
    assert (
        not form.changes()
        or any(section.changes for section in form.sections())
        or len(after.intake.receivers) != len(settings.intake.receivers)
    )
    form.follow(after, None)
    assert ChangeSet.from_json(ConfigForm(after).change_set().to_json()) == ChangeSet()
