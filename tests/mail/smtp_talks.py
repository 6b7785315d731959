"""Scripted talks of SMTP servers: line by line, up to where the server stops."""

from __future__ import annotations

import ssl
from collections.abc import Sequence

from tests.servers.scripted import Peer, Talk

Step = tuple[bytes, bytes]
"""What the client's line begins with, and what is answered to it."""

GREETING = b"220 mx.test ESMTP\r\n"
OK = b"250 OK\r\n"
LEAVE = b"334 \r\n"
ADMITTED = b"235 2.7.0 Welcome\r\n"

ENVELOPE: Sequence[Step] = ((b"MAIL FROM:<kana@acme.test>", OK), (b"RCPT TO:<ops@acme.test>", OK))
DATA: Step = (b"DATA", b"354 Go ahead\r\n")


def ehlo(*extensions: bytes) -> Step:
    """Those that the server tells of; none: it has none."""
    lines = (b"mx.test", *extensions)
    return b"EHLO ", b"".join(b"250-%b\r\n" % line for line in lines[:-1]) + (
        b"250 %b\r\n" % lines[-1]
    )


def starttls(context: ssl.SSLContext | None) -> Sequence[Step | ssl.SSLContext]:
    """The upgrade; without `context` the server stops instead of the handshake."""
    upgrade: Step = (b"STARTTLS", b"220 Go ahead\r\n")
    return (
        (ehlo(b"STARTTLS"), upgrade)
        if context is None
        else (
            ehlo(b"STARTTLS"),
            upgrade,
            context,
        )
    )


def talk(
    *steps: Step | ssl.SSLContext,
    greeting: bytes = GREETING,
    ending: Talk = Peer.silence,
    said: list[bytes] | None = None,
) -> Talk:
    """A context among `steps` is a TLS handshake. `said`: gets the client's lines."""

    async def play(peer: Peer) -> None:
        await peer.send(greeting)
        for step in steps:
            if isinstance(step, ssl.SSLContext):
                await peer.start_tls(step)
                continue
            line = await peer.line()
            if said is not None:
                said.append(line)
            assert line.startswith(step[0]), f"the client said {line!r}, not {step[0]!r}"
            await peer.send(step[1])
        await ending(peer)

    return play


async def the_message(peer: Peer) -> None:
    """Take all of it, and say nothing."""
    while await peer.line() != b".":
        pass
    await peer.silence()


async def endless_answer(peer: Peer) -> None:
    await peer.line()
    await trickle(peer)


async def trickle(peer: Peer) -> None:
    """An answer that never ends."""
    while True:
        await peer.send(b"250-still here\r\n")
        await peer.pause(0.05)
