"""What a MIME part says of itself: Content-Type and its like, with their parameters (RFC 2045)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote_to_bytes

from attrs import frozen

from kana_tui.mail.charsets import decoded
from kana_tui.mail.encoded_words import header_text
from kana_tui.mail.header_block import fields, header_block

VALUE_BYTES: Final = 8 * 1024
"""Of a longer Content- field the rest is not looked at."""

PARAMETERS_MOST: Final = 100

_TYPE: Final = re.compile(rb"\s*([!-.0-~]+/[!-.0-~]+)(?:\s|\Z)")
_PARAMETER: Final = re.compile(
    rb';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]++|\\.)*+)"?|([^\s;"][^;]*+)?)', re.DOTALL
)
_ESCAPED: Final = re.compile(rb"\\(.)", re.DOTALL)
_PIECE: Final = re.compile(r"(.+?)\*(\d{1,3})(\*?)|(.+?)\*")


@frozen
class PartHeader:
    """`content_type`, `encoding`, `disposition`: in lower case. `boundary`: empty if there is none.

    `name`: the file's name as it is written, for display only. `charset`: empty
    if none is declared.
    """

    content_type: str
    boundary: bytes
    charset: str
    encoding: str
    disposition: str
    name: str


def part_header(raw: bytes) -> PartHeader:
    """The header of a part that begins with `raw`. Never raises; no type is text/plain."""
    said: dict[bytes, bytes] = {}
    for name, value in fields(header_block(raw)):
        said.setdefault(name.lower(), value[:VALUE_BYTES])
    type_value = said.get(b"content-type", b"")
    disposition_value = said.get(b"content-disposition", b"")
    match = _TYPE.match(type_value.partition(b";")[0])
    type_parameters = _parameters(type_value)
    encoding = header_text(said.get(b"content-transfer-encoding", b""))
    name = _parameters(disposition_value).get("filename") or type_parameters.get("name", b"")
    return PartHeader(
        content_type=match[1].decode("ascii").lower() if match else "text/plain",
        boundary=type_parameters.get("boundary", b"").rstrip(),
        charset=header_text(type_parameters.get("charset", b"")).lower(),
        encoding=encoding.lower(),
        disposition=header_text(disposition_value.partition(b";")[0]).lower(),
        name=header_text(name),
    )


def _parameters(value: bytes) -> Mapping[str, bytes]:
    """By name in lower case; those in pieces or in a charset of their own put together."""
    plain: dict[str, bytes] = {}
    pieces: dict[str, dict[int, bytes]] = {}
    for count, match in enumerate(_PARAMETER.finditer(value)):
        if count == PARAMETERS_MOST:
            break
        name = match[1].decode("ascii", "replace").lower()
        quoted, bare = match[2], match[3]
        text = (bare or b"").strip() if quoted is None else _ESCAPED.sub(rb"\1", quoted)
        piece = _PIECE.fullmatch(name)
        if piece is None:
            plain.setdefault(name, text)
        elif piece[4]:
            pieces.setdefault(piece[4], {}).setdefault(0, unquote_to_bytes(text))
        else:
            text = unquote_to_bytes(text) if piece[3] else text
            pieces.setdefault(piece[1], {}).setdefault(int(piece[2]), text)
    return {**plain, **{name: _joined(parts) for name, parts in pieces.items()}}


def _joined(parts: Mapping[int, bytes]) -> bytes:
    """RFC 2231: charset'language'text, in UTF-8 from here on."""
    text = b"".join(parts[position] for position in sorted(parts))
    charset, mark, rest = text.partition(b"'")
    _, second_mark, rest = rest.partition(b"'")
    if not mark or not second_mark:
        return text
    return decoded(rest, charset.decode("ascii", "replace")).encode()
