"""The mailbox that everybody downloads: 1,000 messages of 4 KB on a real Dovecot."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from tests.servers.dovecot import PASSWORD, Dovecot, simple_messages

MESSAGES: Final = 1000
SIZE_BYTES: Final = 4096
PROTOCOLS: Final = {"pop": "POP3", "imap": "IMAP"}
"""Authentication types that are measured; TLS is in none of them."""


class VoidRunError(Exception):
    """A run that lost a message, or left one on the server: its figure would mean nothing."""


@frozen
class FullMailbox:
    """An account of its own on `server`; `count` messages wait in it."""

    server: Dovecot
    user: str
    count: int
    password: str = PASSWORD

    @classmethod
    def filled(cls, server: Dovecot, count: int = MESSAGES) -> FullMailbox:
        user = server.user()
        server.deliver(user, *simple_messages(count, size=SIZE_BYTES))
        return cls(server, user, count)

    def check(self, who: str, stored: int) -> None:
        """VoidRunError unless all was stored and nothing was left."""
        left = self.server.count(self.user)
        if (stored, left) != (self.count, 0):
            message = f"{who} stored {stored} of {self.count} and left {left} on the server"
            raise VoidRunError(message)
