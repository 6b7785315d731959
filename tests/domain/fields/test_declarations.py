"""Every field of the mailbox form is declared once, with the seed's words."""

from __future__ import annotations

import attrs
import pytest

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields import FIELD_BY_KEY, FIELDS, GROUPS, SECRET_KEYS
from kana_tui.domain.fields.form import defaults
from kana_tui.domain.fields.incoming import IncomingFields
from kana_tui.domain.mailbox import Mailbox
from tests.domain.fields.forms import CONTEXT, form

# (group, key, label, default as `--set` would write it; None: it has none)
EXPECTED = [
    ("Mailbox", "name", "Name", ""),
    ("Mailbox", "email_address", "E-mail address", ""),
    ("Mailbox", "active", "Active", "yes"),
    ("Mailbox", "priority", "Priority", "medium"),
    ("Mailbox", "departments", "Departments", "root"),
    ("Mailbox", "default_queue", "Default Queue", "General"),
    ("Mailbox", "force_default_queue", "Force Routing to Default Queue", "no"),
    ("Incoming", "auth_type", "Authentication Type", "pop"),
    ("Incoming", "server", "POP server", ""),
    ("Incoming", "port", "POP port", "110"),
    ("Incoming", "timeout_s", "POP server timeout", "30"),
    ("Incoming", "user", "POP user", ""),
    ("Incoming", "password", "POP password", None),
    ("Incoming", "max_message_size", "Maximum message size", "26214400"),
    ("Incoming", "imap_folder", "IMAP folder", "INBOX"),
    ("Incoming", "after_download", "After download", "delete"),
    ("Incoming", "tls_ca_file", "CA file", ""),
    ("OAuth 2.0", "oauth_grant", "Grant", "client_credentials"),
    ("OAuth 2.0", "authorization_url", "Authorization Url", ""),
    ("OAuth 2.0", "token_url", "Token Url", ""),
    ("OAuth 2.0", "client_id", "Client (Application) ID", ""),
    ("OAuth 2.0", "client_secret", "Client Secret", None),
    ("OAuth 2.0", "client_secret_expires", "Client Secret expires", ""),
    ("OAuth 2.0", "service_account_key", "Service Account Key", None),
    ("Outgoing", "smtp_server", "SMTP server", ""),
    ("Outgoing", "smtp_port", "SMTP port", "25"),
    ("Outgoing", "smtp_tls", "Use SMTP TLS", "no"),
    ("Outgoing", "smtp_auth", "Use SMTP Auth", "no"),
    ("Outgoing", "smtp_user", "SMTP User", ""),
    ("Outgoing", "smtp_password", "SMTP Password", None),
    ("Outgoing", "smtp_ssl", "Secure SMTP (SSL)", "no"),
    ("Outgoing", "oauth2_smtp", "Use OAuth2 SMTP", "no"),
    ("Outgoing", "trusted", "Trusted", "no"),
    ("Outgoing", "outbound_attachments", "Outbound attachments allowed", "no"),
    ("Watermarks", "use_default_watermarks", "Use default water mark settings", "yes"),
    ("Watermarks", "low_watermark", "Low watermark", "100"),
    ("Watermarks", "high_watermark", "High watermark", "500"),
    ("Watermarks", "alert_email", "Alert email to", ""),
    ("Character sets", "default_charset", "Default outbound character set", "utf-8"),
    ("Character sets", "reply_charset_policy", "Character set for replies", "choose"),
    ("Character sets", "euro_policy", "Handling replies containing the euro", "unicode"),
]


def test_the_form_has_exactly_these_fields_in_this_order() -> None:
    assert [(f.group, f.key) for f in FIELDS] == [(group, key) for group, key, *_ in EXPECTED]


@pytest.mark.parametrize(("group", "key", "label", "default"), EXPECTED)
def test_a_field_has_its_label_default_and_help(
    group: str, key: str, label: str, default: str | None
) -> None:
    field = FIELD_BY_KEY[key]
    assert field in GROUPS[group]
    assert field.label == label
    assert field.help.endswith(".")
    assert field.kind.rule
    if default is None:
        assert field.secret
    else:
        assert field.display(defaults(CONTEXT)[key]) == default


def test_secrets_have_their_place_in_the_form_but_none_in_the_values() -> None:
    assert SECRET_KEYS == ("password", "client_secret", "service_account_key", "smtp_password")
    assert "password" not in attrs.fields_dict(IncomingFields)
    assert not set(SECRET_KEYS) & set(defaults(CONTEXT))


def test_a_mailbox_is_made_of_the_fields_values_and_gives_them_back() -> None:
    values = form()
    mailbox = Mailbox.of(values, id=3, version=1, epoch=1, archived=False)
    assert mailbox.values() == values
    assert mailbox.incoming.auth_type is AuthType.POP


@pytest.mark.parametrize("key", ["server", "port", "timeout_s", "user", "password"])
def test_a_label_says_imap_for_imap_types_and_pop_for_the_others(key: str) -> None:
    field = FIELD_BY_KEY[key]
    for auth_type in AuthType:
        protocol = auth_type.traits.protocol.value.upper().removesuffix("3")
        assert field.label_in(form(auth_type)) == field.label.replace("POP", protocol)


def test_the_address_is_the_only_field_that_is_fixed() -> None:
    assert [field.key for field in FIELDS if field.fixed] == ["email_address"]


def test_what_begins_a_new_epoch() -> None:
    # The protocol is part of the authentication type.
    assert {f.key for f in FIELDS if f.moves_epoch} == {
        "auth_type",
        "server",
        "user",
        "imap_folder",
    }


def test_what_raises_the_token() -> None:
    account = {"auth_type", "server", "port", "user", "imap_folder"}
    assert {f.key for f in FIELDS if f.moves_token} == account | {"active"} | set(SECRET_KEYS)


def test_every_field_that_can_hide_says_when_it_is_shown() -> None:
    shown = {key for key in FIELD_BY_KEY if FIELD_BY_KEY[key].shown_when}
    assert shown == {
        *("password", "imap_folder"),
        *("oauth_grant", "authorization_url", "token_url", "client_id", "client_secret"),
        *("client_secret_expires", "service_account_key", "smtp_port", "smtp_user"),
        *("smtp_password", "smtp_ssl", "oauth2_smtp"),
    }
