"""`mailbox authorize`: somebody signs in for a mailbox that logs in by OAuth."""

from __future__ import annotations

import asyncio
import sys
from typing import Any, Final

import click

from kana_tui.cli.invocation import json_option, permit, with_invocation
from kana_tui.cli.output import print_json, prompt, say
from kana_tui.domain.errors import InvalidValueError
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.settings import Role
from kana_tui.domain.times import rfc3339, rfc3339_or_none
from kana_tui.ports.tokens import TokenError
from kana_tui.services.signing_in import BrowserSignIn, CodeSignIn, Proven, typed
from kana_tui.wiring.command import administration
from kana_tui.wiring.invocation import Invocation
from kana_tui.wiring.signing_in import opened_signing_in

REFUSED, GOOD = 1, 0
LONGEST: Final = 16_384
"""Characters of a pasted address; codes of 2,000 are seen."""

EXAMPLES: Final = """
\b
Examples:
  kana-tui mailbox authorize support          shows what to open, and what to do there
  kana-tui mailbox authorize support --json   one document at the end; the rest on standard error
"""


@click.command("authorize", epilog=EXAMPLES)
@click.argument("mailbox")
@json_option
@with_invocation
def authorize(invocation: Invocation, mailbox: str, *, as_json: bool) -> int:
    """Sign in for a mailbox that logs in by OAuth, and prove it.

    By the mailbox's grant: device_code shows an address and a code to type
    there, and waits; authorization_code shows an address, and reads the one
    that the browser ends at, as one line of standard input that is not shown;
    for client_credentials and service_account nobody signs in, and a token is
    asked for at once. Ctrl+C leaves everything as it was.

    Exit 1: the authorization server refused, or the code has ended. Exit 2: the
    mailbox logs in by a password, or what was pasted is not the address.
    """
    permit(invocation, Role.ADMIN)
    found = asyncio.run(_found(invocation, mailbox))
    try:
        proven = _signed_in(invocation, found)
    except TokenError as error:
        if not as_json:
            raise
        print_json(_document(found, error=error))
        return REFUSED
    if as_json:
        print_json(_document(found, proven=proven))
    else:
        say(str(proven))
    return GOOD


def _signed_in(invocation: Invocation, mailbox: Mailbox) -> Proven:
    match asyncio.run(_begun(invocation, mailbox)):
        case CodeSignIn() as code:
            _tell_code(code)
            return asyncio.run(_typed(invocation, code))
        case BrowserSignIn() as browser:
            _tell_page(browser)
            return asyncio.run(_redeemed(invocation, browser, _pasted()))
        case Proven() as proven:
            return proven


async def _found(invocation: Invocation, reference: str) -> Mailbox:
    async with administration(invocation) as mailboxes:
        return (await mailboxes.find(reference)).mailbox


async def _begun(invocation: Invocation, mailbox: Mailbox) -> CodeSignIn | BrowserSignIn | Proven:
    async with opened_signing_in(invocation) as use:
        return await use.begin(mailbox.id)


async def _typed(invocation: Invocation, code: CodeSignIn) -> Proven:
    async with opened_signing_in(invocation) as use:
        return await use.keep(code, await typed(code, use.look), invocation.actor)


async def _redeemed(invocation: Invocation, browser: BrowserSignIn, pasted: str) -> Proven:
    async with opened_signing_in(invocation) as use:
        return await use.keep(browser, await use.redeem(browser, pasted), invocation.actor)


def _tell_code(code: CodeSignIn) -> None:
    prompt(f"To sign in for {code.mailbox.name}:")
    prompt(f"  open     {code.prompt.verification_url}")
    prompt(f"  type     {code.prompt.user_code}")
    prompt(f"  sign in  as {code.credential.user}")
    minutes = round(code.prompt.lasts_s / 60)
    prompt(f"The code lasts {minutes} min. Ctrl+C gives up, and leaves everything as it was.")


def _tell_page(browser: BrowserSignIn) -> None:
    prompt(f"To sign in for {browser.mailbox.name}, as {browser.credential.user}, open:")
    prompt(browser.prompt.url)
    prompt(
        "The browser ends at an address that begins with "
        f"{browser.prompt.redirect_url}; that it shows no page there does not matter."
    )


def _pasted() -> str:
    """The next line of standard input; typed unseen on a terminal. InvalidValueError at its end."""
    if sys.stdin.isatty():
        asked = "Paste that address (it is not shown), Enter"
        return str(click.prompt(asked, hide_input=True, default="", show_default=False, err=True))
    try:
        line = sys.stdin.readline(LONGEST)
    except UnicodeDecodeError as error:
        raise InvalidValueError("Standard input is not UTF-8 text.") from error
    if not line:
        raise InvalidValueError(
            "Standard input ended before the address that the browser ends at was given.",
            hint="Run it on a terminal, or write the address to it as one line once it is known.",
        )
    return line


def _document(
    mailbox: Mailbox, *, proven: Proven | None = None, error: TokenError | None = None
) -> dict[str, Any]:
    return {
        "mailbox": mailbox.name,
        "ok": proven is not None,
        "grant": mailbox.oauth.oauth_grant.value,
        "ends_at": None if proven is None else rfc3339(proven.ends_at),
        "signed_in_at": None if proven is None else rfc3339_or_none(proven.signed_in_at),
        "error": None if error is None else str(error),
    }
