"""The effective settings: every value by its name in config.xml, and no secret."""

from __future__ import annotations

import json

import pytest

from kana_tui.domain.settings import Settings
from kana_tui.settings.shown import secrets_in, shown_settings
from tests.settings.config import config, parsed
from tests.settings.test_reading import EVERYTHING


def test_the_document_has_every_value_in_json() -> None:
    document = json.loads(json.dumps(shown_settings(parsed(EVERYTHING))))
    assert document["receivers"]["receiver"][1] == {"name": 'r"2"', "priority": "high"}
    assert document["watermarks"]["alert-email"] == ["a@example.com", "b@bücher.example"]
    assert document["sender"]["fallback"] == {"server": "192.0.2.1", "port": 25}
    assert document["ssl"] == {"enabled": False}
    assert document["limits"]["memory"] == 2**30
    assert document["notify"] == [{"url": "slack://***"}, {"url": "slack://***"}]


def test_what_is_absent_is_null_and_defaults_are_filled_in() -> None:
    document = shown_settings(Settings())
    assert document["sender"]["fallback"] is None
    assert document["store"] == {"url": "sqlite:///kana.db"}
    assert document["mime"] == {"map": []}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://kana:hunter2@db:5432/kana", "postgresql://kana:***@db:5432/kana"),
        ("postgresql://kana:hun:ter2@db/kana", "postgresql://kana:***@db/kana"),
        ("postgresql://kana@db/kana", "postgresql://kana@db/kana"),
        ("postgresql://db/kana?password=hunter2", "postgresql://db/kana?***"),
        ("postgres://u:hunter%402@h/d", "postgres://u:***@h/d"),
    ],
)
def test_a_stores_password_is_masked(url: str, shown: str) -> None:
    settings = parsed(config(f'<store url="{url}"/>'))
    assert shown_settings(settings)["store"] == {"url": shown}


def test_what_a_log_may_not_hold_is_told() -> None:
    settings = parsed(
        config(
            '<store url="postgresql://u:hunter%402@h/d?password=other"/>'
            '<notify url="tgram://123456789:ABC-token/chat?format=text"/>'
        )
    )
    told = {secret.reveal() for secret in secrets_in(settings)}
    assert {"hunter%402", "hunter@2", "other", "123456789", "ABC-token"} <= told
    assert not {"u", "h", "text", "chat"} & told
    assert not set(secrets_in(Settings()))
