"""Text as nobody who means well would send it."""

from __future__ import annotations

from typing import Final

HOSTILE: Final = (
    "\x1b]0;owned\x07",
    "\x1b]52;c;ZXZpbA==\x1b\\",
    "\x1b[2J\x1b[1;1Hpwned\x1b[31m",
    "\x1bPq#0;2;0;0;0\x1b\\",
    "\x9b2J\x9d0;x\x9c\x90\x85",
    "a\u202egnp.exe\u2066b\u2069",
    "[/nope] [x",
    "[bold red]not[/] {markup} [@click=app.exit]x[/]",
    "zero\u200bwidth\u200d\u2060\ufeff",
    "👩\u200d👩\u200d👧\u200d👦 family 🏽 🇩🇪🇫🇷 ☂\ufe0f",
    "漢字かな交じり文漢字かな交じり文漢字かな交じり文",
    "e" + "\u0301" * 10_000,
    "\u0301\u0302leading marks",
    "Z" * 10_000,
    "漢" * 10_000,
    "\r\n\t\b\x7f\0line\u2028two\u2029three",
    "\ud800 lone surrogate",
    "\ue000\U000f0000 private",
    "नमस्ते สวัสดี ﷽ ﷺ",
    "ﷰאבגד مرحبا",
)
