"""What commands work with: the store, the mailbox that is meant, the overview."""

from __future__ import annotations

from pathlib import Path

import pytest

from kana_tui.domain.errors import NotFoundError
from kana_tui.domain.fields.draft import Draft
from kana_tui.domain.secret import Secret
from kana_tui.wiring.command import (
    administration,
    opened_store,
    overview,
    resolve_mailbox,
    watermark_settings,
)
from kana_tui.wiring.home import open_home
from kana_tui.wiring.invocation import Invocation
from tests.wiring.invocations import invocation_of


@pytest.fixture
def invocation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invocation:
    for name in ("KANA_TUI_HOME", "KANA_TUI_KEY_FILE", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    return invocation_of(tmp_path / "home")


def draft(name: str) -> Draft:
    values = {
        "name": name,
        "email_address": f"{name.lower()}@example.com",
        "server": "mail.example.com",
        "user": name,
    }
    return Draft(values, {"password": Secret("hunter2")})


async def test_a_mailbox_is_found_by_id_address_and_name(invocation: Invocation) -> None:
    async with administration(invocation) as mailboxes:
        added = await mailboxes.add(draft("Support"), invocation.actor)
    async with opened_store(invocation) as store:
        for reference in ("1", "support@example.com", "SUPPORT"):
            assert await resolve_mailbox(store, reference) == added
        with pytest.raises(NotFoundError, match="There is no mailbox “Suport”") as told:
            await resolve_mailbox(store, "Suport")
        assert "Support" in str(told.value.hint)
        assert told.value.exit_code == 3
        assert await store.mailboxes.secret(1, "password") == Secret("hunter2")


async def test_a_ca_file_that_is_none_is_refused_when_it_is_set(invocation: Invocation) -> None:
    wrong = draft("Support")
    wrong = Draft({**wrong.values, "tls_ca_file": "/nonexistent/ca.pem"}, wrong.secrets)
    async with administration(invocation) as mailboxes:
        with pytest.raises(Exception, match=r"/nonexistent/ca\.pem"):
            await mailboxes.add(wrong, invocation.actor)


def test_the_overview_of_a_first_start_makes_the_store(invocation: Invocation) -> None:
    assert overview(invocation).mailboxes == ()
    assert open_home(invocation).places.store == invocation.home / "kana.db"  # type: ignore[operator]
    assert overview(invocation).mailboxes == ()


async def test_what_was_opened_knows_its_secrets(invocation: Invocation) -> None:
    home = open_home(invocation)
    home.secret_box.seal("mailbox:1", "password", Secret("hunter2"))
    assert home.redactor.redacted("hunter2") == "[secret]"
    assert "hunter2" not in repr(home)


def test_watermarks_are_those_of_config_xml(invocation: Invocation) -> None:
    open_home(invocation)
    config = invocation.home / "config.xml"  # type: ignore[operator]
    config.write_text('<kana-tui version="1"><watermarks unknown-after="7"/></kana-tui>')
    assert watermark_settings(invocation).unknown_after_s == 7


def test_an_edit_of_config_xml_is_in_force_and_its_secrets_are_known_to_logs(
    invocation: Invocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = open_home(invocation)
    home.places.config.write_text(
        '<kana-tui version="1"><notify url="slack://xoxb-1234567/#ops"/></kana-tui>'
    )
    monkeypatch.setattr(home.live, "_look_at", 0.0)
    assert home.settings.notify == ("slack://xoxb-1234567/#ops",)
    assert home.redactor.redacted("POST xoxb-1234567 to #ops") == "POST [secret] to #ops"
