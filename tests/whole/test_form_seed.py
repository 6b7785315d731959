"""Every field of the seed in the form, one by one: set, refused where wrong, saved, read back.

The real program on a real terminal, with a store of its own and the engine that it hosts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import frozen

from tests.servers.certificates import Authority
from tests.tui.terminal import Terminal
from tests.whole.mailbox_form import NAME, FormOnTerminal, shown
from tests.whole.program import Program


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
        "client_secret_expires",
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
