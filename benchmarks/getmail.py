"""getmail6, installed and run as its users do: into a Maildir, deleting on the server."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import frozen

from benchmarks.mailbox import FullMailbox
from benchmarks.timed import seconds

REQUIREMENT: Final = "getmail6==6.20"
RETRIEVERS: Final = {"pop": "SimplePOP3Retriever", "imap": "SimpleIMAPRetriever"}

OWNER: Final = "nobody"
"""getmail does not deliver as root. It forks for each delivery whoever delivers: no handicap."""

CONFIG: Final = """\
[retriever]
type = {retriever}
server = 127.0.0.1
port = {port}
username = {user}
password = {password}

[destination]
type = Maildir
path = {maildir}/
user = {owner}

[options]
delete = true
verbose = 0
"""


@frozen
class Getmail:
    """A getmail in an environment of its own."""

    program: Path

    @classmethod
    @contextmanager
    def installed(cls) -> Iterator[Getmail]:
        with tempfile.TemporaryDirectory(prefix="getmail-bench-") as folder:
            venv.create(folder, with_pip=True, symlinks=True)
            binaries = Path(folder) / "bin"
            quiet = ("--quiet", "--disable-pip-version-check")
            install = (binaries / "pip", "install", *quiet, REQUIREMENT)
            subprocess.run(install, check=True, stdout=sys.stderr)
            yield cls(binaries / "getmail")

    @property
    def version(self) -> str:
        told = subprocess.run([self.program, "--version"], check=True, capture_output=True)
        return told.stdout.decode().split()[-1]

    def download_s(self, mailbox: FullMailbox, protocol: str) -> float:
        """How long the command takes to download and delete all of it."""
        with tempfile.TemporaryDirectory(prefix="getmail-bench-") as folder:
            home = Path(folder)
            maildir = home / "mail"
            for part in ("", "cur", "new", "tmp"):
                (maildir / part).mkdir()
                shutil.chown(maildir / part, OWNER)
            home.chmod(0o755)
            (home / "getmailrc").write_text(
                CONFIG.format(
                    retriever=RETRIEVERS[protocol],
                    port=mailbox.server.ports[protocol],
                    user=mailbox.user,
                    password=mailbox.password,
                    maildir=maildir,
                    owner=OWNER,
                )
            )
            taken_s = seconds([self.program, "--getmaildir", home, "--rcfile", "getmailrc"])
            mailbox.check("getmail", len(list((maildir / "new").iterdir())))
            return taken_s
