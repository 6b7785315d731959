"""The effective configuration, frozen: config.xml parsed, with every default filled in."""

from __future__ import annotations

from enum import StrEnum

from attrs import field, frozen

from kana_tui.domain.cover import Priority
from kana_tui.domain.depth import DepthSource
from kana_tui.domain.levels import Watermarks


class SenderTls(StrEnum):
    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


class Role(StrEnum):
    VIEWER = "viewer"
    AGENT = "agent"
    OPERATOR = "operator"
    ADMIN = "admin"


@frozen
class ReceiverSettings:
    name: str
    priority: Priority


@frozen
class ReceiversSettings:
    """`connections`: visits at once of each receiver; `per_server`: visits to one host:port."""

    receivers: tuple[ReceiverSettings, ...] = (
        ReceiverSettings("r1", Priority.HIGH),
        ReceiverSettings("r2", Priority.MEDIUM),
        ReceiverSettings("r3", Priority.LOW),
    )
    poll_interval_s: int = 30
    connections: int = 8
    per_server: int = 10


@frozen
class WatermarkSettings:
    """The global watermarks; a mailbox may have its own. Durations in seconds."""

    marks: Watermarks = field(factory=lambda: Watermarks(100, 500))
    source: DepthSource = DepthSource.REMOTE
    alert_email: tuple[str, ...] = ()
    for_samples: int = 1
    repeat_s: int = 900
    reminder_s: int = 3600
    unknown_after_s: int = 300


@frozen
class Relay:
    server: str
    port: int = 25


@frozen
class SenderSettings:
    server: str = "localhost"
    port: int = 25
    tls: SenderTls = SenderTls.NONE
    user: str = ""
    from_address: str = "kana@localhost.localdomain"
    training: bool = False
    tracking: bool = True
    fallback: Relay | None = None


@frozen
class MimeMapping:
    """`extension` without its dot."""

    extension: str
    media_type: str


@frozen
class OperatorSettings:
    name: str
    role: Role
    departments: tuple[str, ...] = ("root",)


@frozen
class OperatorsSettings:
    default: Role = Role.VIEWER
    operators: tuple[OperatorSettings, ...] = ()


@frozen
class Limits:
    """Bytes, except retention (days, 0 = for ever) and the reply window (seconds)."""

    max_message_size: int = 26_214_400
    memory_bytes: int = 256 * 1024 * 1024
    retention_days: int = 0
    reply_window_s: int = 86_400


@frozen
class Settings:
    store_url: str = "sqlite:///kana.db"
    ssl_enabled: bool = True
    intake: ReceiversSettings = ReceiversSettings()
    watermarks: WatermarkSettings = WatermarkSettings()
    sender: SenderSettings = SenderSettings()
    mime: tuple[MimeMapping, ...] = ()
    notify: tuple[str, ...] = ()
    operators: OperatorsSettings = OperatorsSettings()
    limits: Limits = Limits()
