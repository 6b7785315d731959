"""Screen 8: config.xml is changed there as by command, and nothing is lost or done unseen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kana_tui.domain.audit import CHANGED, Change
from kana_tui.domain.errors import UnreachableError
from kana_tui.domain.settings import Role
from kana_tui.store.commands import SqlCommands
from kana_tui.store.node_settings import SqlNodeSettings
from kana_tui.tui.line import Lines
from kana_tui.tui.places import Place
from tests.tui.config_file import CONFIG
from tests.tui.seat import seated
from tests.tui.settings_seat import settings_opened


async def test_it_shows_every_group_of_config_xml(tmp_path: Path) -> None:
    async with settings_opened(tmp_path, size=(80, 80)) as form:
        assert form.seat.page == Place.SETTINGS
        assert str(form.seat.app._scene.config) in form.about()
        for heading in (
            "▾ SSL",
            "▾ Receivers",
            "▾ Watermarks and alerts",
            "▾ Sender",
            "▾ Limits",
            "▾ Operators",
            "▾ Store, notifications, media types",
        ):
            assert any(heading in line for line in form.lines())
        assert form.line("Poll interval").endswith("  30 s")
        assert form.line("SSL enabled").endswith("[x] yes")
        assert form.line("Priority of r1").endswith("  high")
        assert form.line("Password").endswith("  not set")


async def test_a_change_is_shown_saved_and_in_force_without_an_engine(tmp_path: Path) -> None:
    async with settings_opened(tmp_path) as form:
        await form.type("Poll interval", "7")
        assert form.cursor()[2] == "*"
        await form.press("s")
        assert "Save config.xml? " in form.panel()
        assert "Poll interval (seconds): 30 → 7" in form.panel()
        assert "[Cancel]" in form.panel()
        await form.press("right", "enter")
        await form.until("config.xml: 1 value is changed and in force.")
        assert form.config.text == CONFIG.replace('"30"', '"7"')
        assert form.audited() == [Change("receivers.poll-interval", "30", "7")]
        assert form.seat.page == Place.SETTINGS
        assert not form.page.unsaved
        assert "changed" not in form.about()


async def test_a_live_engine_is_ordered_to_do_it_and_nothing_is_said_before_it_has(
    tmp_path: Path,
) -> None:
    async with settings_opened(tmp_path, live=True) as form:
        await form.type("Poll interval", "7")
        await form.to("Tracking IDs")
        await form.press("space")
        await form.save()
        await form.until("saving")
        command = await form.engine_answers()
        await form.until("config.xml: 2 values are changed and in force.")
        assert command.requested_by == "alice"
        assert form.config.text == CONFIG.replace('"30"', '"7"').replace(
            '<watermarks low="100" high="500"/>\n',
            '<watermarks low="100" high="500"/>\n  <sender tracking="false"/>\n',
        )
        assert not form.page.unsaved


async def test_what_the_engine_refuses_is_told_and_what_was_typed_stays(tmp_path: Path) -> None:
    async with settings_opened(tmp_path, live=True) as form:
        await form.type("Poll interval", "7")
        await form.save()
        await form.engine_answers("config.xml cannot be written: No space left on device.")
        await form.seat.until(lambda: "No space left on device" in form.panel())
        await form.press("enter")
        assert form.config.text == CONFIG
        assert form.line("Poll interval").endswith("  7 s")
        assert form.page.unsaved


async def test_what_was_written_is_told_as_that_and_looked_at_again_until_it_is_audited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_args: object, **_own: object) -> None:
        raise UnreachableError("The store is locked.")

    async with settings_opened(tmp_path) as form:
        with monkeypatch.context() as outage:
            outage.setattr(SqlNodeSettings, "record", away)
            await form.type("Poll interval", "7")
            await form.save()
            await form.seat.until(lambda: "Not known" in form.panel())
            assert "config.xml was changed, and that is in force" in form.panel()
            assert "whether the audit log has it is not known: The store is locked." in form.panel()
            assert 'poll-interval="7"' in form.config.text
            await form.press("enter")
            assert not form.page.unsaved
            assert form.audited() == []
        await form.seat.told()
        await form.until("config.xml: it is changed, and in the audit log.")
        assert form.audited() == [Change("receivers.poll-interval", "30", "7")]


async def test_an_order_that_was_not_carried_out_for_an_outage_is_told_once_that_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_args: object) -> None:
        raise UnreachableError("The store is locked.")

    async with settings_opened(tmp_path) as form:
        with monkeypatch.context() as outage:
            outage.setattr(SqlCommands, "begin", away)
            await form.type("Poll interval", "7")
            await form.save()
            await form.seat.until(lambda: "config.xml is as it was so far" in form.panel())
            await form.press("enter")
            assert form.page.unsaved
        await form.seat.told()
        await form.until("config.xml: The store was away: nothing was changed.")
        assert form.config.text == CONFIG
        assert form.audited() == []


async def test_an_engine_that_was_not_heard_of_any_more_is_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_args: object) -> None:
        raise UnreachableError("The store is locked.")

    async with settings_opened(tmp_path, live=True) as form:
        with monkeypatch.context() as outage:
            outage.setattr(SqlCommands, "get", away)
            await form.type("Poll interval", "7")
            await form.save()
            await form.seat.until(lambda: "config.xml is as it was so far" in form.panel())
            await form.press("enter")
        await form.engine_answers()
        await form.seat.told()
        await form.until("config.xml: it is changed, and in the audit log.")


async def test_with_a_store_that_is_away_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_args: object) -> None:
        raise UnreachableError("The store is locked.")

    async with settings_opened(tmp_path) as form:
        monkeypatch.setattr(SqlCommands, "request", away)
        await form.type("Poll interval", "7")
        await form.save()
        await form.seat.until(lambda: "The store is locked." in form.panel())
        assert form.config.text == CONFIG
        await form.press("enter")
        assert form.page.unsaved


async def test_a_refusal_is_shown_beside_what_the_file_holds_now(tmp_path: Path) -> None:
    async with settings_opened(tmp_path) as form:
        await form.type("Low", "450")
        form.config.path.write_text(CONFIG.replace('high="500"', 'high="400"'))
        await form.save()
        await form.seat.until(lambda: form.panel() != "")
        await form.press("enter")
        assert form.line("High").endswith("  400 messages")
        assert form.page.unsaved


async def test_nothing_can_be_done_while_it_is_saved(tmp_path: Path) -> None:
    async with settings_opened(tmp_path, live=True) as form:
        await form.type("Poll interval", "7")
        await form.save()
        await form.press("space")
        assert "It is being saved." in form.header()
        await form.engine_answers()
        await form.until("in force")


async def test_what_is_wrong_is_told_under_its_field_and_not_saved(tmp_path: Path) -> None:
    async with settings_opened(tmp_path) as form:
        await form.type("Poll interval", "0")
        below = " ".join(line.strip() for line in form.lines())
        assert "Poll interval “0” is too small." in below
        await form.type("Low", "900")
        assert "is not above low “900”." in " ".join(line.strip() for line in form.lines())
        await form.press("s")
        assert form.panel() == ""
        assert "Not saved: 2 fields are wrong." in form.header()
        assert "Poll interval" in form.cursor()
        assert form.config.text == CONFIG


async def test_a_receiver_is_added_renamed_and_removed(tmp_path: Path) -> None:
    async with settings_opened(tmp_path) as form:
        await form.to("Poll interval")
        await form.press("plus")
        assert "Receiver" in form.cursor()
        assert "r3" in form.cursor()
        await form.press("u")
        assert "Receiver is not stored yet: Del removes it." in form.header()
        await form.press("enter", "ctrl+u", *"night", "enter")
        await form.to("Priority of night")
        await form.press("space")
        assert form.line("Priority of night").endswith("  medium")
        await form.to("Priority of r2")
        await form.press("delete")
        assert not any("r2" in line for line in form.lines())
        await form.press("slash", *"r1.name", "enter", "enter", "ctrl+u", *"first", "enter")
        await form.save()
        await form.until("values are changed and in force")
        assert form.config.text == CONFIG.replace('"r1"', '"first"').replace(
            '    <receiver name="r2" priority="low"/>\n',
            '    <receiver name="night" priority="medium"/>\n',
        )


async def test_the_password_goes_to_the_secrets_and_is_never_shown(tmp_path: Path) -> None:
    async with settings_opened(tmp_path) as form:
        await form.to("Password")
        await form.press("enter", *"hunter2")
        assert not any("hunter2" in line for line in form.lines())
        await form.press("enter")
        assert form.line("Password").endswith("  new, not saved yet")
        await form.press("s")
        assert "Password: changed" in form.panel()
        await form.press("right", "enter")
        await form.until("config.xml: 1 value is changed")
        assert form.line("Password").endswith("  set 2026-11-03")
        assert form.password() == "hunter2"
        assert form.audited() == [Change("sender-password", None, CHANGED)]
        assert form.config.text == CONFIG


async def test_what_is_changed_by_hand_is_shown_as_it_is_now_while_nothing_is_typed(
    tmp_path: Path,
) -> None:
    async with settings_opened(tmp_path) as form:
        form.config.by_hand('"30"', '"12"')
        await form.seat.told()
        await form.seat.until(lambda: form.line("Poll interval").endswith("  12 s"))
        assert not form.page.unsaved


async def test_a_change_meanwhile_is_told_and_conflicts_only_where_both_changed(
    tmp_path: Path,
) -> None:
    async with settings_opened(tmp_path) as form:
        await form.type("Poll interval", "7")
        form.config.by_hand('"30"', '"12"')
        await form.seat.told()
        await form.until("config.xml was changed meanwhile")
        assert form.line("Poll interval").endswith("  7 s")
        await form.save()
        await form.seat.until(lambda: "Not saved" in form.panel())
        assert "receivers.poll-interval is “12” now, not “30”" in form.panel()
        await form.press("enter")
        assert '"12"' in form.config.text
        await form.press("s")
        assert "Poll interval (seconds): 12 → 7" in form.panel()
        await form.press("right", "enter")
        await form.until("1 value is changed")
        assert form.config.text == CONFIG.replace('"30"', '"7"')


async def test_a_password_set_elsewhere_meanwhile_is_a_conflict_told_with_all_others(
    tmp_path: Path,
) -> None:
    async with settings_opened(tmp_path) as form:
        await form.type("Poll interval", "7")
        await form.to("Password")
        await form.press("enter", *"hunter2", "enter")
        form.set_password("swordfish")
        form.config.by_hand('"30"', '"12"')
        await form.save()
        await form.seat.until(lambda: "Not saved" in form.panel())
        assert "receivers.poll-interval is “12” now, not “30”" in form.panel()
        assert "The sender-password was set (2026-11-03" in form.panel()
        await form.press("enter")
        assert (form.password(), form.config.text) == ("swordfish", CONFIG.replace("30", "12"))
        await form.save()
        await form.until("2 values are changed")
        assert form.password() == "hunter2"


async def test_changes_of_other_values_do_not_conflict(tmp_path: Path) -> None:
    async with settings_opened(tmp_path) as form:
        await form.type("Poll interval", "7")
        form.config.by_hand('"500"', '"800"')
        await form.save()
        await form.until("1 value is changed")
        assert form.config.text == CONFIG.replace('"30"', '"7"').replace('"500"', '"800"')
        assert form.line("High").endswith("  800 messages")


async def test_a_file_that_is_wrong_is_not_written_to_and_every_mistake_is_told(
    tmp_path: Path,
) -> None:
    async with settings_opened(tmp_path) as form:
        await form.type("Poll interval", "7")
        form.config.by_hand('"500"', '"5"')
        wrong = form.config.text
        await form.save()
        await form.seat.until(lambda: "Not saved" in form.panel())
        assert "Line 7: watermarks high “5” is not above low “100”" in form.panel()
        assert form.config.text == wrong


async def test_leaving_asks_while_something_is_unsaved(tmp_path: Path) -> None:
    async with settings_opened(tmp_path) as form:
        await form.press("escape", "2")
        assert form.seat.page == Place.RECEIVERS
        await form.press("8")
        await form.seat.until(lambda: form.page.form is not None)
        await form.type("Poll interval", "7")
        await form.press("escape")
        assert form.panel() == ""
        await form.press("2")
        assert "config.xml has unsaved changes." in form.panel()
        await form.press("escape")
        assert form.seat.page == Place.SETTINGS
        await form.press("q")
        assert "config.xml has unsaved changes." in form.panel()
        await form.press("escape", "u")
        assert not form.page.unsaved


@pytest.mark.parametrize("live", [False, True])
async def test_who_may_not_change_it_sees_it_and_is_told_why(tmp_path: Path, *, live: bool) -> None:
    async with settings_opened(tmp_path, live=live, role=lambda: Role.OPERATOR) as form:
        await form.type("Poll interval", "7")
        await form.press("s")
        assert "You are operator; this needs the role admin." in form.header()
        assert form.panel() == ""
    async with settings_opened(tmp_path, read_only=True) as form:
        await form.press("s")
        assert "read-only" in form.header()
    assert form.config.text == CONFIG


@pytest.mark.parametrize("leave", ["q", "1"])
@pytest.mark.parametrize("own", [{"role": lambda: Role.VIEWER}, {"read_only": True}])
async def test_leaving_saves_nothing_for_who_may_not_save(
    tmp_path: Path, leave: str, own: dict[str, Any]
) -> None:
    async with settings_opened(tmp_path, **own) as form:
        await form.type("Poll interval", "7")
        await form.press(leave)
        assert "config.xml has unsaved changes." in form.panel()
        await form.press("right", "enter")
        assert form.config.text == CONFIG
        assert form.audited() == []
        assert form.seat.page == Place.SETTINGS


async def test_what_is_changed_by_hand_alone_says_so(tmp_path: Path) -> None:
    async with settings_opened(tmp_path) as form:
        await form.to("Store")
        await form.press("enter")
        assert "Store is changed in config.xml itself" in form.header()


async def test_without_a_config_xml_to_change_it_says_so() -> None:
    async with seated() as seat:
        await seat.press("8")
        rows = seat.app.page.query_one("#rows", Lines)
        assert "It cannot be changed from here." in rows.text
