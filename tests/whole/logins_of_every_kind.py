"""Mailboxes of all ten types, each with the right secret and with a wrong one: all canaries.

`log_in_everywhere` has the program do with them whatever it does with secrets,
at the most verbose log level, and hands over all that it said and wrote.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import define, field

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields.oauth import Grant, OAuthFields
from kana_tui.domain.secret import Secret
from tests.servers.authorization import CLIENT_ID, Authorization
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer
from tests.servers.smtp_logins import USER
from tests.tui.terminal import Terminal
from tests.whole.canaries import Canaries
from tests.whole.mailbox_form import FormOnTerminal
from tests.whole.program import Program
from tests.whole.standing import is_live, wait_until

DEBUG: Final = ("--log-level", "debug")
PUBLIC: Final = {"client_id", "grant_type", "redirect_uri", "scope"}
BY_PASSWORD: Final = tuple(one for one in AuthType if not one.traits.oauth)
BY_GRANT: Final = {
    AuthType.M365_IMAP: Grant.CLIENT_CREDENTIALS,
    AuthType.M365_POP3: Grant.DEVICE_CODE,
    AuthType.GOOGLE_IMAP: Grant.AUTHORIZATION_CODE,
    AuthType.GOOGLE_POP3: Grant.SERVICE_ACCOUNT,
}
CONFIG: Final = """\
<kana-tui version="1">
  <receivers poll-interval="1"><receiver name="r1" priority="low"/></receivers>
  <watermarks low="1" high="2" alert-email="ops@acme.test"/>
  <sender server="127.0.0.1" port="{port}" tls="none" user="{user}" from="kana@acme.test"/>
</kana-tui>
"""
FAULTY: Final = """
import sys
from kana_tui.cli.root import run_command
from kana_tui.mail import source
from kana_tui.store.mailboxes import SqlMailboxes

def fault(account, *more):
    held = account.secret.reveal()
    raise RuntimeError(f"a fault of ours with {held} and {held.encode()!r}")

async def fault_too(self, mailbox_id, if_version, edit, actor):
    raise RuntimeError(" ".join(s.reveal() for s in edit.secrets.values() if s is not None))

source.imap_session = source.pop3_session = fault
SqlMailboxes.edit = fault_too
sys.exit(run_command(sys.argv[1:]))
"""
"""The program with faults that carry secrets: in a login, and in the edit of a mailbox."""
BATCH: Final = """
import io, json, sys
from kana_tui.cli.root import run_command

codes = []
for arguments, text in json.load(sys.stdin):
    sys.stdin = io.StringIO(text)
    codes.append(run_command(arguments))
print()
print(json.dumps(codes))
"""
"""Many commands one after the other in one process: most of a short command is Python's start."""

Command = tuple[Sequence[str], str]
"""Arguments and standard input."""


