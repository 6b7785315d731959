"""Scenes for the app on a stage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kana_tui.domain.audit import Actor
from kana_tui.mail.body import read_message
from kana_tui.tui.app import KanaApp
from kana_tui.tui.glyphs import UNICODE
from kana_tui.tui.scene import Scene
from kana_tui.tui.styles import palette
from tests.tui.stage import Stage


class Hosting:
    def __init__(self, *, hosting: bool) -> None:
        self.hosting = hosting


def scene(stage: Stage, *, hosting: bool = False, style: str = "dark", **own: Any) -> Scene:
    given = {
        "actor": Actor("alice", "mx1"),
        "open_source": lambda: stage,
        "desk": stage.desk,
        "clock": stage.clock,
        "host": Hosting(hosting=hosting),
        "glyphs": UNICODE,
        "palette": palette(style),
        "config": Path("/home/kana/config.xml"),
        "log": Path("/home/kana/logs/screen.log"),
        "read_message": read_message,
        "every_s": 0.0,
    }
    return Scene(**{**given, **own})


def app(stage: Stage, **own: Any) -> KanaApp:
    return KanaApp(scene(stage, **own))
