"""What each field takes, and what it says of what it does not."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from attrs import evolve

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import InvalidValueError
from kana_tui.domain.fields import FIELD_BY_KEY, SECRET_KEYS
from kana_tui.domain.fields.charsets import EuroPolicy
from kana_tui.domain.fields.form import check_secrets
from kana_tui.domain.fields.kinds.charset import CHARSETS, preferred_name
from kana_tui.domain.secret import Secret
from tests.domain.fields.forms import CONTEXT, KEY_DOCUMENT, form, key_secret, problems


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("active", "YES", True),
        ("active", "true", True),
        ("active", "no", False),
        ("active", " False ", False),
        ("port", "995", 995),
        ("max_message_size", "0", 0),
        ("priority", "High", Priority.HIGH),
        ("auth_type", "Secure_IMAP", AuthType.SECURE_IMAP),
        ("auth_type", "Microsoft 365 IMAP", AuthType.M365_IMAP),
        ("euro_policy", "none", EuroPolicy.NONE),
        ("departments", "root/Sales, root/Support,", frozenset({"root/Sales", "root/Support"})),
        ("alert_email", "a@x.test , b@x.test,a@x.test", ("a@x.test", "b@x.test")),
        ("alert_email", "", ()),
        ("name", "  Cafe\u0301 ", "Café"),
        ("client_secret_expires", " 2027-01-31 ", date(2027, 1, 31)),
        ("client_secret_expires", "2019-12-31", date(2019, 12, 31)),
        ("client_secret_expires", " ", None),
    ],
)
def test_text_is_read_as_the_fields_value(key: str, text: str, value: Any) -> None:
    assert FIELD_BY_KEY[key].parse(text) == value


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        ("active", "maybe", "Active (active) “maybe” is no answer. Give yes, no, true"),
        ("port", "many", "POP port (port) “many” is not a whole number. Give one from"),
        ("port", "\uff11\uff11\uff10", "is not a whole number"),
        ("timeout_s", "1.5", "is not a whole number"),
        ("priority", "urgent", "“urgent” is no such choice. Give one of low, medium, high."),
        (
            "client_secret_expires",
            "31.1.2027",
            "Client Secret expires (client_secret_expires) “31.1.2027” is no date of the form",
        ),
        ("client_secret_expires", "2027-02-29", "“2027-02-29” is no day of the calendar. Give"),
        ("client_secret_expires", "x", "Give a date like 2027-01-31, or nothing where it is not"),
        ("client_secret_expires", "2027-W05-1", "is no date of the form year-month-day"),
        ("client_secret_expires", "20270131", "is no date of the form year-month-day"),
        ("client_secret_expires", "\uff12\uff10\uff12\uff17-01-31", "is no date of the form"),
    ],
)
def test_text_of_another_type_is_refused_with_field_value_rule_and_remedy(
    key: str, text: str, sentence: str
) -> None:
    with pytest.raises(InvalidValueError) as caught:
        FIELD_BY_KEY[key].parse(text)
    assert sentence in str(caught.value)
    assert caught.value.field == key


@pytest.mark.parametrize(
    ("key", "data"),
    [
        ("active", "yes"),
        ("active", 1),
        ("port", "110"),
        ("port", True),
        ("port", 110.0),
        ("name", 7),
        ("priority", 2),
        ("departments", "root"),
        ("departments", [1]),
        ("alert_email", {"a@x.test": 1}),
        ("client_secret_expires", 20270131),
        ("client_secret_expires", True),
        ("client_secret_expires", ["2027-01-31"]),
        ("password", 12345),
        ("smtp_password", None),
    ],
)
def test_json_of_another_type_is_refused(key: str, data: object) -> None:
    with pytest.raises(InvalidValueError) as caught:
        FIELD_BY_KEY[key].from_json(data)
    assert caught.value.field == key
    assert key not in SECRET_KEYS or str(data) not in str(caught.value)


def test_json_null_is_a_text_that_is_not_given() -> None:
    assert FIELD_BY_KEY["smtp_server"].from_json(None) == ""


def test_json_null_is_a_date_that_is_not_known() -> None:
    field = FIELD_BY_KEY["client_secret_expires"]
    assert field.from_json(None) is None
    assert field.kind.to_json(None) is None
    assert field.kind.to_json(date(2027, 1, 31)) == "2027-01-31"


@pytest.mark.parametrize("key", SECRET_KEYS)
def test_a_secret_is_refused_as_an_argument_and_not_repeated(key: str) -> None:
    with pytest.raises(InvalidValueError, match="argument lists are public") as caught:
        FIELD_BY_KEY[key].parse("hunter2")
    assert "hunter2" not in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "x" * 80),
        ("name", "4711 Returns"),
        ("name", "Café ☕ 日本"),
        ("email_address", "support@acme.test"),
        ("email_address", "root@localhost"),
        ("email_address", "pòst@exämple.org"),
        ("server", "mail.acme.test"),
        ("server", "mail_gw"),
        ("server", "192.0.2.7"),
        ("server", "2001:db8::7"),
        ("server", "bücher.example"),
        ("port", 1),
        ("port", 65535),
        ("timeout_s", 600),
        ("max_message_size", 0),
        ("tls_ca_file", "/etc/ssl/acme.pem"),
        ("alert_email", ("a@acme.test", "b@acme.test")),
        ("default_charset", "iso-8859-15"),
        ("default_queue", "Support/Spam"),
    ],
)
def test_what_a_field_takes(key: str, value: Any) -> None:
    values = form(**{key: value})
    assert problems(values) == {}
    assert values[key] == value


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("name", "", "Name (name) is required. Give one line of 1 to 80 characters."),
        ("name", "x" * 81, "is 81 characters long. Give 1 to 80 characters."),
        ("name", "4711", "is all digits, which would read as an ID. Add a letter."),
        ("name", "a\r\nBcc: x@y.test", "holds a control character or line break"),
        ("name", "a\u2028b", "holds a control character or line break"),
        ("email_address", "Support <support@acme.test>", "is not a plain e-mail address"),
        ("email_address", "a@x.org)b@y.com", "is not a plain e-mail address"),
        ("email_address", "support", "is not a plain e-mail address"),
        ("email_address", "a@x.test\nb", "is not a plain e-mail address"),
        ("server", "", "POP server (server) is required."),
        ("server", "mail acme", "is neither a host name nor an IP address"),
        ("server", "-mail.acme.test", "is neither a host name nor an IP address"),
        ("server", "mail..test", "is no host name"),
        ("server", "256.1.1.1", "looks like an IPv4 address but is none"),
        ("server", "https://mail.acme.test", "is neither a host name nor an IP address"),
        ("port", 0, "POP port (port) “0” is too small. Give a whole number from 1"),
        ("port", 65536, "is too large"),
        ("timeout_s", 0, "Give a whole number from 1 to 600 seconds."),
        ("timeout_s", 601, "is too large"),
        ("max_message_size", -1, "is too small"),
        ("user", "", "POP user (user) is required."),
        ("user", "a\nb", "holds a control character or line break"),
        ("tls_ca_file", "acme.pem", "CA file (tls_ca_file) “acme.pem” is not an absolute path."),
        ("departments", frozenset(), "Departments (departments) is required."),
        ("departments", frozenset({"Moon"}), "“Moon” is no department. Give one of root, root/S"),
        ("default_queue", "Moon", "“Moon” is no queue. Give one of General, Refunds"),
        ("alert_email", ("a@acme.test", "b"), "is not a plain e-mail address"),
        ("default_charset", "klingon", "is no character set for mail"),
        ("default_charset", "utf-16", "is no character set for mail"),
        ("default_charset", "base64", "is no character set for mail"),
    ],
)
def test_what_a_field_does_not_take(key: str, value: Any, sentence: str) -> None:
    found = problems(form(**{key: value}))
    assert sentence in found[key]
    assert set(found) == {key}


def test_a_host_is_kept_in_lower_case_without_brackets_or_final_dot() -> None:
    assert form(server="MAIL.Acme.Test.")["server"] == "mail.acme.test"
    assert form(server="[2001:DB8::7]")["server"] == "2001:db8::7"


def test_an_address_is_kept_as_typed_in_nfc() -> None:
    assert form(email_address="Su\u0308d@Acme.Test")["email_address"] == "Süd@Acme.Test"


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        ("General", "General"),  # root's own, though Support has one of that name
        ("root/General", "General"),
        ("general", "General"),
        ("Spam", "Support/Spam"),  # the only one
        ("support/general", "Support/General"),
    ],
)
def test_a_bare_queue_name_means_roots_or_else_the_only_one(reference: str, path: str) -> None:
    assert form(default_queue=reference)["default_queue"] == path


def test_a_bare_queue_name_that_two_departments_have_is_ambiguous() -> None:
    context = evolve(CONTEXT, queues=("General", "Sales/Spam", "Support/Spam"))
    found = problems(form(AuthType.POP, context, default_queue="Spam"), context=context)
    assert (
        "means more than one queue. Give one of Sales/Spam, Support/Spam."
        in (found["default_queue"])
    )


def test_a_department_may_be_named_by_the_end_of_its_path() -> None:
    assert form(departments=frozenset({"night", "Sales"}))["departments"] == frozenset(
        {"root/Support/Night", "root/Sales"}
    )


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("UTF8", "utf-8"),
        ("latin-1", "iso-8859-1"),
        ("Latin9", "iso-8859-15"),
        ("cp1252", "windows-1252"),
        ("ascii", "us-ascii"),
        ("SJIS", "shift_jis"),
    ],
)
def test_a_charset_is_kept_by_its_iana_name_in_lower_case(alias: str, name: str) -> None:
    assert form(default_charset=alias)["default_charset"] == name


@pytest.mark.parametrize("charset", CHARSETS)
def test_every_offered_charset_is_one_that_python_writes(charset: str) -> None:
    assert "A1".encode(charset)
    assert preferred_name(charset) == charset


@pytest.mark.parametrize(
    "url",
    [
        "https://login.acme.test/token",
        "http://127.0.0.1:8080/token",
        "http://localhost/token",
        "http://[::1]:80/t?x=1",
    ],
)
def test_urls_that_a_token_may_be_asked_from(url: str) -> None:
    assert problems(form(AuthType.M365_IMAP, token_url=url)) == {}


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://login.acme.test/token", "is http, which is only for a loopback address. Use"),
        ("http://127.0.0.1.evil.test/", "is http, which is only for a loopback address"),
        ("ftp://acme.test/", "is not an https URL"),
        ("login.acme.test", "is not an https URL"),
        ("https://", "names no valid host"),
        ("https://u:p@acme.test/", "holds a user, password or #fragment"),
        ("https://acme.test/a b", "holds a space or control character"),
        ("https://acme.test:99999/", "is no URL"),
        ("", "Token Url (token_url) is required."),
    ],
)
def test_urls_that_no_token_is_asked_from(url: str, sentence: str) -> None:
    assert sentence in problems(form(AuthType.M365_IMAP, token_url=url))["token_url"]


def test_a_service_accounts_key_has_its_fields() -> None:
    assert not check_secrets({"service_account_key": key_secret()}, CONTEXT)


@pytest.mark.parametrize(
    ("secret", "rule"),
    [
        (Secret("hunter2"), "is not JSON"),
        (Secret("[" * 100_000), "is not JSON"),
        (Secret('"hunter2"'), "is not a JSON object"),
        (key_secret(type="authorized_user"), "has no type service_account"),
        (key_secret(client_email=None), "has no client_email"),
        (key_secret(private_key=None), "has no private_key"),
        (key_secret(token_uri=None), "has no token_uri"),
        (key_secret(token_uri=7), "has no token_uri"),
        (key_secret(client_email="hunter2"), "has a client_email that is not a plain e-mail"),
        (key_secret(private_key="hunter2"), "has a private_key that is no private key in PEM"),
        (
            key_secret(private_key=KEY_DOCUMENT["private_key"].replace("bm90", "bm90A")),
            "has a private_key that is no private key in PEM",
        ),
        (key_secret(token_uri="http://hunter2.test/"), "has a token_uri that is http"),
    ],
)
def test_a_bad_service_accounts_key_is_refused_without_showing_it(
    secret: Secret, rule: str
) -> None:
    (error,) = check_secrets({"service_account_key": secret}, CONTEXT)
    assert rule in error.message
    assert error.value is None
    assert "hunter2" not in str(error)


@pytest.mark.parametrize("text", ["a\nb", "a\0b", "a\rb"])
def test_a_password_is_one_line(text: str) -> None:
    (error,) = check_secrets({"password": Secret(text)}, CONTEXT)
    assert str(error) == ("POP password (password) holds a line break or NUL. Give one line.")


def test_a_secret_has_no_json_and_no_display() -> None:
    kind: Any = FIELD_BY_KEY["password"].kind
    assert "hunter2" not in kind.display(Secret("hunter2"))
    with pytest.raises(TypeError):
        json.dumps(kind.to_json(Secret("hunter2")))
