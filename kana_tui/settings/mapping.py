"""Between the tree of config.xml and the frozen Settings, in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kana_tui.domain.levels import Watermarks
from kana_tui.domain.settings import (
    Limits,
    MimeMapping,
    OperatorSettings,
    OperatorsSettings,
    ReceiverSettings,
    ReceiversSettings,
    Relay,
    SenderSettings,
    Settings,
    WatermarkSettings,
)

Tree = Mapping[str, Any]
"""Attributes by name, each of its kind's Python type, and child elements: a Tree, or a list of
them where they may be repeated; an element that is left out is absent."""


def settings_of(tree: Tree) -> Settings:
    """The settings that a whole tree stands for, its defaults filled in."""
    watermarks, operators, limits = tree["watermarks"], tree["operators"], tree["limits"]
    return Settings(
        store_url=tree["store"]["url"],
        ssl_enabled=tree["ssl"]["enabled"],
        intake=_intake(tree["receivers"]),
        watermarks=WatermarkSettings(
            marks=Watermarks(watermarks["low"], watermarks["high"]),
            source=watermarks["source"],
            alert_email=watermarks["alert-email"],
            for_samples=watermarks["for-samples"],
            repeat_s=watermarks["repeat"],
            reminder_s=watermarks["reminder"],
            unknown_after_s=watermarks["unknown-after"],
        ),
        sender=_sender(tree["sender"]),
        mime=tuple(MimeMapping(one["extension"], one["type"]) for one in tree["mime"]["map"]),
        notify=tuple(one["url"] for one in tree["notify"]),
        operators=OperatorsSettings(
            default=operators["default"],
            operators=tuple(
                OperatorSettings(one["name"], one["role"], one["departments"])
                for one in operators["operator"]
            ),
        ),
        limits=Limits(
            max_message_size=limits["max-message-size"],
            memory_bytes=limits["memory"],
            retention_days=limits["retention-days"],
            reply_window_s=limits["reply-window"],
        ),
    )


def _intake(tree: Tree) -> ReceiversSettings:
    given = tuple(ReceiverSettings(one["name"], one["priority"]) for one in tree["receiver"])
    return ReceiversSettings(
        receivers=given or ReceiversSettings().receivers,
        poll_interval_s=tree["poll-interval"],
        connections=tree["connections"],
        per_server=tree["per-server"],
    )


def _sender(tree: Tree) -> SenderSettings:
    fallback = tree.get("fallback")
    return SenderSettings(
        server=tree["server"],
        port=tree["port"],
        tls=tree["tls"],
        user=tree["user"],
        from_address=tree["from"],
        training=tree["training"],
        tracking=tree["tracking"],
        fallback=fallback and Relay(fallback["server"], fallback["port"]),
    )


def tree_of(settings: Settings) -> Tree:
    """The tree that stands for `settings`: `settings_of(tree_of(s)) == s`."""
    intake, marks, sender = settings.intake, settings.watermarks, settings.sender
    relay = sender.fallback
    return {
        "version": 1,
        "store": {"url": settings.store_url},
        "ssl": {"enabled": settings.ssl_enabled},
        "receivers": {
            "poll-interval": intake.poll_interval_s,
            "connections": intake.connections,
            "per-server": intake.per_server,
            "receiver": [{"name": r.name, "priority": r.priority} for r in intake.receivers],
        },
        "watermarks": {
            "low": marks.marks.low,
            "high": marks.marks.high,
            "source": marks.source,
            "alert-email": marks.alert_email,
            "for-samples": marks.for_samples,
            "repeat": marks.repeat_s,
            "reminder": marks.reminder_s,
            "unknown-after": marks.unknown_after_s,
        },
        "sender": {
            "server": sender.server,
            "port": sender.port,
            "tls": sender.tls,
            "user": sender.user,
            "from": sender.from_address,
            "training": sender.training,
            "tracking": sender.tracking,
            **({"fallback": {"server": relay.server, "port": relay.port}} if relay else {}),
        },
        "mime": {"map": [{"extension": m.extension, "type": m.media_type} for m in settings.mime]},
        "notify": [{"url": url} for url in settings.notify],
        "operators": {
            "default": settings.operators.default,
            "operator": [
                {"name": o.name, "role": o.role, "departments": o.departments}
                for o in settings.operators.operators
            ],
        },
        "limits": {
            "max-message-size": settings.limits.max_message_size,
            "memory": settings.limits.memory_bytes,
            "retention-days": settings.limits.retention_days,
            "reply-window": settings.limits.reply_window_s,
        },
    }
