"""What an authorization server answered, read with distrust: its errors, and what is left of it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from attrs import frozen

from kana_tui.mail.failures import shown
from kana_tui.ports.tokens import TokenDelayedError, TokenError, TokenSettingsError

RETRY_MOST_S: Final = 3600.0
"""A server that wants to be left alone for longer is asked after an hour even so."""
CHECK_URL: Final = "Check the Token Url; it is asked again by itself."

Cut = Callable[[str], str]
"""A server's words without what was sent to it."""

_TIMES: Final = ("expires_in", "interval")
_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)
_TIME_MOST: Final = 10**9
_NOWHERE: Final = (404, 405, 410)
_TEMPORARY: Final = ("internal_failure", "server_error", "temporarily_unavailable")


class RefusalError(Exception):
    """An OAuth error (RFC 6749 section 5.2). `words`: `error` and the first line of its
    description, harmless to show."""

    def __init__(self, error: str, words: str) -> None:
        super().__init__(words)
        self.error = error
        self.words = words


@frozen
class Raw:
    """An answer as it came from `peer`, which is how a person knows the server."""

    peer: str
    status: int
    body: bytes
    retry_after: str | None = None


@frozen
class Answer:
    """A success. `texts`: its strings. `times`: seconds, of those that `_TIMES` names."""

    peer: str
    texts: Mapping[str, str]
    times: Mapping[str, float]

    @property
    def json(self) -> str:
        """For a library: without values of kinds that it might trip over."""
        return json.dumps({**self.texts, **{name: int(s) for name, s in self.times.items()}})


def read(raw: Raw, cut: Cut) -> Answer:
    """RefusalError for an OAuth error that is no passing trouble; TokenError for the rest of
    what is no success."""
    if 300 <= raw.status < 400:
        raise TokenSettingsError(
            f"{raw.peer} redirects to another address, which is not followed.",
            hint="Set the Token Url to where the server answers itself.",
        )
    answer = _parsed(raw.body)
    refusal = _refusal(answer, cut) if answer is not None else None
    passing = raw.status in (408, 429) or raw.status >= 500
    if passing or (refusal is not None and refusal.error in _TEMPORARY):
        raise _delayed(raw, refusal)
    if refusal is not None:
        raise refusal
    if answer is None or not 200 <= raw.status < 300:
        raise _no_answer(raw, is_json=answer is not None)
    times = ((name, _seconds(answer.get(name))) for name in _TIMES)
    texts = {name: value for name, value in answer.items() if isinstance(value, str)}
    return Answer(
        peer=raw.peer,
        texts={name: text for name, text in texts.items() if name not in _TIMES},
        times={name: seconds for name, seconds in times if seconds is not None},
    )


def endless(peer: str, limit: int) -> TokenDelayedError:
    return TokenDelayedError(
        f"{peer} answered with more than {limit:,} bytes, which no token needs.", hint=CHECK_URL
    )


def _parsed(body: bytes) -> Mapping[str, Any] | None:
    """None where it is no JSON object."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _refusal(answer: Mapping[str, Any], cut: Cut) -> RefusalError | None:
    error: object = answer.get("error")
    description: object = answer.get("error_description")
    if not error:
        return None
    if isinstance(error, dict):  # as Google's other services have it
        description = error.get("message")
        error = error.get("status")
    name = error if isinstance(error, str) else "an error without a name"
    lines = description.splitlines() if isinstance(description, str) else []
    more = f" ({shown(cut(lines[0].rstrip(' .')))})" if lines else ""
    return RefusalError(name, f"{shown(cut(name))}{more}")


def _delayed(raw: Raw, refusal: RefusalError | None) -> TokenDelayedError:
    after_s = _retry_after(raw.retry_after)
    told = f"{raw.status}: {refusal.words}" if refusal is not None else f"{raw.status}"
    if raw.status == 429:
        wish = f"for {after_s:g} s" if after_s is not None else "for a while"
        message = f"{raw.peer} wants no more questions {wish} ({told})."
    else:
        message = f"{raw.peer} cannot answer now ({told})."
    return TokenDelayedError(message, hint="It is asked again by itself.", retry_after_s=after_s)


def _no_answer(raw: Raw, *, is_json: bool) -> TokenError:
    if raw.status in _NOWHERE:
        return TokenSettingsError(
            f"{raw.peer} has nothing at that address ({raw.status}).", hint="Check the Token Url."
        )
    if is_json:
        message = f"{raw.peer} refused without an OAuth error that says why ({raw.status})."
        return TokenDelayedError(message, hint=CHECK_URL)
    page = raw.body[:512].lstrip().lower().startswith((b"<!doctype html", b"<html"))
    kind = "a web page" if page else "what is no JSON object"
    return TokenDelayedError(f"{raw.peer} answered with {kind} ({raw.status}).", hint=CHECK_URL)


def _retry_after(header: str | None) -> float | None:
    """Seconds of a Retry-After header (RFC 9110 section 10.2.3), within reason."""
    if header is None:
        return None
    if re.fullmatch(r"\d{1,15}", header.strip(), re.ASCII):
        return min(float(header), RETRY_MOST_S)
    try:
        when = parsedate_to_datetime(header)
        seconds = (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return float(min(max(math.ceil(seconds), 0), RETRY_MOST_S))


def _seconds(value: object) -> float | None:
    """Some servers write it as a string; None for what is no number, within reason otherwise."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    bounded = min(max(value, 0), _TIME_MOST)
    return None if math.isnan(bounded) else float(bounded)