@define
class World:
    program: Program
    dovecot: Dovecot
    authorization: Authorization
    smtp: SmtpServer
    canaries: Canaries = field(factory=Canaries)
    said: dict[str, bytes] = field(factory=dict)
    """By what it was said: standard output and error, the terminal, a process's environment."""

    def run(self, *arguments: str, text: str = "", faulty: bool = False) -> int:
        words = [*self._words(faulty), *DEBUG, *arguments]
        done = subprocess.run(
            words, input=text.encode(), capture_output=True, timeout=300, check=False
        )
        self._hear(" ".join(arguments[:3]), done.stdout + done.stderr)
        return done.returncode

    def run_all(self, what: str, commands: Sequence[Command]) -> list[int]:
        """The exit code of each."""
        given = [([*self._home, *DEBUG, *arguments], text) for arguments, text in commands]
        done = subprocess.run(
            [sys.executable, "-c", BATCH],
            input=json.dumps(given).encode(),
            capture_output=True,
            timeout=300,
            check=False,
        )
        self._hear(what, done.stdout + done.stderr)
        codes: list[int] = json.loads(done.stdout.splitlines()[-1])
        return codes

    @property
    def _home(self) -> list[str]:
        return ["--home", str(self.program.home)]

    def _words(self, faulty: bool) -> list[str]:
        return [sys.executable, "-c", FAULTY, *self._home] if faulty else self.program.arguments

    def _hear(self, what: str, text: bytes) -> None:
        self.said[what] = self.said.get(what, b"") + text

    def adding(
        self, name: str, auth_type: AuthType, user: str, secrets: dict[str, str], *more: str
    ) -> Command:
        given = [
            *(f"name={name}", f"email_address={name}@acme.test", f"auth_type={auth_type}"),
            *("server=localhost", f"port={self.dovecot.port(auth_type)}", f"user={user}"),
            *(f"tls_ca_file={self.dovecot.ca_file}", "timeout_s=10", *more),
        ]
        words = [word for one in given for word in ("--set", one)]
        words += [word for key in secrets for word in ("--secret", key)]
        text = "".join(f"{secret}\n" for secret in secrets.values())
        return ["mailbox", "add", *words, "--json"], text

    def take_private(self) -> None:
        """What was sent to the authorization server, and the tokens that it gave."""
        for number, form in enumerate(self.authorization.forms):
            for key in form.keys() - PUBLIC:
                if len(form[key]) > 7:  # else it is nobody's secret
                    self.canaries.add(f"{key} of request {number}", form[key])
        for number, token in enumerate(self.dovecot.tokens._users):
            self.canaries.add(f"access token {number}", token)
        for number, token in enumerate(self.authorization._refresh):
            self.canaries.add(f"refresh token {number}", token)

    # What is done

    def add(self) -> None:
        commands = [*self.passwords(), *self.grants(), *self.smtp_passwords()]
        codes = self.run_all("mailbox add", commands)
        assert codes == [0] * len(commands), self.said

    def passwords(self) -> Iterator[Command]:
        for auth_type in BY_PASSWORD:
            right = self.canaries.make(f"password-{auth_type}")
            user = self.dovecot.user(password=right)
            self.dovecot.deliver(user, *[b"From: a@x.test\nSubject: hi\n\nbody\n"] * 3)
            yield self.adding(str(auth_type), auth_type, user, {"password": right})
            wrong = self.canaries.make(f"wrong-{auth_type}")
            yield self.adding(f"{auth_type}-wrong", auth_type, f"{user}x", {"password": wrong})

    def grants(self) -> Iterator[Command]:
        server = self.authorization
        right = self.canaries.make("client-secret")
        server.client_secret, server.repeats = Secret(right), True
        for auth_type, grant in BY_GRANT.items():
            microsoft = "m365" in auth_type.value
            fields = server.microsoft(grant) if microsoft else server.google(grant)
            for name, secret in (("", right), ("-wrong", self.canaries.make(f"w-{auth_type}"))):
                secrets = {"client_secret": secret}
                user = self.dovecot.user()
                if grant is Grant.SERVICE_ACCOUNT:
                    user = f"{auth_type}{name}@acme.test"
                    self.dovecot.user(user.partition("@")[0])
                    key = server.foreign_key() if name else server.service_account_key()
                    self._learn_key(f"key of {auth_type}{name}", key.reveal())
                    secrets["service_account_key"] = json.dumps(json.loads(key.reveal()))
                more = _oauth(fields)
                yield self.adding(f"{auth_type}{name}", auth_type, user, secrets, *more)

    def _learn_key(self, name: str, document: str) -> None:
        body = "".join(json.loads(document)["private_key"].splitlines()[3:9])
        self.canaries.add(name, body[:60])
        self.canaries.add(f"middle of the {name}", body[100:160])

    def smtp_passwords(self) -> Iterator[Command]:
        right, wrong = self.canaries.make("smtp-password"), self.canaries.make("wrong-smtp")
        self.smtp.password = right
        own = (
            *("smtp_server=127.0.0.1", f"smtp_port={self.smtp.port}"),
            *("smtp_auth=yes", f"smtp_user={USER}"),
        )
        for name, secret in (("smtp", right), ("smtp-wrong", wrong)):
            password = self.canaries.make(f"password-{name}")
            user = self.dovecot.user(password=password)
            secrets = {"password": password, "smtp_password": secret}
            yield self.adding(name, AuthType.IMAP, user, secrets, *own)
        yield ["config", "set", "--secret", "sender-password"], f"{right}\n"

    def sign_in(self) -> None:
        """A device's code, typed by somebody; a browser's address, pasted."""
        server = self.authorization
        for name in ("m365_pop3", "m365_pop3-wrong"):
            with self._authorizing(name) as heard:
                wait_until(lambda heard=heard: _ends(heard) or bool(_code(heard())), "the code")  # type: ignore[misc]
                if code := _code(heard()):
                    server.approve(code, "application")
        for name in ("google_imap", "google_imap-wrong"):
            with self._authorizing(name) as heard:
                wait_until(lambda heard=heard: _ends(heard) or bool(_url(heard())), "a page")  # type: ignore[misc]
                if url := _url(heard()):
                    redirected = server.browse(url, "application")
                    self.canaries.add(f"redirect of {name}", redirected.partition("code=")[2])
                    heard.paste(f"{redirected}\n")

    @contextmanager
    def _authorizing(self, name: str) -> Iterator[Any]:
        words = [*self.program.arguments, *DEBUG, "mailbox", "authorize", name]
        process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        heard = _Heard(process)
        try:
            yield heard
            process.wait(60)
        finally:
            process.kill()
            heard.close()
            self._hear("mailbox authorize", heard().encode())

    def work(self) -> None:
        """An engine, one pass and standing; what it was started with and its environment."""
        assert self.run("run", "--once") == 0
        engine = self.program.start(*DEBUG, "run", stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: is_live(self.program), "the engine to begin")
            for part in ("cmdline", "environ"):
                self._hear(part, Path(f"/proc/{engine.pid}/{part}").read_bytes())
            self.run("mailbox", "now", "pop", "--wait", "--json")
            self.run("mailbox", "now", "imap-wrong", "--wait", "--json")
        finally:
            engine.terminate()
            engine.wait(30)

    def work_again(self) -> None:
        """With faults; then without, with a new key and an edited password."""
        self.run("run", "--once", faulty=True)
        assert self.run("run", "--once") == 0

    def ask(self) -> None:
        names = ("smtp", "smtp-wrong", "secure_pop", "exchange-wrong", "m365_imap-wrong")
        asked: list[Sequence[str]] = [
            *(("mailbox", ask, name, "--json") for name in names for ask in ("probe", "show")),
            ("status", "--json"),
            ("mailbox", "list", "--json"),
            ("config", "show"),
            ("secrets", "runway", "--json"),
            ("secrets", "runway"),
            ("check", "--json"),
            ("outbox", "list", "--json"),
            ("secrets", "rotate", "--json"),
        ]
        self.run_all("questions", [(words, "") for words in asked])

    def edit(self) -> None:
        good, bad = self.canaries.make("edited"), self.canaries.make("refused")
        edit = ("mailbox", "edit", "pop", "--secret", "password")
        assert self.run(*edit, "--json", text=f"{good}\n") == 0
        assert self.run(*edit, "--json", text=f"{bad}\0\n") == 2
        assert self.run(*edit, "--set", f"password={bad}") == 2
        faulty = self.canaries.make("faulty")
        assert self.run(*edit, text=f"{faulty}\n", faulty=True) == 1

    def look(self) -> None:
        """The screen: a secret is typed and saved."""
        typed = self.canaries.add("typed", f"typed-{os.urandom(8).hex()}")
        with Terminal([*self.program.arguments, *DEBUG], size=(100, 60)) as terminal:
            form = FormOnTerminal(self.program, terminal)
            terminal.wait_for("apop-wrong")
            terminal.press("/apop-wrong\r")
            form.open("e", "Edit apop-wrong")
            form.type("POP password", typed)
            form.save("1 field changed")
            self._hear("the terminal", bytes(terminal.written))


