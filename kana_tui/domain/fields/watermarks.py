"""Watermarks: from which depth on somebody is told, and who."""

from __future__ import annotations

from attrs import frozen

from kana_tui.domain.fields.context import Context, Values
from kana_tui.domain.fields.declare import declare
from kana_tui.domain.fields.kinds import Addresses, Flag, Number, RuleError

_MOST = 2**31 - 1


def _low(_values: Values, context: Context) -> int:
    return context.watermarks.low


def _high(_values: Values, context: Context) -> int:
    return context.watermarks.high


def _low_in_force(values: Values, context: Context) -> int:
    return _low(values, context) if values["use_default_watermarks"] else values["low_watermark"]


def _high_in_force(values: Values, context: Context) -> int:
    return _high(values, context) if values["use_default_watermarks"] else values["high_watermark"]


def _follows_global(values: Values, _context: Context) -> str | None:
    if values["use_default_watermarks"]:
        return "follows config.xml while Use default water mark settings is on"
    return None


def _above_low(values: Values, _context: Context) -> None:
    low = values["low_watermark"]
    if values["high_watermark"] <= low:
        raise RuleError(f"is not above the low watermark {low}", "raise it, or lower the other")


@frozen(kw_only=True)
class WatermarkFields:
    use_default_watermarks: bool = declare(
        label="Use default water mark settings",
        help="Follow the watermarks of config.xml, whatever they become. The mailbox's own "
        "are kept for when this is off.",
        kind=Flag(),
        default=True,
    )
    low_watermark: int = declare(
        label="Low watermark",
        help="From this depth on the mailbox is ELEVATED, and an alert is mailed. One that was "
        "HIGH has drained when it is back here. 0: there is no low watermark.",
        kind=Number(0, _MOST, "messages"),
        default=_low,
        disabled=_follows_global,
        in_force=_low_in_force,
    )
    high_watermark: int = declare(
        label="High watermark",
        help="From this depth on the mailbox is HIGH, and an alert is mailed, until it has "
        "drained to the low watermark. It is above the low one.",
        kind=Number(1, _MOST, "messages"),
        default=_high,
        disabled=_follows_global,
        checks=(_above_low,),
        in_force=_high_in_force,
    )
    alert_email: tuple[str, ...] = declare(
        label="Alert email to",
        help="Who gets the alert when a watermark is reached. Empty: the addresses in config.xml.",
        kind=Addresses(),
        default=(),
    )
