"""A mailbox that logs in by OAuth, and `mailbox authorize` beside a test."""

from __future__ import annotations

import queue
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from kana_tui.domain.fields.oauth import OAuthFields
from kana_tui.domain.secret import Secret
from tests.servers.authorization import CLIENT_SECRET
from tests.servers.dovecot import Dovecot
from tests.whole.program import Program

READ_WITHIN_S: Final = 60.0


def add(
    program: Program,
    dovecot: Dovecot,
    user: str,
    fields: OAuthFields,
    auth_type: str = "m365_imap",
    *,
    client_secret: Secret = CLIENT_SECRET,
    **secrets: Secret,
) -> None:
    port = dovecot.ports["secure_imap" if auth_type.endswith("imap") else "secure_pop"]
    given = [
        f"name={user}",
        f"email_address={user}@example.com",
        f"auth_type={auth_type}",
        "server=localhost",
        f"port={port}",
        f"user={user}",
        f"tls_ca_file={dovecot.ca_file}",
        f"oauth_grant={fields.oauth_grant}",
        f"authorization_url={fields.authorization_url}",
        f"token_url={fields.token_url}",
        f"client_id={fields.client_id}",
    ]
    sets = [word for one in given for word in ("--set", one)]
    all_secrets = {"client_secret": client_secret, **secrets}
    keys = [word for key in all_secrets for word in ("--secret", key)]
    text = "".join(f"{secret.reveal()}\n" for secret in all_secrets.values())
    program.json("mailbox", "add", *sets, *keys, text=text)


class Running:
    """A `mailbox authorize` whose standard error is read as it comes; standard input is a pipe."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.told: list[str] = []
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._lines.put(line)
        self._lines.put("")

    def line_with(self, pattern: str) -> str:
        """What the group of `pattern` matches in a line to come."""
        while True:
            line = self._lines.get(timeout=READ_WITHIN_S)
            assert line, f"it has ended: {''.join(self.told)}"
            self.told.append(line)
            if found := re.search(pattern, line):
                return found[1]

    def end(self, text: str | None = None) -> tuple[int, str, str]:
        """The exit code, standard output and all of standard error, once it was given `text`."""
        process = self.process
        assert process.stdin is not None
        assert process.stdout is not None
        if text is not None:
            process.stdin.write(text)
        process.stdin.close()
        out = process.stdout.read()
        code = process.wait(READ_WITHIN_S)
        while line := self._lines.get(timeout=READ_WITHIN_S):
            self.told.append(line)
        return code, out, "".join(self.told)


@contextmanager
def authorizing(program: Program, mailbox: str, *options: str) -> Iterator[Running]:
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [*program.arguments, "mailbox", "authorize", mailbox, *options],
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        text=True,
    )
    try:
        yield Running(process)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            assert stream is not None
            stream.close()
