"""Forms to test with: a context, and mailboxes that can be saved."""

from __future__ import annotations

import json
from typing import Any

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields.context import Context
from kana_tui.domain.fields.form import apply_changes, defaults, validate
from kana_tui.domain.levels import Watermarks
from kana_tui.domain.secret import Secret

CONTEXT = Context(
    ssl_enabled=True,
    watermarks=Watermarks(100, 500),
    queues=("General", "Refunds", "Undeliverable", "Support/General", "Support/Spam"),
    departments=("root", "root/Support", "root/Sales", "root/Support/Night"),
)
WITHOUT_SSL = Context(
    ssl_enabled=False,
    watermarks=CONTEXT.watermarks,
    queues=CONTEXT.queues,
    departments=CONTEXT.departments,
)
ALL_SECRETS = ("password", "client_secret", "service_account_key", "smtp_password")
# The shape of a key, and no key: a body in base64 that no cipher would take.
KEY_DOCUMENT: dict[str, Any] = {
    "type": "service_account",
    "client_email": "robot@project.iam.gserviceaccount.com",
    "private_key": "-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----\n",
    "token_uri": "https://oauth2.googleapis.com/token",
}


def key_secret(**changed: Any) -> Secret:
    """A service account's key with `changed` parts; None leaves one out."""
    document = {**KEY_DOCUMENT, **changed}
    return Secret(json.dumps({k: v for k, v in document.items() if v is not None}))


def form(auth_type: AuthType = AuthType.POP, context: Context = CONTEXT, /, **changes: Any) -> Any:
    """The values of a mailbox of that type that can be saved, with `changes`."""
    usual = {
        "auth_type": auth_type,
        "name": "Support",
        "email_address": "support@acme.test",
        "user": "support",
        **({} if auth_type.traits.server else {"server": "mail.acme.test"}),
    }
    return apply_changes(defaults(context), {**usual, **changes}, context)


def problems(
    values: Any,
    *,
    secrets: tuple[str, ...] = ALL_SECRETS,
    context: Context = CONTEXT,
    creating: bool = True,
    before: Any = None,
) -> dict[str, str]:
    """The sentences of what is wrong, by field key."""
    errors = validate(values, secrets, context, creating, before=before)
    return {error.key: str(error) for error in errors}
