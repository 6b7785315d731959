"""However a command ends, its exit code, and what is said of it on standard error."""

from __future__ import annotations

import traceback
from typing import Final

import click

from kana_tui.cli.output import print_error
from kana_tui.cli.streams import abandon_output
from kana_tui.domain.errors import InvalidValueError, KanaError

READER_GONE: Final = 141
INTERRUPTED: Final = 130


def ended_by(error: BaseException, *, as_json: bool, debug: bool) -> int:
    """The exit code of a command that `error` has ended; it is told where there is a reader."""
    match error:
        case KanaError():
            print_error(error, as_json=as_json)
            code = error.exit_code
        case click.ClickException():
            code = _usage(error, as_json=as_json)
        case click.Abort() | KeyboardInterrupt():
            code = INTERRUPTED
        case SystemExit(code=int(code)) if code != 1:
            pass
        case BrokenPipeError() | SystemExit(code=1):
            # Click turns a broken pipe into exit code 1, which here means that the answer is bad.
            abandon_output()
            code = READER_GONE
        case _:
            code = _fault(error, as_json=as_json, debug=debug)
    return code


def _usage(error: click.ClickException, *, as_json: bool) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return error.exit_code
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "kana-tui"
    message = error.format_message().replace("\n", " ")
    print_error(InvalidValueError(message, hint=f"{command} --help tells more."), as_json=as_json)
    return error.exit_code


def _fault(error: BaseException, *, as_json: bool, debug: bool) -> int:
    """What no command foresaw. The traceback, on request, shows code and no values."""
    if debug:
        traceback.print_tb(error.__traceback__)
    told = KanaError(
        f"A fault in this program ended the command ({type(error).__name__}).",
        hint="With --log-level debug before the command it tells where.",
    )
    print_error(told, as_json=as_json)
    return told.exit_code
