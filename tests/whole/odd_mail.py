"""Messages as they really come: odd bytes, odd headers, odd sizes. All differ."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator

_ODD = (
    b"Subject: =?utf-8?q?caf=C3=A9?= {5}\n\nplain (body) {3}\n",
    b"Subject: no colon follows\nnot a header\n\n.dot\n..dots\n.\n",
    b"Subject: 8-bit \xe9\xff in a header\n\n8-bit \x80\xff body\n",
    b"\nno header at all\n",
    b"From nobody Tue Nov 24 12:00:00 2026\nSubject: mbox line\n\nFrom the start\n",
    b"Subject: bare CR \r in it\n\none\rtwo\rthree\n",
    b"Subject: escapes \x1b[31m \x07\n\n\x1b]0;title\x07 \x9b31m\n",
    b"Subject: long line\n\n" + b"x" * 20_000 + b"\n",
    b"Subject: mixed ends\r\nX-A: 1\n\r\nwindows\r\nunix\n",
    b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\nnever closed\n',
    b"Subject: a\n folded\n\tmore\n\n\n\n\nblank lines\n\n\n",
)


def odd_messages(count: int, seed: int) -> Iterator[bytes]:
    """So many messages of 100 bytes to 12 KB; the odd ones of the table among them."""
    chance = random.Random(seed)
    for number in range(count):
        head = f"Message-ID: <{seed}.{number}@example.com>\n".encode()
        if number % 4 == 0:
            yield head + _ODD[number // 4 % len(_ODD)]
            continue
        body = base64.encodebytes(chance.randbytes(chance.choice((40, 400, 3_000, 9_000))))
        subject = f"From: Ann <ann@example.com>\nSubject: Message {number} of {seed}\n\n"
        yield head + subject.encode() + body
