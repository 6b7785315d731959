"""The form on a real terminal: fields that open and close with others, or with config.xml."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from tests.tui.terminal import Terminal
from tests.whole.mailbox_form import FormOnTerminal, add_desk, shown
from tests.whole.program import Program


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
    add_desk(program)
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
    add_desk(program)
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
    form.type("Client Secret expires", "31.1.2027")
    form.wrong("Client Secret expires", "no date of the form")
    form.type("Client Secret expires", "2027-01-31")
    form.right("Client Secret expires")
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
        "client_secret_expires": "2027-01-31",
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
    assert form.cursor.endswith("500 messages")


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
