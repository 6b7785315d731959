"""The program as its users run it: a process with a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from tests.servers.dovecot import PASSWORD, Dovecot

CONFIG: Final = """\
<kana-tui version="1">
  <receivers poll-interval="{poll_interval}">
    <receiver name="r1" priority="{priority}"/>
  </receivers>
  <watermarks low="{low}" high="{high}"/>
</kana-tui>
"""


@frozen
class Program:
    """`kana-tui --home HOME`."""

    home: Path

    def configure(
        self, *, poll_interval: int = 1, priority: str = "low", low: int = 100, high: int = 500
    ) -> None:
        """Write a config.xml with one receiver."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.home / "config.xml"
        path.write_text(
            CONFIG.format(poll_interval=poll_interval, priority=priority, low=low, high=high)
        )
        path.chmod(0o600)

    @property
    def arguments(self) -> list[str]:
        return [sys.executable, "-m", "kana_tui", "--home", str(self.home)]

    def run(
        self, *arguments: str, text: str = "", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, whatever its exit code."""
        return subprocess.run(
            [*self.arguments, *arguments],
            input=text,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env={**os.environ, **(env or {})},
        )

    def good(self, *arguments: str, text: str = "") -> str:
        """Standard output of a command that must succeed."""
        done = self.run(*arguments, text=text)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *arguments: str, text: str = "") -> Any:
        """The document of a command that must succeed."""
        return json.loads(self.good(*arguments, "--json", text=text))

    def start(self, *arguments: str, **popen: Any) -> subprocess.Popen[bytes]:
        """Start a command and do not wait for it."""
        silent = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        return subprocess.Popen([*self.arguments, *arguments], **{**silent, **popen})

    def add_mailbox(
        self,
        server: Dovecot,
        auth_type: str,
        user: str,
        *assignments: str,
        password: str = PASSWORD,
    ) -> Any:
        """Add a mailbox of `user` on `server`; its document."""
        given = [
            f"name={user}",
            f"email_address={user}@example.com",
            f"auth_type={auth_type}",
            "server=localhost",
            f"port={server.ports[auth_type]}",
            f"user={user}",
            f"tls_ca_file={server.ca_file}",
            *assignments,
        ]
        sets = [word for one in given for word in ("--set", one)]
        return self.json("mailbox", "add", *sets, "--secret", "password", text=f"{password}\n")

    def exported(self, mailbox: str, folder: Path) -> list[bytes]:
        """The raw bytes of every stored message of a mailbox, by ID."""
        self.good("message", "export", "--mailbox", mailbox, "--to", str(folder))
        files = sorted(folder.glob("*.eml"), key=lambda file: int(file.stem))
        return [file.read_bytes() for file in files]
