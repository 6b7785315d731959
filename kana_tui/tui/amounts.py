"""Numbers and times as short as a column wants them."""

from __future__ import annotations

from datetime import datetime

MINUTE_S = 60
HOUR_S = 3600
DAY_S = 86_400


def short_count(count: int) -> str:
    """At most six characters: 99999, 123k, 12.3M."""
    if count < 100_000:
        return str(count)
    return f"{count // 1000}k" if count < 1_000_000 else f"{count / 1_000_000:.1f}M"


def short_rate(per_min: float) -> str:
    """With one decimal below ten, where it has any: 0.2, 4, 41."""
    return f"{round(per_min, 1):g}" if round(per_min, 1) < 10 else f"{per_min:.0f}"


def short_size(size_bytes: int) -> str:
    """At most seven characters up to terabytes, in decimal units: 999 B, 12 kB, 3.4 MB."""
    amount, unit = float(size_bytes), "B"
    for larger in ("kB", "MB", "GB"):
        if amount < 999.5:
            break
        amount, unit = amount / 1000, larger
    decimals = 1 if unit != "B" and amount < 9.95 else 0
    return f"{amount:.{decimals}f} {unit}"


def short_span(seconds: int) -> str:
    """To the minute, since that is how often it is drawn: <1m, 41m, 2h04m, 3d04h."""
    if seconds < MINUTE_S:
        return "<1m"
    if seconds < HOUR_S:
        return f"{seconds // MINUTE_S}m"
    if seconds < DAY_S:
        return f"{seconds // HOUR_S}h{seconds % HOUR_S // MINUTE_S:02d}m"
    days = seconds // DAY_S
    return f"{days}d{seconds % DAY_S // HOUR_S:02d}h" if days < 100 else f"{days}d"


def short_moment(moment: datetime, now: datetime) -> str:
    """Local time, to the minute; with its day where that is not today."""
    here, today = moment.astimezone(), now.astimezone()
    return here.strftime("%H:%M" if here.date() == today.date() else "%d %b %H:%M")


def day_or_time(moment: datetime, now: datetime) -> str:
    """Local time in six characters: of another day its date."""
    here = moment.astimezone()
    return here.strftime("%H:%M" if here.date() == now.astimezone().date() else "%d %b")
