"""The app on a stage, on the terminal it is started on; a test changes the stage by a pipe.

A line of JSON a command on descriptor COMMANDS: {"do": NAME, ...}; a line with
the number of snapshots read since the start answers on ANSWERS.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import tempfile
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

os.environ["TEXTUAL_ANIMATIONS"] = "none"

from attrs import evolve

from kana_tui.domain.levels import Level
from kana_tui.ports.alert_history import AlertRecord
from kana_tui.ports.outbox import OutboundState
from kana_tui.settings.default import default_text
from kana_tui.tui.app import KanaApp
from kana_tui.tui.ends import Ends
from kana_tui.tui.glyphs import ASCII, UNICODE
from kana_tui.tui.leaving import Leaving
from tests.alerts import alert, minutes_ago, notice, posted, told
from tests.tui.config_file import Config
from tests.tui.memory_queues import quarantined
from tests.tui.scenes import scene
from tests.tui.stage import ACME, Stage, StillClock, mailbox, refused, rising


def serve(stage: Stage, commands: int, answers: int) -> None:  # noqa: C901  # one a command
    """Do what the test says, line by line."""
    calm = threading.Event()
    with os.fdopen(commands) as lines, os.fdopen(answers, "w") as out:
        for line in lines:
            command: dict[str, Any] = json.loads(line)
            do = command.pop("do")
            if "level" in command:
                command["level"] = Level(command["level"])
            if do == "change":
                stage.change(command.pop("id"), **command)
            elif do == "put":
                error = command.pop("error", None)
                row = mailbox(**command)
                if error:
                    row = evolve(row, known=False, last_error=refused(error))
                stage.put(row)
            elif do == "older":
                oldest = stage.clock.now() - timedelta(hours=3)
                stage.change(command["id"], oldest_at=oldest)
            elif do == "keep":
                raw = base64.b64decode(command.pop("raw"))
                stage.desk.library.keep(command.pop("id"), *[raw] * command.pop("count"), **command)
            elif do == "alert":
                stage.desk.alerts.keep(_alert(**command))
                stage.touch()
            elif do == "queue":
                stage.desk.queues.put(**command)
                stage.touch()
            elif do == "poison":
                stage.desk.queues.poison(quarantined(**command))
                stage.touch()
            elif do == "visited":
                stage.desk.library.visited(command.pop("id"), **command)
                stage.touch()
            elif do == "receiver":
                command["visiting"] = tuple(command.get("visiting", ()))
                stage.change_receiver(command.pop("name"), **command)
            elif do == "touch":
                stage.touch()
            elif do == "minute":
                stage.next_minute()
            elif do == "break":
                stage.broken = command["why"]
            elif do == "crash":
                stage.crash_with(command["secret"])
            elif do == "rush":
                stage.change_all({i: _rushed(i, command["step"], stage) for i in stage.ids})
            elif do == "flood":
                threading.Thread(target=_flood, args=(stage, calm), daemon=True).start()
            elif do == "calm":
                calm.set()
                stage.change(1, **command)
            out.write(f"{stage.reads}\n")
            out.flush()


def _rushed(mailbox_id: int, step: int, stage: Stage) -> dict[str, Any]:
    """Another depth, rate, age and usual inflow than at the step before."""
    depth = 100 + (mailbox_id * 37 + step * 61) % 390
    return {
        "remote": depth,
        "level": Level.ELEVATED,
        "points": rising(depth, (mailbox_id * 7 + step * 11) % 40),
        "oldest_at": stage.clock.now() - timedelta(minutes=(mailbox_id * 17 + step * 71) % 900),
        "usual_inflow_per_min": 1.0 if (mailbox_id + step) % 2 else 100.0,
    }


def _alert(*, open: bool = True, words: str = "", **own: Any) -> AlertRecord:  # noqa: A002
    """One whose mail was refused with these words, if there are any."""
    given = {**own, "closed_at": None if open else minutes_ago(1)}
    if words:
        letter = posted(
            told(state=OutboundState.FAILED, last_error=words), state=OutboundState.FAILED
        )
        given["notices"] = (notice(letter=letter),)
    return alert(**given)


def _flood(stage: Stage, calm: threading.Event) -> None:
    """Every row changes, again and again."""
    depth = 100
    while not calm.is_set():
        depth = 100 if depth > 90_000 else depth + 1
        for mailbox_id in stage.ids[1:]:
            stage.change(mailbox_id, remote=depth)


def main() -> int:
    commands, answers, many, style, ascii_only = sys.argv[1:]
    rows = ACME + tuple(mailbox(i, f"box {i}", i % 90) for i in range(7, int(many) + 1))
    stage = Stage(rows[: int(many)], StillClock())
    threading.Thread(target=serve, args=(stage, int(commands), int(answers)), daemon=True).start()
    with tempfile.TemporaryDirectory() as home:
        return _shown(stage, Path(home), style, ascii_only)


def _shown(stage: Stage, home: Path, style: str, ascii_only: str) -> int:
    editing = Config(home / "config.xml", text=default_text()).editing
    told = scene(stage, style=style, hosting=True, editing=editing)
    app = KanaApp(evolve(told, glyphs=ASCII if ascii_only == "ascii" else UNICODE))
    with Ends(0) as ends:
        ends.ask = app.leave_soon
        left = app.run(mouse=False)
        if (code := ends.exit_code()) is not None:
            return code
    if app.crashed is not None:
        sys.stderr.write(f"crashed: {type(app.crashed).__name__}\n")
        return 1
    return 10 if left is Leaving.LEAVE_RUNNING else 0


if __name__ == "__main__":
    sys.exit(main())
