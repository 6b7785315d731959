"""The rules between fields: what shows, what moves along, what does not go together."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from kana_tui.domain.audit import Change
from kana_tui.domain.authentication import AuthType, Protocol
from kana_tui.domain.fields import FIELD_BY_KEY
from kana_tui.domain.fields.account import account_key
from kana_tui.domain.fields.form import (
    apply_changes,
    begins_epoch,
    changes_between,
    defaults,
    raises_token,
)
from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.levels import Watermarks
from kana_tui.domain.secret import Secret
from tests.domain.fields.forms import ALL_SECRETS, CONTEXT, WITHOUT_SSL, form, problems

PASSWORD_TYPES = [t for t in AuthType if not t.traits.oauth]
OAUTH_TYPES = [t for t in AuthType if t.traits.oauth]
SMTP_LOGIN: dict[str, Any] = {"smtp_auth": True, "smtp_user": "u"}


def shown(key: str, values: Any) -> bool:
    return FIELD_BY_KEY[key].shown(values, CONTEXT)


def changed(values: Any, **changes: Any) -> Any:
    return apply_changes(values, changes, CONTEXT)


# What a new mailbox needs


def test_a_new_mailbox_needs_name_address_server_user_and_password() -> None:
    assert set(problems(defaults(CONTEXT), secrets=())) == {
        *("name", "email_address", "server", "user", "password")
    }


@pytest.mark.parametrize("auth_type", PASSWORD_TYPES)
def test_the_six_password_types_need_a_password(auth_type: AuthType) -> None:
    label = FIELD_BY_KEY["password"].label_in(form(auth_type))
    assert problems(form(auth_type), secrets=()) == {
        "password": f"{label} (password) is required. Give it: --secret password."
    }
    assert problems(form(auth_type), secrets=("password",)) == {}


@pytest.mark.parametrize("auth_type", OAUTH_TYPES)
def test_oauth_types_need_no_password_and_know_server_and_urls(auth_type: AuthType) -> None:
    values = form(auth_type)
    assert problems(values, secrets=()) == {}
    assert values["server"] == auth_type.traits.server
    assert values["token_url"].startswith("https://")


def test_another_type_asks_for_a_password_as_a_new_mailbox_does() -> None:
    before = form(AuthType.GOOGLE_IMAP)
    after = changed(before, auth_type=AuthType.SECURE_IMAP, server="mail.acme.test")
    assert set(problems(after, secrets=(), creating=False, before=before)) == {"password"}


def test_a_password_may_be_cleared_later() -> None:
    values = form()
    assert problems(values, secrets=(), creating=False, before=values) == {}


def test_the_address_is_fixed_once_the_mailbox_is_there() -> None:
    before = form()
    found = problems(changed(before, email_address="o@acme.test"), creating=False, before=before)
    assert found == {
        "email_address": "E-mail address (email_address) “o@acme.test” is fixed when a mailbox is "
        "added, here as support@acme.test. Add another mailbox for another address."
    }


# What shows


@pytest.mark.parametrize("auth_type", AuthType)
def test_the_type_decides_what_shows(auth_type: AuthType) -> None:
    values, traits = form(auth_type), auth_type.traits
    assert shown("password", values) is not traits.oauth
    assert shown("imap_folder", values) is (traits.protocol is Protocol.IMAP)
    for key in ("oauth_grant", "authorization_url", "token_url", "client_id", "client_secret"):
        assert shown(key, values) is traits.oauth
    assert shown("service_account_key", values) is auth_type.value.startswith("google")
    assert shown("oauth2_smtp", values) is traits.oauth


def test_without_an_smtp_server_no_port_is_needed() -> None:
    assert not shown("smtp_port", form())
    assert shown("smtp_port", form(smtp_server="relay.acme.test"))


@pytest.mark.parametrize("key", ["smtp_user", "smtp_password", "smtp_ssl"])
def test_smtp_auth_reveals_the_next_three(key: str) -> None:
    assert not shown(key, form())
    assert shown(key, form(smtp_auth=True))


@pytest.mark.parametrize(
    ("hidden", "reveals", "key"),
    [
        ({"smtp_port": 99999}, {"smtp_server": "relay.acme.test"}, "smtp_port"),
        ({"imap_folder": ""}, {"auth_type": AuthType.IMAP}, "imap_folder"),
        ({"token_url": "moon"}, {"auth_type": AuthType.GOOGLE_POP3}, "token_url"),
        ({"smtp_user": "a\nb"}, {"smtp_auth": True}, "smtp_user"),
        ({"client_id": "x" * 300}, {"auth_type": AuthType.M365_IMAP}, "client_id"),
        ({"low_watermark": 9, "high_watermark": 3}, {"use_default_watermarks": False}, None),
    ],
)
def test_a_hidden_or_disabled_field_is_validated_once_it_counts(
    hidden: dict[str, Any], reveals: dict[str, Any], key: str | None
) -> None:
    values = form(**hidden)
    assert problems(values) == {}
    assert set(problems(changed(values, **reveals))) == {key or "high_watermark"}


def test_a_hidden_field_comes_back_as_it_was() -> None:
    values = form(AuthType.SECURE_IMAP, imap_folder="Support/In")
    as_pop = changed(values, auth_type=AuthType.POP)
    assert as_pop["imap_folder"] == "Support/In"
    assert changed(as_pop, auth_type=AuthType.SECURE_IMAP) == values


# What a change of type moves along


@pytest.mark.parametrize("new", AuthType)
@pytest.mark.parametrize("old", AuthType)
def test_the_port_moves_only_if_it_still_was_the_old_types_default(
    old: AuthType, new: AuthType
) -> None:
    assert changed(form(old), auth_type=new)["port"] == new.traits.port
    assert changed(form(old, port=2110), auth_type=new)["port"] == 2110


def test_a_port_given_with_the_type_stays_as_given() -> None:
    assert changed(form(), auth_type=AuthType.IMAP, port=110)["port"] == 110


def test_a_server_and_urls_of_ones_own_stay_with_another_type() -> None:
    own: dict[str, Any] = {"server": "mail.acme.test", "token_url": "https://login.acme.test/token"}
    values = changed(form(AuthType.M365_IMAP, **own), auth_type=AuthType.GOOGLE_IMAP)
    assert {key: values[key] for key in own} == own
    assert values["authorization_url"].startswith("https://accounts.google.com/")


def test_a_providers_server_does_not_stay_with_a_type_that_it_does_not_serve() -> None:
    values = changed(form(AuthType.GOOGLE_IMAP), auth_type=AuthType.SECURE_IMAP)
    assert values["server"] == ""
    assert set(problems(values)) == {"server"}


def test_a_grant_that_the_new_provider_lacks_becomes_its_default() -> None:
    values = form(AuthType.M365_IMAP, oauth_grant=Grant.DEVICE_CODE)
    after = changed(values, auth_type=AuthType.GOOGLE_IMAP)
    assert after["oauth_grant"] is Grant.AUTHORIZATION_CODE
    assert problems(after) == {}


@pytest.mark.parametrize(
    ("auth_type", "grants"),
    [
        (AuthType.M365_IMAP, {"client_credentials", "device_code", "authorization_code"}),
        (AuthType.M365_POP3, {"client_credentials", "device_code", "authorization_code"}),
        (AuthType.GOOGLE_IMAP, {"authorization_code", "service_account"}),
        (AuthType.GOOGLE_POP3, {"authorization_code", "service_account"}),
    ],
)
def test_each_provider_has_its_grants(auth_type: AuthType, grants: set[str]) -> None:
    for grant in Grant:
        found = problems(form(auth_type, oauth_grant=grant))
        assert found.keys() == (set() if grant.value in grants else {"oauth_grant"})
    assert (
        f"is not for {auth_type.traits.label}. Give one of"
        in problems(form(auth_type, oauth_grant=(set(Grant) - grants).pop()))["oauth_grant"]
    )


def test_the_service_account_grant_needs_its_key() -> None:
    values = form(AuthType.GOOGLE_IMAP, oauth_grant=Grant.SERVICE_ACCOUNT)
    assert set(problems(values, secrets=())) == {"service_account_key"}
    assert problems(values, secrets=("service_account_key",)) == {}


# Outgoing mail


def test_smtp_auth_needs_user_and_password() -> None:
    found = problems(form(smtp_auth=True), secrets=("password",))
    assert set(found) == {"smtp_user", "smtp_password"}
    assert found["smtp_user"].startswith("SMTP User (smtp_user) is required.")


def test_secure_smtp_needs_a_login() -> None:
    found = problems(form(smtp_ssl=True))
    assert "needs Use SMTP Auth or Use OAuth2 SMTP. Set smtp_ssl to no" in found["smtp_ssl"]
    assert problems(form(smtp_ssl=True, **SMTP_LOGIN)) == {}
    assert problems(form(AuthType.M365_IMAP, smtp_ssl=True, oauth2_smtp=True)) == {}


def test_secure_smtp_cannot_be_switched_on_while_ssl_is_off() -> None:
    values = form(smtp_ssl=True, **SMTP_LOGIN)
    assert problems(values, context=WITHOUT_SSL).keys() == {"smtp_ssl"}
    assert "SSL, which is off in config.xml" in problems(values, context=WITHOUT_SSL)["smtp_ssl"]


def test_secure_smtp_stays_set_and_in_force_where_ssl_is_switched_off_later() -> None:
    values = form(smtp_ssl=True, **SMTP_LOGIN)
    renamed = changed(values, name="Sales")
    assert problems(renamed, context=WITHOUT_SSL, creating=False, before=values) == {}
    assert FIELD_BY_KEY["smtp_ssl"].value_in_force(renamed, WITHOUT_SSL) is True


def test_secure_smtp_excludes_smtp_tls() -> None:
    found = problems(form(smtp_ssl=True, smtp_tls=True, **SMTP_LOGIN))
    assert set(found) == {"smtp_ssl"}
    assert "excludes Use SMTP TLS" in found["smtp_ssl"]


def test_secure_smtp_is_kept_while_smtp_auth_is_off_and_comes_back() -> None:
    before = form(smtp_ssl=True, **SMTP_LOGIN)
    off = changed(before, smtp_auth=False)
    assert problems(off, creating=False, before=before) == {}
    assert FIELD_BY_KEY["smtp_ssl"].value_in_force(off, CONTEXT) is False
    assert FIELD_BY_KEY["smtp_ssl"].disabled(off, CONTEXT) is not None
    assert shown("smtp_ssl", off)  # a switch that is on does not hide
    assert changed(off, smtp_auth=True) == before


@pytest.mark.parametrize("auth_type", PASSWORD_TYPES)
def test_oauth2_smtp_is_only_for_microsoft_and_google(auth_type: AuthType) -> None:
    found = problems(form(auth_type, oauth2_smtp=True, smtp_tls=True))
    assert "is only for Microsoft 365 and Google types" in found["oauth2_smtp"]


@pytest.mark.parametrize("auth_type", OAUTH_TYPES)
def test_oauth2_smtp_needs_an_encrypted_connection(auth_type: AuthType) -> None:
    found = problems(form(auth_type, oauth2_smtp=True))
    assert "Set smtp_tls or smtp_ssl to yes." in found["oauth2_smtp"]
    assert problems(form(auth_type, oauth2_smtp=True, smtp_tls=True)) == {}
    assert problems(form(auth_type, oauth2_smtp=True, smtp_ssl=True)) == {}


def test_oauth2_smtp_excludes_smtp_auth() -> None:
    values = form(AuthType.GOOGLE_IMAP, oauth2_smtp=True, smtp_tls=True, **SMTP_LOGIN)
    found = problems(values)
    assert set(found) == {"oauth2_smtp"}
    assert "excludes Use SMTP Auth" in found["oauth2_smtp"]


def test_attachments_are_only_for_trusted_mailboxes() -> None:
    found = problems(form(outbound_attachments=True))
    assert "needs Trusted" in found["outbound_attachments"]
    assert problems(form(outbound_attachments=True, trusted=True)) == {}


def test_attachments_stay_set_but_out_of_force_while_trusted_is_off() -> None:
    before = form(outbound_attachments=True, trusted=True)
    after = changed(before, trusted=False)
    assert problems(after, creating=False, before=before) == {}
    assert after["outbound_attachments"] is True
    assert FIELD_BY_KEY["outbound_attachments"].value_in_force(after, CONTEXT) is False


# Watermarks


def test_own_watermarks_start_as_the_global_ones_of_that_moment() -> None:
    values = defaults(CONTEXT)
    assert (values["low_watermark"], values["high_watermark"]) == (100, 500)


def test_while_the_default_settings_are_used_the_own_ones_are_greyed_and_kept() -> None:
    values = form(low_watermark=5, high_watermark=9)
    later = evolve(CONTEXT, watermarks=Watermarks(50, 200))
    low, high = FIELD_BY_KEY["low_watermark"], FIELD_BY_KEY["high_watermark"]
    assert low.disabled(values, later) is not None
    assert (low.value_in_force(values, later), high.value_in_force(values, later)) == (50, 200)
    own = changed(values, use_default_watermarks=False)
    assert low.disabled(own, later) is None
    assert (low.value_in_force(own, later), high.value_in_force(own, later)) == (5, 9)


@pytest.mark.parametrize(("low", "high", "good"), [(0, 1, True), (5, 5, False), (9, 3, False)])
def test_low_is_below_high(low: int, high: int, good: bool) -> None:
    values = form(use_default_watermarks=False, low_watermark=low, high_watermark=high)
    found = problems(values)
    assert found.keys() == (set() if good else {"high_watermark"})
    assert good or f"is not above the low watermark {low}" in found["high_watermark"]


def test_a_watermark_is_not_negative() -> None:
    found = problems(form(use_default_watermarks=False, low_watermark=-1))
    assert "is too small" in found["low_watermark"]


# What an edit does beside


@pytest.mark.parametrize(
    ("changes", "epoch", "token"),
    [
        ({"server": "other.acme.test"}, True, True),
        ({"user": "other"}, True, True),
        ({"imap_folder": "Other"}, True, True),
        ({"auth_type": AuthType.POP}, True, True),
        ({"auth_type": AuthType.SECURE_IMAP}, False, True),
        ({"port": 1143}, False, True),
        ({"active": False}, False, True),
        ({"name": "Other"}, False, False),
        ({"after_download": "keep"}, False, False),
        ({"timeout_s": 5}, False, False),
        ({"smtp_server": "relay.acme.test"}, False, False),
        ({"server": "MAIL.acme.test"}, False, False),
    ],
)
def test_which_changes_begin_an_epoch_and_which_raise_the_token(
    changes: dict[str, Any], epoch: bool, token: bool
) -> None:
    before = form(AuthType.IMAP)
    after = changed(before, **changes)
    assert begins_epoch(before, after) is epoch
    assert raises_token(before, after, ()) is token


@pytest.mark.parametrize("key", ALL_SECRETS)
def test_a_new_secret_raises_the_token(key: str) -> None:
    assert raises_token(form(), form(), {key})


def test_switching_on_and_a_folder_that_is_hidden_end_no_visit() -> None:
    off = form(active=False)
    assert not raises_token(off, changed(off, active=True), ())
    assert not raises_token(off, changed(off, imap_folder="Other"), ())


def test_an_account_is_server_port_user_and_for_imap_the_folder() -> None:
    assert account_key(form(AuthType.IMAP, imap_folder="A")) == (
        *("mail.acme.test", 143, "support", "A"),
    )
    assert account_key(form(imap_folder="A")) == account_key(form(imap_folder="B"))


def test_audit_lines_are_in_the_forms_order_and_never_show_a_secret() -> None:
    before = form()
    after = changed(before, trusted=True, departments=frozenset({"root/Sales", "root/Support"}))
    assert changes_between(before, after, {"password": Secret("hunter2")}) == (
        Change("departments", "root", "root/Sales, root/Support"),
        Change("password", "changed", "changed"),
        Change("trusted", "no", "yes"),
    )
