"""Tokens and device codes of an answer: nothing is believed that could not be used."""

from __future__ import annotations

import re
from typing import Final

from kana_tui.domain.fields.kinds.host import check_url
from kana_tui.domain.fields.kinds.kind import RuleError
from kana_tui.domain.secret import Secret
from kana_tui.mail.failures import shown
from kana_tui.mail.oauth.answers import CHECK_URL, Answer
from kana_tui.ports.authorization import DevicePrompt, Granted
from kana_tui.ports.tokens import Credential, SignInError, TokenDelayedError, TokenSettingsError

LASTS_S: Final = 300.0
"""A token whose life is not told (RFC 6749 section 5.1 only recommends it): short, to be safe. None
at all would have every login ask for another."""
LASTS_MOST_S: Final = 86_400.0
"""None is believed to last longer: it is only renewed earlier than it had to be."""
CODE_LASTS_S: Final = 900.0
CODE_LASTS_MOST_S: Final = 3600.0
INTERVAL_S: Final = 5.0
"""RFC 8628 section 3.2, where the server tells none."""
INTERVAL_LEAST_S: Final = 1.0
INTERVAL_MOST_S: Final = 60.0

_TOKEN: Final = re.compile(r"[\x21-\x7e]+")
"""What a login can carry (RFC 6750 section 2.1 allows less)."""
_VISIBLE: Final = re.compile(r"[\x20-\x7e]+")
"""RFC 6749 appendix A.17, RFC 8628 section 3.2."""
_USER_CODE: Final = re.compile(r"[\x21-\x7e]{1,40}")


def granted(answer: Answer) -> Granted:
    access, refresh = answer.texts.get("access_token", ""), answer.texts.get("refresh_token", "")
    if not _TOKEN.fullmatch(access):
        raise TokenDelayedError(
            f"{answer.peer} answered without an access token that a login can carry.",
            hint=CHECK_URL,
        )
    kind = answer.texts.get("token_type", "Bearer")
    if kind.lower() != "bearer":
        raise TokenSettingsError(
            f"{answer.peer} gave a token of the type {shown(kind)}; mail servers take Bearer.",
            hint="Check the Token Url.",
        )
    if refresh and not _VISIBLE.fullmatch(refresh):
        raise TokenDelayedError(
            f"{answer.peer} gave a refresh token with a character that none has.", hint=CHECK_URL
        )
    return Granted(
        access=Secret(access),
        lasts_s=min(answer.times.get("expires_in") or LASTS_S, LASTS_MOST_S),
        refresh=Secret(refresh) if refresh else None,
    )


def signed_in(credential: Credential, answer: Answer) -> Granted:
    """Tokens of somebody who signed in just now; SignInError if they could not be renewed."""
    tokens = granted(answer)
    if tokens.refresh is None:
        raise SignInError(
            f"{answer.peer} gave no refresh token for {credential.email_address}: the sign-in "
            "would end with the first token.",
            hint="Allow the application offline access, and sign in again.",
        )
    return tokens


def prompted(answer: Answer) -> DevicePrompt:
    """RFC 8628 section 3.2."""
    texts, times = answer.texts, answer.times
    url = texts.get("verification_uri", texts.get("verification_url", ""))
    user_code, device_code = texts.get("user_code", ""), texts.get("device_code", "")
    if not (_USER_CODE.fullmatch(user_code) and _VISIBLE.fullmatch(device_code) and _safe(url)):
        raise TokenDelayedError(
            f"{answer.peer} answered without a code to type, or without a safe address for it.",
            hint="Check the Token Url, and that the server has the device code grant.",
        )
    interval_s = times.get("interval", INTERVAL_S)
    return DevicePrompt(
        verification_url=url,
        user_code=user_code,
        device_code=Secret(device_code),
        lasts_s=min(times.get("expires_in", CODE_LASTS_S), CODE_LASTS_MOST_S),
        interval_s=min(max(interval_s, INTERVAL_LEAST_S), INTERVAL_MOST_S),
    )


def _safe(url: str) -> bool:
    try:
        check_url(url)
    except RuleError:
        return False
    return True
