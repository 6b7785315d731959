"""The demo's program: made-up mail on embedded servers, in a throw-away home."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import Final

from attrs import evolve

from kana_tui.demo.cast import Member, cast
from kana_tui.demo.connection import HOST
from kana_tui.demo.story import story
from kana_tui.demo.traffic import MEAN_PER_MIN
from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import UnreachableError
from kana_tui.domain.fields.draft import Draft
from kana_tui.domain.fields.incoming import AfterDownload
from kana_tui.secrets.key_file import CREDENTIALS_VARIABLE, KEY_FILE_VARIABLE
from kana_tui.services.overview import Snapshot
from kana_tui.wiring.command import administration, overview
from kana_tui.wiring.demo_servers import demo_servers, last_line
from kana_tui.wiring.hosting import HostedEngine
from kana_tui.wiring.invocation import Invocation

_LOOK_EACH_S: Final = 0.2

# Only r1 and r2: a receiver of low priority would serve the one low mailbox too,
# which the demo shows uncovered.
CONFIG: Final = """\
<kana-tui version="1">
  <receivers poll-interval="2">
    <receiver name="r1" priority="high"/>
    <receiver name="r2" priority="medium"/>
  </receivers>
  <watermarks low="100" high="500" alert-email="ops@acme.test"/>
  <sender server="{host}" port="{smtp}" tls="none" from="kana@acme.test"/>
</kana-tui>
"""


def run_headless(mailboxes: int, rate: float | None, seconds: int) -> Snapshot:
    """Run the engine on the demo for so long; everything as it stands then, still at work."""
    plain = Invocation(
        home=None,
        config=None,
        operator=None,
        read_only=False,
        at=None,
        mouse=False,
        ascii=False,
        log_level="info",
    )
    with _throw_away_home() as home:
        invocation = evolve(plain, home=home)
        with (
            _servers(invocation, home, mailboxes, rate),
            _engine(invocation, home) as engine,
        ):
            _let_run(engine, seconds, _engine_log(home))
            return overview(invocation)


def run_demo(invocation: Invocation, mailboxes: int, rate: float | None) -> int:
    """The screen on the demo; its exit code. The screen hosts the engine, as it always does."""
    from kana_tui.wiring.screen import run_screen  # noqa: PLC0415  # loads Textual

    with _throw_away_home() as home:
        staged = evolve(invocation, home=home, config=None)
        with _servers(staged, home, mailboxes, rate):
            return run_screen(staged, story=story)


@contextmanager
def _throw_away_home() -> Iterator[Path]:
    """An empty home, owner-only. The servers' process removes it too: it outlives a kill -9."""
    home = Path(tempfile.mkdtemp(prefix="kana-tui-demo-"))
    for variable in (KEY_FILE_VARIABLE, CREDENTIALS_VARIABLE):
        os.environ.pop(variable, None)  # its key is its own, and goes with it
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _servers(
    invocation: Invocation, home: Path, mailboxes: int, rate: float | None
) -> Iterator[None]:
    """The servers, and a mailbox for each of their accounts."""
    with demo_servers(mailboxes, rate or MEAN_PER_MIN, home) as ports:
        _write_settings(home / "config.xml", ports["smtp"])
        with redirect_stderr(io.StringIO()):  # nobody need know of a key that goes with its home
            asyncio.run(_add(invocation, cast(mailboxes), ports))
        yield


def _write_settings(path: Path, smtp_port: int) -> None:
    path.touch(mode=0o600)
    path.write_text(CONFIG.format(host=HOST, smtp=smtp_port), encoding="utf-8")


async def _add(invocation: Invocation, members: Sequence[Member], ports: Mapping[str, int]) -> None:
    async with administration(invocation) as mailboxes:
        for member in members:
            await mailboxes.add(_draft(member, ports), invocation.actor)


def _draft(member: Member, ports: Mapping[str, int]) -> Draft:
    values = {
        "name": member.name,
        "email_address": member.email_address,
        "priority": member.priority,
        "auth_type": member.auth_type,
        "server": HOST,
        "port": ports["imap" if member.auth_type is AuthType.IMAP else "pop3"],
        "user": member.user,
        "after_download": AfterDownload.KEEP if member.keep else AfterDownload.DELETE,
    }
    return Draft(values, {"password": member.mailbox_password})


@contextmanager
def _engine(invocation: Invocation, home: Path) -> Iterator[HostedEngine]:
    """The engine as a screen hosts it, in a process of its own."""
    operator = invocation.actor.operator
    engine = HostedEngine.start(["--home", str(home)], operator, _engine_log(home))
    try:
        yield engine
    finally:
        engine.stop()


def _let_run(engine: HostedEngine, seconds: float, log: Path) -> None:
    """Wait so long; UnreachableError if the engine ends meanwhile."""
    ends_at = time.monotonic() + seconds
    while (left_s := ends_at - time.monotonic()) > 0:
        if not engine.alive:
            raise UnreachableError("The demo's engine ended by itself.", hint=last_line(log))
        time.sleep(min(left_s, _LOOK_EACH_S))


def _engine_log(home: Path) -> Path:
    return home / "logs" / "engine.log"
