"""An engine that gets SIGKILL when config.xml is written and nothing is recorded yet."""

from __future__ import annotations

import signal
import subprocess
import sys

from tests.whole.program import Program
from tests.whole.standing import standing, wait_until
from tests.whole.test_config_set import audited, config, orders
from tests.whole.test_receivers import CONFIG, receivers

ENGINE_THAT_DIES = """
import os, signal, sys
from kana_tui.cli.root import run_command
from kana_tui.store.node_settings import SqlNodeSettings

async def record(*_arguments, **_named):
    os.kill(os.getpid(), signal.SIGKILL)

SqlNodeSettings.record = record
sys.exit(run_command(["--home", sys.argv[1], "run"]))
"""


def test_what_it_wrote_is_audited_by_the_next_one_and_the_order_is_done(program: Program) -> None:
    (program.home / "config.xml").write_text(CONFIG)
    with standing(program):
        program.good("receiver", "stop", "r3", "--wait")
    dying = subprocess.Popen([sys.executable, "-c", ENGINE_THAT_DIES, str(program.home)])
    try:
        wait_until(lambda: receivers(program)["r1"]["state"] == "running", "the engine to begin")
        asked = program.start("config", "set", "receiver.r3.name=night", "--add-receiver", "r4=low")
        try:
            assert dying.wait(60) == -signal.SIGKILL
            assert 'name="night"' in config(program)
            assert audited(program) == []
            with standing(program):
                wait_until(
                    lambda: [state for _, state, _ in orders(program)] == ["done", "done"],
                    "the order to be done",
                )
                assert asked.wait(60) == 0
                assert receivers(program)["night"]["state"] == "stopped"
        finally:
            asked.kill()
            asked.wait()
    finally:
        dying.kill()
        dying.wait()
    assert [row[1:] for row in audited(program)] == [
        ("receiver.r3.name", "r3", "night"),
        ("receiver.r4.priority", None, "low"),
    ]


def test_without_an_engine_the_next_change_settles_what_a_killed_one_wrote(
    program: Program,
) -> None:
    (program.home / "config.xml").write_text(CONFIG)
    program.good("status")
    script = ENGINE_THAT_DIES.replace('"run"', '"config", "set", "receivers.poll-interval=7"')
    died = subprocess.run(
        [sys.executable, "-c", script, str(program.home)], check=False, timeout=60
    )
    assert died.returncode == -signal.SIGKILL
    assert 'poll-interval="7"' in config(program)
    assert audited(program) == []
    program.good("config", "set", "receivers.connections=3")
    assert [row[1:] for row in audited(program)] == [
        ("receivers.poll-interval", "1", "7"),
        ("receivers.connections", "4", "3"),
    ]
