"""The program itself: a home, a store and an engine, all real, on a real terminal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kana_tui.engine.lock import engine_lives
from tests.tui.terminal import PATIENCE_S, Terminal

NODE = {"KANA_TUI_NODE": "mx1"}


@contextmanager
def screen(home: Path, *options: str, **environment: str) -> Iterator[Terminal]:
    command = [sys.executable, "-m", "kana_tui", "--home", str(home), *options]
    with Terminal(command, environment={**NODE, **environment}) as terminal:
        yield terminal


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Made on the first start; no engine is left in it."""
    yield tmp_path / "home"
    lock = tmp_path / "home" / "engine.lock"
    until(lambda: not engine_lives(lock), "the engine ends")


def until(condition: Callable[[], bool], why: str) -> None:
    ends_at = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < ends_at, f"waited in vain until {why}"
        os.sched_yield()


def engine_pid(home: Path) -> int:
    found = holder(home)
    assert found is not None
    return found


def holder(home: Path) -> int | None:
    """Who wrote itself down as the lock's; None between one that took it and its line."""
    found = re.search(r"process (\d+)", (home / "engine.lock").read_text())
    return int(found[1]) if found else None


def add(home: Path, name: str) -> None:
    given = {
        "name": name,
        "email_address": f"{name}@example.com",
        "server": "127.0.0.1",
        "port": "1",
        "user": name,
    }
    sets = [word for pair in given.items() for word in ("--set", "=".join(pair))]
    subprocess.run(
        [
            *(sys.executable, "-m", "kana_tui", "--home", str(home), "mailbox", "add"),
            *(*sets, "--secret", "password"),
        ],
        input="a password\n",
        text=True,
        check=True,
        capture_output=True,
        timeout=60,
    )


def leave(terminal: Terminal, *, answer: str, steps: int = 1) -> int:
    terminal.press("q")
    terminal.wait_for("[Stay]")
    terminal.press("l" * steps)
    terminal.wait_for(f"[{answer}]")
    terminal.press("\r")
    return terminal.wait_for_end()


def test_the_first_start_makes_a_home_hosts_an_engine_and_says_what_to_type(home: Path) -> None:
    with screen(home) as terminal:
        terminal.wait_for("engine mx1")
        terminal.wait_for("hosted here: mail and alerts stop when you leave")
        assert "kana-tui mailbox add" in terminal.text
        assert str(home / "config.xml")[:40] in terminal.text
        add(home, "support")
        terminal.wait_for("UNKNOWN   support")
        terminal.wait_for("refuses the connection")
        assert leave(terminal, answer="Leave, and stop the engine") == 0
    assert not engine_lives(home / "engine.lock")
    assert "engine stopped" in (home / "logs" / "engine.log").read_text()


def test_the_engine_has_a_session_of_its_own_and_no_terminal(home: Path) -> None:
    with screen(home) as terminal:
        terminal.wait_for("engine mx1")
        pid = engine_pid(home)
        assert os.getsid(pid) != os.getsid(terminal.pid)
        descriptors = [str(Path(f"/proc/{pid}/fd/{number}").readlink()) for number in (0, 1, 2)]
        assert descriptors[0].startswith("pipe:")
        assert descriptors[1:] == [str(home / "logs" / "engine.log")] * 2
        assert leave(terminal, answer="Leave, and stop the engine") == 0


def test_left_running_the_engine_goes_on_and_the_next_screen_attaches(home: Path) -> None:
    with screen(home, "--operator", "alice") as terminal:
        terminal.wait_for("engine mx1")
        pid = engine_pid(home)
        assert leave(terminal, answer="Leave it running", steps=2) == 0
    assert engine_lives(home / "engine.lock")
    with screen(home, "--operator", "bob") as terminal:
        terminal.wait_for("engine mx1")
        assert "hosted here" not in terminal.text
        assert engine_pid(home) == pid
        assert leave(terminal, answer="Leave") == 0
    os.kill(pid, signal.SIGTERM)


