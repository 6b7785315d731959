"""The root command: global options, lazily loaded commands, exit codes."""

from __future__ import annotations

import importlib
import io
import signal
import sys
from collections.abc import Mapping
from contextlib import nullcontext, redirect_stderr
from pathlib import Path
from typing import Any, Final

import click

from kana_tui import __version__

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "alert": ("kana_tui.cli.alert", "Open alerts, and whether their mail arrived."),
    "check": ("kana_tui.cli.check", "Whether config.xml, key, store and every login work."),
    "config": ("kana_tui.cli.config", "Show, validate or find config.xml."),
    "demo": ("kana_tui.cli.demo", "The screen on embedded mail servers with living traffic."),
    "ledger": ("kana_tui.cli.ledger", "Every message ever listed, accounted for."),
    "mailbox": ("kana_tui.cli.mailbox", "List, show, add, edit, delete and poll mailboxes."),
    "message": ("kana_tui.cli.message", "List, show and export stored messages."),
    "outbox": ("kana_tui.cli.outbox", "Mail on its way out."),
    "receiver": ("kana_tui.cli.receiver", "List, start, stop and poll receivers; priorities."),
    "run": ("kana_tui.cli.run", "The engine in the foreground."),
    "secrets": ("kana_tui.cli.secrets", "A new key for all secrets; when credentials end."),
    "status": ("kana_tui.cli.status", "Depths, levels, receivers and nodes."),
}
"""Name -> module with an attribute `command`, and the line that `--help` shows."""

EXIT_BY_SIGNAL: Final = {signal.SIGTERM: 143, signal.SIGHUP: 129}

EXAMPLES: Final = """
\b
Examples:
  kana-tui                               the screen
  kana-tui demo                          the screen on made-up mail
  kana-tui mailbox add --set name=Support --set email_address=support@example.com \\
           --set server=mail.example.com --set user=support --secret password
  kana-tui status --json                 for a script
  kana-tui run --once                    fetch everything, then end
"""


class LazyGroup(click.Group):
    """A group that imports a command's module when that command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # as click calls it
        return sorted(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002  # as click calls it
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


def _path(_context: click.Context, option: click.Parameter, given: str | None) -> Path | None:
    """An empty one is a variable that was not set, and not the working directory."""
    if given == "":
        raise click.BadParameter("a path is needed, and this one is empty.", param=option)
    return None if given is None else Path(given)


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="kana-tui")
@click.option("--home", callback=_path, help="Everything under this folder.")
@click.option("--config", callback=_path, help="This config.xml.")
@click.option("--operator", help="Who acts, where SSH forces the command.")
@click.option("--read-only", is_flag=True, help="Nothing can be changed from this screen.")
@click.option("--at", metavar="MAILBOX", help="Open the screen there.")
@click.option("--mouse", is_flag=True, help="Let the screen have the mouse.")
@click.option("--ascii", is_flag=True, help="Only ASCII on the screen.")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
)
@click.pass_context
def root(ctx: click.Context, /, **options: Any) -> None:
    """Live mailbox depths against their watermarks, and the mail intake behind them."""
    from kana_tui.wiring.invocation import Invocation  # noqa: PLC0415  # `--version` needs none

    ctx.obj = Invocation(**options)
    if ctx.invoked_subcommand is None:
        from kana_tui.cli.screen import show_screen  # noqa: PLC0415  # loads Textual

        ctx.exit(show_screen(ctx.obj))


def run_command(arguments: list[str]) -> int:
    """Run, and turn whatever ends the command into its exit code."""
    as_json = "--json" in arguments
    notes = io.StringIO()
    try:
        for number in EXIT_BY_SIGNAL:
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup has it ignored
                signal.signal(number, _leave)
        # Programs read standard error too: beside an error's document nothing else stands there.
        with redirect_stderr(notes) if as_json else nullcontext():
            result = root.main(args=arguments, prog_name="kana-tui", standalone_mode=False)
            sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001  # each has its exit code
        from kana_tui.cli.endings import ended_by  # noqa: PLC0415  # most commands end well

        return ended_by(error, as_json=as_json, debug="debug" in arguments)
    sys.stderr.write(notes.getvalue())
    return result if isinstance(result, int) else 0


def _leave(number: int, _frame: object) -> None:
    raise SystemExit(EXIT_BY_SIGNAL[signal.Signals(number)])
