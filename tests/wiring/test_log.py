"""Logs: JSON lines, owner-only, without secrets and without what a terminal obeys."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

SCRIPT = """
import logging, sys
from pathlib import Path
import structlog
from kana_tui.domain.secret import Secret
from kana_tui.secrets.redaction import Redactor
from kana_tui.wiring.log import start_log

redactor = Redactor()
redactor.learn(Secret("hunter2 ü"))
start_log(Path(sys.argv[1]), "info", redactor)
log = structlog.get_logger("kana")
log.debug("too much")
log.info("login", server="mx", said="no hunter2 ü", password=Secret("other"))
log.warning("hostile", subject="\\x1b]0;x\\x07 \\u202e \\x9b31m")
try:
    password = "hunter2 ü"
    raise ValueError(f"refused {password}")
except ValueError:
    log.exception("visit failed")
    logging.getLogger("some.library").exception("it said %s", "hunter2 ü")
logging.getLogger("sqlalchemy.engine").info("a statement")
"""


def logged(path: Path) -> list[dict[str, Any]]:
    subprocess.run([sys.executable, "-c", SCRIPT, str(path)], check=True, timeout=60)
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_event_is_a_json_line_of_libraries_too(tmp_path: Path) -> None:
    events = logged(tmp_path / "logs" / "engine.log")
    assert [event["event"] for event in events] == [
        "login", "hostile", "visit failed", "it said [secret]",
    ]  # fmt: skip
    assert events[0] | {"timestamp": "", "level": "info", "logger": "kana"} == {
        "event": "login", "server": "mx", "said": "no [secret]", "password": "Secret(…)",
        "timestamp": "", "level": "info", "logger": "kana",
    }  # fmt: skip


def test_a_traceback_has_neither_secrets_nor_local_variables(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "engine.log"
    events = logged(path)
    assert "hunter2" not in path.read_text()
    for event in events[2:]:
        (told,) = event["exception"]
        assert told["exc_value"] == "refused [secret]"
        assert not any("locals" in frame for frame in told["frames"])


def test_nothing_that_a_terminal_obeys_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "engine.log"
    events = logged(path)
    assert path.read_bytes().isascii()
    assert b"\x1b" not in path.read_bytes()
    assert events[1]["subject"] == "\x1b]0;x\x07 \u202e \x9b31m"


def test_file_and_folder_are_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "engine.log"
    logged(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


DEBUG = """
import logging, sys
from pathlib import Path
from kana_tui.secrets.redaction import Redactor
from kana_tui.wiring.log import start_log

start_log(Path(sys.argv[1]), "debug", Redactor())
for name in sys.argv[2:]:
    logging.getLogger(name).debug("a token that nobody has learned yet")
    logging.getLogger(name).warning("heard: %s", name)
logging.getLogger("kana_tui.some.where").debug("ours")
"""
INDISCREET = (
    *("msal.application", "msal.oauth2cli.oauth2", "msal.token_cache", "google.auth.transport"),
    *("google.oauth2._client", "urllib3.connectionpool", "requests", "spnego._ntlm"),
    *("aiosmtplib.smtp", "sqlalchemy.engine.Engine", "asyncio"),
)


def test_libraries_that_handle_secrets_never_speak_below_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "engine.log"
    words = [sys.executable, "-c", DEBUG, str(path), *INDISCREET]
    subprocess.run(words, check=True, timeout=60)
    events = [json.loads(line)["event"] for line in path.read_text().splitlines()]
    assert events == [*(f"heard: {name}" for name in INDISCREET), "ours"]
