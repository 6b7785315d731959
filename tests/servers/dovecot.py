"""A real Dovecot for tests: own configuration, ports and mail, no system file touched."""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from kana_tui.domain.authentication import AuthType, Protocol
from tests.servers import winbind
from tests.servers.certificates import Authority
from tests.servers.ports import free_ports, wait_until_open
from tests.servers.tokens import TokenServer, running_tokens

PASSWORD: Final = "correct horse"
PROTOCOLS: Final = ("pop", "secure_pop", "imap", "secure_imap")

CONFIG: Final = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
protocols = imap pop3
# The second one is an address that the certificate does not name.
listen = 127.0.0.1, 127.0.0.2
auth_mechanisms = plain login apop cram-md5 ntlm xoauth2
auth_use_winbind = yes
auth_winbind_helper_path = {folder}/winbind
auth_username_format = %Ln
auth_failure_delay = 0
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
mail_location = maildir:{folder}/mail/%n
mail_max_userip_connections = 1000
first_valid_uid = 1
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/own-token.conf
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/application-token.conf
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login apop cram-md5 ntlm
  args = scheme=PLAIN username_format=%n {folder}/users/%n
}}
userdb {{
  driver = passwd-file
  args = username_format=%n {folder}/users/%n
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {secure_imap}
    ssl = yes
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop}
  }}
  inet_listener pop3s {{
    port = {secure_pop}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service auth {{
  # The verifier of NTLM runs in it, with this Python.
  user = root
}}
service imap {{
  process_limit = 1000
}}
service pop3 {{
  process_limit = 1000
}}
"""

TOKENS: Final = """
introspection_mode = post
introspection_url = http://127.0.0.1:{port}/introspect
active_attribute = {attribute}
active_value = true
username_attribute = username
username_format = {user}
"""


class Dovecot:
    """A running Dovecot. `ports` by authentication type (see `port`); every user has `PASSWORD`.

    `tokens` hands out those of XOAUTH2: a user's own, and the application's.
    """

    def __init__(self, folder: Path, program: str, tokens: TokenServer) -> None:
        self.folder = folder
        self._program = program
        account = pwd.getpwnam("nobody")
        self._uid, self._gid = account.pw_uid, account.pw_gid
        self._group = _group_name(self._gid)
        self.authority = Authority(folder)
        self.ca_file = self.authority.ca_file
        cert, key = self.authority.issue("dovecot", ["localhost", "127.0.0.1", "::1"])
        self.ports = dict(zip(PROTOCOLS, free_ports(len(PROTOCOLS)), strict=True))
        self._users = 0
        self._delivered = 0
        (folder / "users").mkdir()
        (folder / "mail").mkdir()
        os.chown(folder / "mail", self._uid, self._gid)
        (folder / "dovecot.conf").write_text(
            CONFIG.format(
                folder=folder,
                cert=cert,
                key=key,
                user="nobody",
                group=self._group,
                **self.ports,
            )
        )
        self.tokens = tokens
        self._write_logins()
        self._process: subprocess.Popen[bytes] | None = None

    def _write_logins(self) -> None:
        # A format without the user's name in it makes all users equal.
        for name, attribute, user in (("own", "active", "%n"), ("application",) * 3):
            told = TOKENS.format(port=self.tokens.port, attribute=attribute, user=user)
            (self.folder / f"{name}-token.conf").write_text(told)
        helper = self.folder / "winbind"
        words = shlex.join([sys.executable, winbind.__file__, str(self.folder / "users")])
        helper.write_text(f"#!/bin/sh\nexec {words}\n")
        helper.chmod(0o755)

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self._program, "-F", "-c", str(self.folder / "dovecot.conf")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for port in self.ports.values():
            wait_until_open(port, self._process)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def port(self, auth_type: AuthType) -> int:
        """Where an account of that type is served."""
        traits = auth_type.traits
        name = "imap" if traits.protocol is Protocol.IMAP else "pop"
        return self.ports[f"secure_{name}" if traits.implicit_tls else name]

    def user(self, name: str | None = None, password: str = PASSWORD) -> str:
        """A new user with an empty mailbox; its name."""
        self._users += 1
        name = name or f"user{self._users}"
        home = self.folder / "mail" / name
        line = f"{name}:{{PLAIN}}{password}:{self._uid}:{self._gid}::{home}::\n"
        # A file each: Dovecot looks for changes of a file it knows once a second at most.
        (self.folder / "users" / name).write_text(line)
        for part in ("", "cur", "new", "tmp"):
            place = home / part
            place.mkdir(exist_ok=True)
            os.chown(place, self._uid, self._gid)
        return name

    def deliver(self, user: str, *messages: bytes) -> None:
        """Deliver, oldest first, as a delivery agent does: written to tmp/, moved to new/."""
        home = self.folder / "mail" / user
        for raw in messages:
            self._delivered += 1
            name = f"{1_700_000_000 + self._delivered}.M{self._delivered}.test"
            draft = home / "tmp" / name
            draft.write_bytes(raw)
            os.chown(draft, self._uid, self._gid)
            draft.rename(home / "new" / name)

    def count(self, user: str) -> int:
        """How many messages the mailbox holds on the server's disk."""
        home = self.folder / "mail" / user
        return sum(len(list((home / part).iterdir())) for part in ("new", "cur"))

    def stored(self, user: str) -> list[bytes]:
        """The messages on the server's disk, oldest first."""
        home = self.folder / "mail" / user
        files = [file for part in ("new", "cur") for file in (home / part).iterdir()]
        return [file.read_bytes() for file in sorted(files, key=lambda file: file.name)]


def crlf(raw: bytes) -> bytes:
    """A delivered message as the protocols hand it out: every line end CR LF."""
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def simple_messages(count: int, *, size: int = 1024) -> Iterable[bytes]:
    """Plain messages that all differ, of about `size` bytes."""
    for number in range(count):
        head = (
            f"From: Ann <ann{number}@example.com>\nTo: support@example.com\n"
            f"Subject: Message {number}\nMessage-ID: <{number}@example.com>\n"
            f"Date: Tue, 24 Nov 2026 12:{number % 60:02}:00 +0000\n\n"
        )
        line = f"Line of message {number}.\n"
        yield (head + line * max(1, (size - len(head)) // len(line))).encode()


@contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    """A Dovecot in a folder of its own, whose path is short: unix sockets lie in it."""
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None or os.geteuid() != 0:
        reason = "Dovecot and root are needed for this test (make servers)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="kd"))
    folder.chmod(0o755)
    with running_tokens() as tokens:
        server = Dovecot(folder, program, tokens)
        server.start()
        try:
            yield server
        finally:
            server.stop()
            shutil.rmtree(folder, ignore_errors=True)


def _group_name(gid: int) -> str:
    import grp  # noqa: PLC0415  # only here

    return grp.getgrgid(gid).gr_name


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
