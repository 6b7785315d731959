"""The mailboxes of an address field, each as it is written (RFC 5322, 3.4)."""

from __future__ import annotations

import re
from typing import Final

ADDRESSES: Final = 1000
"""So many mailboxes of a field are told apart."""

_TOKEN: Final = re.compile(
    rb"""  "(?:[^"\\]++|\\.)*+"?     # a quoted string; one that never ends goes to the end
        | \[[^\[\]<>,;]*+\]?        # a domain literal: colons of an IPv6 address
        | \\.?
        | [(),:;<>]
        | [^"\[\\(),:;<>]++
    """,
    re.VERBOSE | re.DOTALL,
)


def address_list(value: bytes) -> list[bytes]:
    """Split at the commas between mailboxes; groups give their members without the group's name.

    Commas in quotes, comments and angle brackets part nothing. Never raises;
    takes time in proportion to the length, whatever is nested.
    """
    mailboxes: list[bytes] = []
    start, depth, angle = 0, 0, False
    for match in _TOKEN.finditer(value):
        token = match[0]
        if token == b"(":
            depth += 1
        elif token == b")":
            depth = max(0, depth - 1)
        elif depth:
            continue
        elif token in b"<>":
            angle = token == b"<"
        elif angle:
            continue
        elif token in (b",", b";"):
            mailboxes.append(value[start : match.start()].strip())
            start = match.end()
        elif token == b":":
            start = match.end()
        if len(mailboxes) >= ADDRESSES:
            return [one for one in mailboxes if one]
    mailboxes.append(value[start:].strip())
    return [one for one in mailboxes if one]
