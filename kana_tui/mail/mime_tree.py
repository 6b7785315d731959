"""A message taken apart at its boundaries (RFC 2046), within budgets, whatever the bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from attrs import define, evolve, field, frozen

from kana_tui.mail.header_block import body_start
from kana_tui.mail.mime_header import PartHeader, part_header

DEPTH_MOST: Final = 20
PARTS_MOST: Final = 500
PART_HEADER_BYTES: Final = 64 * 1024

LINES_MOST: Final = 100_000
"""Lines that begin like a delimiter of one multipart."""

_LINE_REST: Final = re.compile(rb"(--)?[ \t]*+(?:\r?\n|\Z)")
_MULTIPART: Final = "multipart/"


@frozen
class Part:
    """A part without parts of its own; its body, still encoded, is `raw[start:end]`."""

    header: PartHeader
    raw: bytes
    start: int
    end: int

    @property
    def body(self) -> bytes:
        return self.raw[self.start : self.end]


@frozen
class Multipart:
    """`subtype` is `alternative`, `mixed` and so on."""

    subtype: str
    children: Sequence[Entity]


Entity = Part | Multipart


@define
class Tree:
    """`root`, and whether `cut`: more parts, or more levels, than are looked at."""

    root: Entity
    cut: bool


def mime_tree(raw: bytes) -> Tree:
    """Never raises. A multipart without a delimiter line is one part, all text."""
    reading = _Reading(raw)
    root = reading.entity(0, len(raw), 0)
    return Tree(root, reading.cut)


@define
class _Reading:
    raw: bytes
    parts: int = 0
    cut: bool = field(default=False)

    def entity(self, start: int, end: int, depth: int) -> Entity:
        self.parts += 1
        header = part_header(self.raw[start : min(end, start + PART_HEADER_BYTES)])
        body = body_start(self.raw, start, end)
        subtype = header.content_type.removeprefix(_MULTIPART)
        if subtype == header.content_type:
            return Part(header, self.raw, body, end)
        if depth == DEPTH_MOST:
            self.cut = True
            return Part(header, self.raw, body, end)
        children: list[Entity] = []
        lines = _between(self.raw, header.boundary, body, end) if header.boundary else ()
        for child_start, child_end in lines:
            if self.parts >= PARTS_MOST:
                self.cut = True
                break
            children.append(self.entity(child_start, child_end, depth + 1))
        if children:
            return Multipart(subtype, children)
        return Part(evolve(header, content_type="text/plain"), self.raw, body, end)


def _between(raw: bytes, boundary: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the parts between the delimiter lines lie; the last may lack its end."""
    line = b"\n--" + boundary
    begun: int | None = None
    at = raw.find(line, start - 1, end)
    for _ in range(LINES_MOST):
        if at < 0:
            break
        after = at + 1
        if match := _LINE_REST.match(raw, at + len(line), end):
            if begun is not None:
                yield begun, max(begun, at - raw.endswith(b"\r", begun, at))
            if match[1]:
                return
            begun = match.end()
            after = begun - 1
        at = raw.find(line, after, end)
    if begun is not None:
        yield begun, end