def _oauth(fields: OAuthFields) -> tuple[str, ...]:
    return (
        f"oauth_grant={fields.oauth_grant}",
        f"authorization_url={fields.authorization_url}",
        f"token_url={fields.token_url}",
        f"client_id={CLIENT_ID}",
    )


class _Heard:
    """What a process says, while it runs."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._lines: list[bytes] = []
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def __call__(self) -> str:
        return b"".join(self._lines).decode()

    def paste(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode())
        self.process.stdin.flush()

    def close(self) -> None:
        self._reader.join(30)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        self._lines.extend(iter(self.process.stdout.readline, b""))


def _ends(heard: _Heard) -> bool:
    return heard.process.poll() is not None


def _code(told: str) -> str | None:
    found = re.search(r"type +(\S+)", told)
    return found[1] if found else None


def _url(told: str) -> str | None:
    found = re.search(r"^(http\S+)$", told, re.MULTILINE)
    return found[1] if found else None


def log_in_everywhere(world: World) -> None:
    config = world.program.home / "config.xml"
    config.write_text(CONFIG.format(port=world.smtp.port, user=USER))
    steps: tuple[Callable[[], None], ...] = (
        *(world.add, world.sign_in, world.work, world.ask, world.edit),
        *(world.work_again, world.look, world.take_private),
    )
    for step in steps:
        step()
