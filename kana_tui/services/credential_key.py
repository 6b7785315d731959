"""Which mailboxes share their tokens: a credential's key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.oauth_scopes import scope_of
from kana_tui.domain.secret import Secret
from kana_tui.ports.tokens import Credential


def is_delegated(credential: Credential) -> bool:
    """Whether somebody has to sign in before there is any token."""
    return credential.oauth.oauth_grant.delegated


def key_of(credential: Credential, fingerprint: Callable[[str], str]) -> str:
    """The same for two that may use one another's tokens: of the token URL, client ID, grant,
    scope, digest of the secret or key, and the subject unless the grant is app-only.

    `fingerprint` as that of ports.secret_box: the key tells nothing of them.
    """
    oauth = credential.oauth
    parts = (
        oauth.token_url,
        oauth.client_id,
        oauth.oauth_grant,
        scope_of(credential.auth_type, oauth.oauth_grant, credential.sends),
        _digest(credential),
        _subject(credential),
    )
    return fingerprint(json.dumps(parts))


def _subject(credential: Credential) -> str | None:
    """In whose name tokens are asked for; None where it is the application itself."""
    if credential.oauth.oauth_grant is Grant.CLIENT_CREDENTIALS:
        return None
    return credential.user if is_delegated(credential) else credential.email_address


def _digest(credential: Credential) -> str | None:
    by_key = credential.oauth.oauth_grant is Grant.SERVICE_ACCOUNT
    proof: Secret | None = credential.service_account_key if by_key else credential.client_secret
    if proof is None:
        return None
    return hashlib.sha256(proof.reveal().encode("utf-8", "surrogatepass")).hexdigest()
