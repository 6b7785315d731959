"""Every field of the seed in the form, one by one: set, refused where wrong, saved, read back.

The real program on a real terminal, with a store of its own and the engine that it hosts.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from tests.servers.certificates import Authority
from tests.tui.terminal import Terminal
from tests.whole.mailbox_form import FormOnTerminal
from tests.whole.program import Program

NAME = "desk"


@frozen
class Typed:
    """A field that is typed: what is refused, with a piece of the sentence, and what is taken."""

    label: str
    key: str
    wrong: str
    why: str
    right: str
    stored: Any


@frozen
class Chosen:
    """A field with options: the one taken, as people read it, and as it is stored."""

    label: str
    key: str
    option: str
    stored: Any


TYPED = (
    Typed("Name", "name", "4711", "all digits", "Help Desk", "Help Desk"),
    Typed("POP server", "server", "no host", "host", "localhost", "localhost"),
    Typed("POP port", "port", "65536", "65535", "2110", 2110),
    Typed("POP server timeout", "timeout_s", "601", "600", "45", 45),
    Typed("POP user", "user", "", "is required", "helper", "helper"),
    Typed("Maximum message size", "max_message_size", "-1", "Give", "1000000", 1_000_000),
    Typed("CA file", "tls_ca_file", "ca.pem", "absolute path", "", ""),
    Typed("SMTP server", "smtp_server", "a b", "host", "127.0.0.1", "127.0.0.1"),
    Typed("SMTP port", "smtp_port", "smtp", "whole number", "2525", 2525),
    Typed("Alert email to", "alert_email", "ops", "Give", "ops@acme.test", ["ops@acme.test"]),
)
CHOSEN = (
    Chosen("Active", "active", "[ ] no", False),
    Chosen("Priority", "priority", "High", "high"),
    Chosen("Default Queue", "default_queue", "Undeliverable", "Undeliverable"),
    Chosen("Force Routing to Default Queue", "force_default_queue", "[x] yes", True),
    Chosen("After download", "after_download", "Keep", "keep"),
    Chosen("Use SMTP TLS", "smtp_tls", "[x] yes", True),
    Chosen("Trusted", "trusted", "[x] yes", True),
    Chosen("Outbound attachments allowed", "outbound_attachments", "[x] yes", True),
    Chosen("Default outbound character set", "default_charset", "iso-8859-15", "iso-8859-15"),
    Chosen(
        "Character set for replies",
        "reply_charset_policy",
        "Use the incoming message character set",
        "incoming",
    ),
    Chosen("Handling replies containing the euro", "euro_policy", "Replace euro with EUR", "eur"),
)


def add(program: Program, *assignments: str) -> None:
    given = (
        f"name={NAME}",
        "email_address=desk@acme.test",
        "server=127.0.0.1",
        "port=1",
        "user=desk",
        *assignments,
    )
    sets = [word for one in given for word in ("--set", one)]
    program.good("mailbox", "add", *sets, "--secret", "password", text="old\n")


def shown(program: Program, mailbox: str = NAME) -> Any:
    return program.json("mailbox", "show", mailbox)


@pytest.fixture
def terminal(program: Program) -> Iterator[Terminal]:
    """The screen with one mailbox, tall enough that no field is out of view."""
    add(program)
    with Terminal(program.arguments, size=(100, 60)) as running:
        yield running


@pytest.fixture
def form(program: Program, terminal: Terminal) -> FormOnTerminal:
    form = FormOnTerminal(program, terminal)
    form.open("e", "Edit desk")
    return form


def test_what_is_typed_is_refused_where_it_is_wrong_and_read_back_where_it_is_saved(
    form: FormOnTerminal, program: Program
) -> None:
    for field in TYPED:
        form.type(field.label, field.wrong)
        form.wrong(field.label, field.why)
        form.type(field.label, field.right)
        form.right(field.label)
    form.save("fields changed")
    document = shown(program, "Help Desk")
    assert {f.key: document[f.key] for f in TYPED} == {f.key: f.stored for f in TYPED}


def test_what_is_chosen_is_read_back_once_it_is_saved(
    form: FormOnTerminal, program: Program
) -> None:
    for field in CHOSEN:
        form.choose(field.label, field.option)
    form.save("11 fields changed")
    document = shown(program)
    assert {f.key: document[f.key] for f in CHOSEN} == {f.key: f.stored for f in CHOSEN}


def test_every_field_of_the_declaration_is_in_some_test_here() -> None:
    elsewhere = {
        "email_address",
        "departments",
        "auth_type",
        "password",
        "imap_folder",
        "oauth_grant",
        "authorization_url",
        "token_url",
        "client_id",
        "client_secret",
        "service_account_key",
        "smtp_auth",
        "smtp_user",
        "smtp_password",
        "smtp_ssl",
        "oauth2_smtp",
        "use_default_watermarks",
        "low_watermark",
        "high_watermark",
    }
    from kana_tui.domain.fields import FIELDS  # noqa: PLC0415

    here = {field.key for field in (*TYPED, *CHOSEN)}
    assert here | elsewhere == {field.key for field in FIELDS}


def test_the_address_is_given_once_and_never_edited(form: FormOnTerminal) -> None:
    form.press("E-mail address", "\r", "desk@acme.test")
    form.terminal.wait_for("was given when the mailbox was added")
    assert form.cursor.startswith("▶-")


def test_a_mailbox_needs_a_department(form: FormOnTerminal, program: Program) -> None:
    form.to("Departments")
    for keys, told in (("\r", "[x] root"), (" ", "[ ] root"), ("\r", "is required")):
        form.terminal.press(keys)
        form.terminal.wait_for(told)
    form.wrong("Departments", "is required")
    for keys, told in (("\r", "[ ] root"), (" ", "[x] root")):
        form.terminal.press(keys)
        form.terminal.wait_for(told)
    form.terminal.press("\r")
    form.right("Departments")
    assert shown(program)["departments"] == ["root"]


def test_a_ca_file_is_looked_at_when_it_is_saved(
    form: FormOnTerminal, program: Program, tmp_path: Path
) -> None:
    form.type("CA file", "/nowhere/ca.pem")
    form.terminal.press("s")
    form.terminal.wait_for("[Cancel]")
    form.terminal.press("l\r")
    form.wrong("CA file", "/nowhere/ca.pem")
    good = str(Authority(tmp_path).ca_file)
    form.type("CA file", good)
    form.save("1 field changed")
    assert shown(program)["tls_ca_file"] == good


def test_a_password_is_written_and_never_shown(form: FormOnTerminal, program: Program) -> None:
    before = shown(program)["password"]
    form.type("POP password", "n3w-secret")
    assert "new, not saved yet" in form.cursor
    form.save("1 field changed")
    after = shown(program)["password"]
    assert before["set"]
    assert after["set"]
    assert after["changed_at"] >= before["changed_at"]
    assert b"n3w-secret" not in bytes(form.terminal.written)


def test_passwords_are_asked_for_by_the_types_that_log_in_with_one(form: FormOnTerminal) -> None:
    assert form.finds("POP password")
    form.choose("Authentication Type", "Microsoft 365 IMAP")
    assert not form.finds("IMAP password")
    form.choose("Authentication Type", "Secure IMAP")
    assert form.finds("IMAP password")
    assert form.finds("IMAP folder")
    form.choose("Authentication Type", "APOP")
    assert form.finds("POP password")
    assert not form.finds("IMAP folder")


def test_each_type_has_its_label_and_moves_a_port_that_was_not_touched(
    form: FormOnTerminal,
) -> None:
    form.terminal.press("q")
    form.open("+", "New mailbox")
    for option, label, port in (
        ("Exchange", "POP port", 110),
        ("Secure POP", "POP port", 995),
        ("APOP", "POP port", 110),
        ("IMAP", "IMAP port", 143),
        ("Secure IMAP", "IMAP port", 993),
        ("Microsoft 365 IMAP", "IMAP port", 993),
        ("Microsoft 365 POP3", "POP port", 995),
        ("Google IMAP", "IMAP port", 993),
        ("Google POP3", "POP port", 995),
        ("POP", "POP port", 110),
    ):
        form.choose("Authentication Type", option)
        form.to(label)
        assert form.cursor.split()[-1] == str(port), option


def test_smtp_auth_opens_user_password_and_secure_smtp(
    program: Program,
) -> None:
    _switch_ssl(program, on=True)
    add(program)
    with Terminal(program.arguments, size=(100, 60)) as terminal:
        form = FormOnTerminal(program, terminal)
        form.open("e", "Edit desk")
        for label in ("SMTP User", "SMTP Password", "Secure SMTP (SSL)"):
            assert not form.finds(label)
        form.choose("Use SMTP Auth", "[x] yes")
        terminal.press("s")
        form.wrong("SMTP User", "is required")
        form.type("SMTP User", "relay")
        form.type("SMTP Password", "r3lay-secret")
        form.choose("Use SMTP TLS", "[x] yes")
        form.choose("Secure SMTP (SSL)", "[x] yes")
        form.wrong("Secure SMTP (SSL)", "excludes Use SMTP TLS")
        form.choose("Use SMTP TLS", "[ ] no")
        form.save("4 fields changed")
        document = shown(program)
        told = {key: document[key] for key in ("smtp_auth", "smtp_user", "smtp_ssl", "smtp_tls")}
        assert told == {
            "smtp_auth": True,
            "smtp_user": "relay",
            "smtp_ssl": True,
            "smtp_tls": False,
        }
        assert document["smtp_password"]["set"]
        form.open("e", "Edit desk")
        form.choose("Use SMTP Auth", "[ ] no")
        assert not form.finds("SMTP User")
        form.choose("Use SMTP Auth", "[x] yes")
        form.to("SMTP User")
        assert form.cursor.endswith("relay")


def test_secure_smtp_opens_and_closes_with_ssl_in_config_xml(program: Program) -> None:
    _switch_ssl(program, on=False)
    add(program)
    with Terminal(program.arguments, size=(100, 60)) as terminal:
        form = FormOnTerminal(program, terminal)
        form.open("e", "Edit desk")
        form.choose("Use SMTP Auth", "[x] yes")
        form.press("Secure SMTP (SSL)", " ", "[ ] no")
        terminal.wait_for("SSL, which is off in config.xml")
        assert form.cursor.startswith("▶-")
        _switch_ssl(program, on=True)
        terminal.wait(lambda: not form.cursor.startswith("▶-"), "SSL is on")
        form.press("Secure SMTP (SSL)", " ", "[x] yes")
        _switch_ssl(program, on=False)
        terminal.wait(lambda: form.cursor.startswith("▶-"), "SSL is off")


def test_oauth_fields_and_oauth2_smtp_open_with_the_type(
    form: FormOnTerminal, program: Program, tmp_path: Path
) -> None:
    for label in ("Grant", "Client Secret", "Service Account Key", "Use OAuth2 SMTP"):
        assert not form.finds(label)
    form.choose("Authentication Type", "Microsoft 365 POP3")
    assert not form.finds("Service Account Key")
    form.choose("Authentication Type", "Google IMAP")
    form.type("IMAP folder", "")
    form.wrong("IMAP folder", "is required")
    form.type("IMAP folder", "Support")
    form.choose("Grant", "Authorization code")
    for label in ("Authorization Url", "Token Url"):
        form.type(label, "http://example.com/")
        form.wrong(label, "https")
        form.type(label, f"http://127.0.0.1:1/{label[:5]}")
        form.right(label)
    form.type("Client (Application) ID", "kana")
    form.type("Client Secret", "cl1ent-secret")
    form.type("Service Account Key", "{}")
    form.wrong("Service Account Key", "no type service_account")
    key = tmp_path / "key.json"
    key.write_text(_service_account_key())
    form.type("Service Account Key", f"@{key}")
    form.right("Service Account Key")
    form.terminal.wait(lambda: "not saved yet" in form.cursor, "the key is read")
    form.choose("Use OAuth2 SMTP", "[x] yes")
    form.wrong("Use OAuth2 SMTP", "encrypted connection")
    form.choose("Use SMTP TLS", "[x] yes")
    form.save("fields changed")
    document = shown(program)
    assert {
        "auth_type": "google_imap",
        "imap_folder": "Support",
        "oauth_grant": "authorization_code",
        "authorization_url": "http://127.0.0.1:1/Autho",
        "token_url": "http://127.0.0.1:1/Token",
        "client_id": "kana",
        "oauth2_smtp": True,
        "smtp_tls": True,
    }.items() <= document.items()
    assert document["client_secret"]["set"]
    assert document["service_account_key"]["set"]
    assert not {b"cl1ent-secret", b"PRIVATE KEY"} & set(bytes(form.terminal.written).split())


def test_attachments_open_and_close_with_trusted(form: FormOnTerminal) -> None:
    form.press("Outbound attachments allowed", " ", "[ ] no")
    form.terminal.wait_for("needs Trusted")
    form.choose("Trusted", "[x] yes")
    form.choose("Outbound attachments allowed", "[x] yes")
    form.choose("Trusted", "[ ] no")
    form.to("Outbound attachments allowed")
    assert form.cursor.startswith("▶-")


def test_own_watermarks_open_and_close_with_the_default_switch(
    form: FormOnTerminal, program: Program
) -> None:
    form.press("Low watermark", "\r", "100")
    form.terminal.wait_for("follows config.xml")
    form.choose("Use default water mark settings", "[ ] no")
    form.type("High watermark", "50")
    form.wrong("High watermark", "not above the low watermark")
    form.type("Low watermark", "ten")
    form.wrong("Low watermark", "whole number")
    form.type("Low watermark", "10")
    form.to("High watermark")
    form.right("High watermark")
    form.save("3 fields changed")
    document = shown(program)
    assert (document["low_watermark"], document["high_watermark"]) == (10, 50)
    assert not document["use_default_watermarks"]
    form.open("e", "Edit desk")
    form.choose("Use default water mark settings", "[x] yes")
    form.to("High watermark")
    assert form.cursor.endswith("500")


def test_a_mailbox_is_added_by_the_form(program: Program) -> None:
    with Terminal(program.arguments, size=(100, 60)) as terminal:
        terminal.wait_for("No mailboxes yet.")
        form = FormOnTerminal(program, terminal)
        terminal.press("+")
        terminal.wait_for("New mailbox")
        terminal.wait_for("POP user")
        form.type("Name", NAME)
        form.type("E-mail address", "not an address")
        form.wrong("E-mail address", "address")
        form.type("E-mail address", "desk@acme.test")
        form.type("POP server", "127.0.0.1")
        form.type("POP port", "1")
        form.type("POP user", "desk")
        form.type("POP password", "n3w-secret")
        form.save("desk: added.")
        terminal.wait_for("UNKNOWN")
    document = shown(program)
    assert (document["email_address"], document["port"]) == ("desk@acme.test", 1)
    assert document["password"]["set"]


def _switch_ssl(program: Program, *, on: bool) -> None:
    path = program.home / "config.xml"
    text = path.read_text()
    switch = f'  <ssl enabled="{"true" if on else "false"}"/>\n'
    lines = [line for line in text.splitlines(keepends=True) if "<ssl " not in line]
    whole = "".join(lines).replace("</kana-tui>", f"{switch}</kana-tui>")
    fresh = path.with_suffix(".new")
    fresh.write_text(whole)
    fresh.chmod(0o600)
    fresh.replace(path)


def _service_account_key() -> str:
    body = base64.encodebytes(b"no real key" * 9).decode()
    pem = f"-----BEGIN PRIVATE KEY-----\n{body}-----END PRIVATE KEY-----\n"
    key = {
        "type": "service_account",
        "client_email": "kana@project.example.com",
        "private_key": pem,
        "token_uri": "https://127.0.0.1:1/token",
    }
    return json.dumps(key, indent=2)