def test_a_second_screen_starts_no_second_engine_and_takes_over_when_the_first_leaves(
    home: Path,
) -> None:
    with screen(home, "--operator", "alice") as first:
        first.wait_for("engine mx1")
        pid = engine_pid(home)
        with screen(home, "--operator", "bob") as second:
            second.wait_for("mx1 hosted by alice's screen")
            assert engine_pid(home) == pid
            assert leave(first, answer="Leave, and stop the engine") == 0
            second.wait_for("hosted here: mail and alerts stop when you leave")
            second.wait_for("engine mx1")
            assert engine_pid(home) != pid
            assert leave(second, answer="Leave, and stop the engine") == 0


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGHUP, 129), (signal.SIGTERM, 143)], ids=["HUP", "TERM"]
)
def test_a_signal_ends_the_screen_and_then_its_engine(home: Path, number: int, code: int) -> None:
    with screen(home) as terminal:
        terminal.wait_for("engine mx1")
        terminal.signal(number)
        assert terminal.wait_for_end() == code
        assert terminal.restored
        assert terminal.written.rfind(b"\x1b[?1049l") > terminal.written.rfind(b"\x1b[?1049h")
    until(lambda: not engine_lives(home / "engine.lock"), "the engine ends")
    assert "engine stopped" in (home / "logs" / "engine.log").read_text()


def test_kill_9_of_the_screen_ends_its_engine_in_good_order(home: Path) -> None:
    with screen(home) as terminal:
        terminal.wait_for("engine mx1")
        terminal.signal(signal.SIGKILL)
        assert terminal.wait_for_end() == 128 + signal.SIGKILL
    until(lambda: not engine_lives(home / "engine.lock"), "the engine ends")
    assert "engine stopped" in (home / "logs" / "engine.log").read_text()


def test_an_engine_that_is_killed_is_started_again(home: Path) -> None:
    with screen(home) as terminal:
        terminal.wait_for("engine mx1")
        pid = engine_pid(home)
        os.kill(pid, signal.SIGKILL)
        lock = home / "engine.lock"
        terminal.wait(
            lambda: engine_lives(lock) and holder(home) not in (pid, None), "another engine"
        )
        assert leave(terminal, answer="Leave, and stop the engine") == 0


def test_an_unknown_style_is_a_sentence_and_starts_no_engine(home: Path) -> None:
    with screen(home, KANA_TUI_STYLE="neon") as terminal:
        assert terminal.wait_for_end() == 2
        assert "There is no style “neon”." in terminal.text
        assert "Traceback" not in terminal.text
    assert not (home / "engine.lock").exists()


def test_the_log_is_the_owners_and_nothing_of_it_is_on_the_terminal(home: Path) -> None:
    with screen(home, "--log-level", "debug") as terminal:
        terminal.wait_for("engine mx1")
        log = home / "logs" / "screen.log"
        assert log.stat().st_mode & 0o777 == 0o600
        assert b'"event"' not in terminal.written
        assert leave(terminal, answer="Leave, and stop the engine") == 0


def test_a_store_that_is_removed_is_told_and_what_was_known_stays(home: Path) -> None:
    with screen(home) as terminal:
        terminal.wait_for("engine mx1")
        add(home, "support")
        terminal.wait_for("support")
        store, away = home / "kana.db", home / "away.db"
        store.rename(away)
        terminal.wait_for("old: ")
        assert "support" in terminal.text
        away.rename(store)
        terminal.wait(lambda: "old: " not in terminal.text, "the store is back")
        assert leave(terminal, answer="Leave, and stop the engine") == 0


def test_only_the_screen_loads_textual() -> None:
    program = (
        "import sys; from kana_tui.cli import main\n"
        "try: main(['status', '--help'])\n"
        "except SystemExit: pass\n"
        "import kana_tui.wiring.engine\n"
        "sys.exit('textual' in sys.modules or 'kana_tui.tui' in sys.modules)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=False, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
