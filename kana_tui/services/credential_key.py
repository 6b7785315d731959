"""Which mailboxes share their tokens: a credential's key, and what a failure is bound to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Final

from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.oauth_scopes import scope_of
from kana_tui.domain.secret import Secret
from kana_tui.ports.tokens import Credential

Fingerprint = Callable[[str], str]
"""As of ports.secret_box: it tells nothing of what it was made of."""

PROVEN_BY: Final[Mapping[Grant, str]] = {
    Grant.CLIENT_CREDENTIALS: "client_secret",
    Grant.SERVICE_ACCOUNT: "service_account_key",
}
"""The secret that is all there is to a grant. Where somebody signs in, the sign-in is: it outlives
the application's secrets."""


def is_delegated(credential: Credential) -> bool:
    """Whether somebody has to sign in before there is any token."""
    return credential.oauth.oauth_grant.delegated


def key_of(credential: Credential, fingerprint: Fingerprint) -> str:
    """The same for two that may use one another's tokens: of the token URL, client ID, grant,
    scope, and the subject unless the grant is app-only.

    Where nobody signs in, of the digest of the secret or key too, and of how
    the server is asked: whoever trusts another CA or waits less long would
    write down failures that the others never met.
    """
    oauth = credential.oauth
    parts = (
        oauth.token_url,
        oauth.client_id,
        oauth.oauth_grant,
        scope_of(credential.auth_type, oauth.oauth_grant, credential.sends),
        _subject(credential),
        None if is_delegated(credential) else _of_its_own(credential),
    )
    return fingerprint(json.dumps(parts))


def asked_with(credential: Credential, fingerprint: Fingerprint) -> str:
    """What wrong settings may be the fault of, though the key may be the same without."""
    return fingerprint(json.dumps((_digest(credential.client_secret), _ca_file(credential))))


def _subject(credential: Credential) -> str | None:
    """In whose name tokens are asked for; None where it is the application itself."""
    if credential.oauth.oauth_grant is Grant.CLIENT_CREDENTIALS:
        return None
    return credential.user if is_delegated(credential) else credential.email_address


def _of_its_own(credential: Credential) -> tuple[str | None, str | None, float]:
    proof: Secret | None = getattr(credential, PROVEN_BY[credential.oauth.oauth_grant])
    return _digest(proof), _ca_file(credential), credential.timeout_s


def _ca_file(credential: Credential) -> str | None:
    return None if credential.ca_file is None else str(credential.ca_file)


def _digest(secret: Secret | None) -> str | None:
    if secret is None:
        return None
    return hashlib.sha256(secret.reveal().encode("utf-8", "surrogatepass")).hexdigest()
