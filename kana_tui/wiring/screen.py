"""The screen's program: home, engine, feed and board put together."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from kana_tui.domain.errors import InvalidSettingsError, KanaError
from kana_tui.domain.operators import role_of
from kana_tui.engine.lock import engine_lives
from kana_tui.services.overview import Snapshot
from kana_tui.wiring.clock import SystemClock
from kana_tui.wiring.command import message_reader
from kana_tui.wiring.home import Home, open_home
from kana_tui.wiring.hosting import EngineKeeper, HostedEngine
from kana_tui.wiring.invocation import Invocation
from kana_tui.wiring.log import start_log
from kana_tui.wiring.probing import probing_on
from kana_tui.wiring.runway import held_on
from kana_tui.wiring.screen_store import ScreenStore
from kana_tui.wiring.signing_in import signing_in_on
from kana_tui.wiring.store_source import StoreOpener

if TYPE_CHECKING:
    from kana_tui.domain.secret import SecretMark
    from kana_tui.domain.settings import Settings
    from kana_tui.services.reading import Readable
    from kana_tui.services.settings_editing import SettingsEditing, SettingsForm
    from kana_tui.tui.leaving import Leaving
    from kana_tui.tui.scene import Scene

STYLE_VARIABLE: Final = "KANA_TUI_STYLE"
Story = Callable[[Snapshot], str]


def run_screen(invocation: Invocation, *, story: Story | None = None) -> int:
    """Show the board until it is left; the exit code, 128+n after a signal.

    An engine is hosted unless one lives on this host. A `story` belongs to a
    demo: its engine never outlives the screen.
    """
    home = open_home(invocation)
    start_log(home.places.logs / "screen.log", home.log_level, home.redactor, echo=False)
    _prepare_textual()
    from kana_tui.tui.app import KanaApp  # noqa: PLC0415  # reads its environment when imported
    from kana_tui.tui.ends import Ends  # noqa: PLC0415

    keeper = _keeper(invocation, home)
    desk = ScreenStore(home)
    app = KanaApp(_scene(invocation, home, keeper, desk, story))
    left: Leaving | None = None
    with Ends(sys.stdin.fileno()) as ends:
        if (code := ends.exit_code()) is not None:
            return code
        ends.ask = app.leave_soon
        keeper.begin()
        try:
            left = app.run(mouse=invocation.mouse)
        finally:
            desk.close()
            engine = keeper.end()
            if left is None and engine is not None:
                engine.let_go()  # nobody is there to wait for it
    if (code := ends.exit_code()) is not None:
        return code
    if app.crashed is not None:
        raise _crash(app.crashed, home)
    _part(engine, left)
    return 0


def _prepare_textual() -> None:
    """What Textual reads from the environment while it is imported."""
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    if "SSH_CONNECTION" in os.environ:
        os.environ.setdefault("ESCDELAY", "500")
    if os.environ.get("TERM") == "linux":
        os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")


def _scene(
    invocation: Invocation,
    home: Home,
    keeper: EngineKeeper,
    desk: ScreenStore,
    story: Story | None,
) -> Scene:
    from kana_tui.tui.glyphs import ASCII, UNICODE, needs_ascii  # noqa: PLC0415
    from kana_tui.tui.scene import Scene  # noqa: PLC0415
    from kana_tui.tui.styles import COLOURLESS, DEFAULT, palette  # noqa: PLC0415

    style = os.environ.get(STYLE_VARIABLE) or DEFAULT
    return Scene(
        actor=invocation.actor,
        open_source=StoreOpener(home),
        desk=desk,
        clock=SystemClock(),
        host=keeper,
        glyphs=ASCII if invocation.ascii or needs_ascii(os.environ) else UNICODE,
        palette=palette(COLOURLESS if "NO_COLOR" in os.environ else style),
        config=home.places.config,
        log=home.places.logs / "screen.log",
        read_message=_read_message,
        ca_files=_CaFilesOfThisHost(),
        editing=_editing(home),
        sign_in=partial(signing_in_on, home),
        probing=partial(probing_on, home),
        runway=partial(held_on, home),
        settings=lambda: home.settings,
        read_only=invocation.read_only,
        at=invocation.at,
        story=story,
        may_leave_running=story is None,
        clipboard=os.environ.get("TERM") != "linux",
        every_s=2.0 if "SSH_CONNECTION" in os.environ else 1.0,
        role=lambda: role_of(home.settings.operators, invocation.operator),
        trouble=lambda: told(home.live.problem),
    )


def _editing(home: Home) -> SettingsEditing:
    from kana_tui.services.settings_editing import SettingsEditing  # noqa: PLC0415

    return SettingsEditing(
        home.settings_file, _settings_form, lambda: engine_lives(home.places.engine_lock)
    )


def _settings_form(settings: Settings, password: SecretMark | None) -> SettingsForm:
    from kana_tui.settings.settings_form import ConfigForm  # noqa: PLC0415  # when it is opened

    return ConfigForm(settings, password)


def _read_message(raw: bytes) -> Readable:
    return message_reader()(raw)  # loaded where it is needed first, in the reader's thread


class _CaFilesOfThisHost:
    """Loaded where one is looked at first, in the desk's thread."""

    async def problem(self, path: str) -> str | None:
        from kana_tui.mail.ca_files import DiskCaFiles  # noqa: PLC0415

        return await DiskCaFiles().problem(path)


def _keeper(invocation: Invocation, home: Home) -> EngineKeeper:
    def start() -> HostedEngine:
        return HostedEngine.start(
            _home_options(invocation),
            invocation.actor.operator,
            home.places.logs / "engine.log",
        )

    return EngineKeeper(start, lambda: engine_lives(home.places.engine_lock), SystemClock())


def _home_options(invocation: Invocation) -> list[str]:
    """The options by which another process finds the same home."""
    options: list[str] = ["--log-level", invocation.log_level]
    if invocation.home is not None:
        options += ["--home", str(invocation.home)]
    if invocation.config is not None:
        options += ["--config", str(invocation.config)]
    return options


def _part(engine: HostedEngine | None, left: Leaving | None) -> None:
    """Stop the engine hosted here, or let it run, as was chosen."""
    from kana_tui.tui.leaving import Leaving  # noqa: PLC0415

    if engine is None:
        return
    if left is Leaving.LEAVE_RUNNING:
        engine.leave()
        return
    sys.stderr.write("The engine finishes what it has in hand, within 10 seconds.\n")
    engine.stop()


def _crash(error: BaseException, home: Home) -> KanaError:
    return KanaError(
        f"The screen ended by an error of its own ({type(error).__name__}).",
        hint=f"The log tells more: {home.places.logs / 'screen.log'}",
    )


def told(problem: KanaError | None) -> str | None:
    """What is wrong with config.xml, of several mistakes the first: there is one line for it."""
    if problem is None:
        return None
    if not isinstance(problem, InvalidSettingsError):
        return f"config.xml: {problem.message}"
    first, *more = problem.problems
    return f"config.xml: {first}" + (f" ({len(more)} more)" if more else "")
