"""The mailbox form: what it shows, what is wrong, what would change."""

from __future__ import annotations

import pytest
from attrs import evolve

from kana_tui.domain.audit import Change
from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import ConflictError
from kana_tui.domain.fields import FIELD_BY_KEY, FIELDS, GROUPS
from kana_tui.domain.secret import Secret
from kana_tui.services.forms import EntryKind, Form
from kana_tui.services.mailbox_form import MailboxForm
from tests.domain.fields.forms import CONTEXT, key_secret
from tests.services.mailbox_forms import editing, entries, entry, errors, fill, texts

OAUTH_TYPES = [t for t in AuthType if t.traits.oauth]


# What it shows


@pytest.mark.parametrize("auth_type", AuthType)
def test_the_shown_fields_stand_in_their_groups_and_order(auth_type: AuthType) -> None:
    form: Form = editing(auth_type)
    values = editing(auth_type).values
    for section in form.sections():
        keys = [field.key for field in GROUPS[section.title] if field.shown(values, CONTEXT)]
        assert [shown.key for shown in section.entries] == keys != []


def test_labels_say_pop_or_imap_as_the_type_does() -> None:
    form = MailboxForm(CONTEXT)
    assert entry(form, "server").label == "POP server"
    form.set("auth_type", "secure_imap")
    assert [entry(form, key).label for key in ("server", "port", "timeout_s", "password")] == [
        *("IMAP server", "IMAP port", "IMAP server timeout", "IMAP password")
    ]


def test_each_field_is_given_in_its_own_way() -> None:
    shown = entries(editing(AuthType.GOOGLE_IMAP, smtp_auth=True, smtp_server="a.test"))
    kinds = {kind: {key for key, e in shown.items() if e.kind is kind} for kind in EntryKind}
    assert kinds[EntryKind.SECRET] == {"client_secret", "service_account_key", "smtp_password"}
    assert kinds[EntryKind.SET] == {"departments"}
    assert kinds[EntryKind.CHOICE] == {
        *("priority", "default_queue", "auth_type", "after_download", "oauth_grant"),
        *("default_charset", "reply_charset_policy", "euro_policy"),
    }
    assert {"active", "smtp_auth", "trusted"} < kinds[EntryKind.FLAG]
    assert {"name", "port", "alert_email"} < kinds[EntryKind.TEXT]


def test_a_choice_reads_as_people_call_it_and_says_what_follows() -> None:
    shown = entry(editing(AuthType.SECURE_POP), "auth_type")
    assert [option.label for option in shown.options] == [t.traits.label for t in AuthType]
    assert (shown.text, shown.reads) == ("secure_pop", "Secure POP")
    assert all(
        str(t.traits.port) in o.meaning for t, o in zip(AuthType, shown.options, strict=True)
    )
    assert "encrypted from the first byte" in shown.options[2].meaning


def test_a_queue_is_one_of_the_known_ones_and_departments_are_any_of_them() -> None:
    shown = entries(editing())
    assert tuple(o.value for o in shown["default_queue"].options) == CONTEXT.queues
    assert tuple(o.value for o in shown["departments"].options) == CONTEXT.departments


def test_where_there_are_too_many_departments_their_paths_are_typed() -> None:
    many = evolve(CONTEXT, departments=("root", *(f"root/{number}" for number in range(60))))
    form = MailboxForm(many)
    assert entry(form, "departments").kind is EntryKind.TEXT
    form.set("departments", "root/4, root/9")
    assert form.draft().values["departments"] == {"root/4", "root/9"}


def test_a_department_that_is_gone_can_be_taken_out() -> None:
    form = MailboxForm(CONTEXT, editing(departments=frozenset({"root/Sales", "root"})).stored)
    form.follow(evolve(CONTEXT, departments=("root", "root/Support")))
    shown = entry(form, "departments")
    assert shown.options[-1].value == "root/Sales"
    assert shown.error is not None
    assert "“root, root/Sales” is no department" in shown.error
    form.set("departments", "root")
    assert errors(form) == {}


@pytest.mark.parametrize("auth_type", OAUTH_TYPES)
def test_a_provider_offers_its_own_grants(auth_type: AuthType) -> None:
    offered = {option.value for option in entry(editing(auth_type), "oauth_grant").options}
    assert ("service_account" in offered) is auth_type.value.startswith("google")
    assert ("device_code" in offered) is auth_type.value.startswith("m365")


def test_every_field_has_help_for_whoever_reads_nothing_else() -> None:
    for auth_type in AuthType:
        for shown in entries(editing(auth_type, smtp_auth=True, smtp_server="a.test")).values():
            assert shown.help[0] == FIELD_BY_KEY[shown.key].help
            assert all(s[0].isupper() or s[0].isdigit() for s in shown.help)
            assert all(sentence.endswith(".") and "--" not in sentence for sentence in shown.help)


def test_help_tells_meaning_choices_rule_usual_value_and_when_it_shows() -> None:
    shown = entries(editing(AuthType.GOOGLE_IMAP, smtp_server="a.test"))
    assert "Give a whole number from 1 to 600 seconds." in shown["timeout_s"].help
    assert "Usual: 993." in shown["port"].help
    assert "Low: served by low receivers only." in shown["priority"].help
    assert "Usual: Medium." in shown["priority"].help
    assert "Shown while the type is an IMAP one." in shown["imap_folder"].help


# Secrets


def test_of_a_secret_only_its_state_is_told() -> None:
    form = editing(secrets=("password",), smtp_auth=True, smtp_user="u")
    assert entry(form, "password").text == "set 2026-11-03"
    assert entry(form, "smtp_password").text == "not set"
    form.set_secret("password", Secret("hunter2"))
    form.set_secret("smtp_password", Secret("hunter3"))
    assert entry(form, "password").text == entry(form, "smtp_password").text == "new, not saved yet"
    assert "hunter" not in repr(form) + repr(form.sections()) + repr(form.draft())
    form.set_secret("password", None)
    form.set_secret("smtp_password", None)
    assert entry(form, "password").text == "to be cleared"
    assert entry(form, "smtp_password").text == "not set"
    form.restore("password")
    assert entry(form, "password").text == "set 2026-11-03"
    assert not entry(form, "password").changed


def test_a_wrong_secret_is_told_without_it() -> None:
    form = editing(AuthType.GOOGLE_IMAP)
    form.set_secret("service_account_key", Secret("hunter2"))
    assert errors(form) == {
        "service_account_key": "Service Account Key is not JSON. Give the JSON key file that "
        "Google made for the service account."
    }
    form.set_secret("service_account_key", key_secret())
    assert errors(form) == {}
    assert entry(form, "service_account_key").from_file
    assert not entry(form, "client_secret").from_file


def test_a_wrong_secret_that_is_hidden_keeps_nobody_from_saving_and_comes_back() -> None:
    form = editing(AuthType.GOOGLE_IMAP)
    form.set_secret("service_account_key", Secret("{"))
    form.set("auth_type", "m365_imap")
    assert form.check() is None
    assert form.draft().secrets == {}
    form.set("auth_type", "google_imap")
    assert entry(form, "service_account_key").text == "new, not saved yet"
    assert form.check() == "service_account_key"


def test_a_secret_is_not_given_as_text_nor_a_text_as_a_secret() -> None:
    form = editing()
    with pytest.raises(KeyError):
        form.set("password", "hunter2")
    with pytest.raises(KeyError):
        form.set_secret("user", Secret("support"))


# What is wrong


def test_a_wrong_text_is_kept_with_its_error_as_soon_as_it_was_left() -> None:
    form = fill(editing(), port="99999", timeout_s="soon", server="http://x")
    assert [texts(form)[key] for key in ("port", "timeout_s", "server")] == [
        *("99999", "soon", "http://x")
    ]
    assert errors(form).keys() == {"port", "timeout_s", "server"}
    assert [section.errors for section in form.sections()] == [0, 3, 0, 0, 0]


def test_nobody_is_told_what_is_missing_before_the_field_was_left() -> None:
    form = MailboxForm(CONTEXT)
    assert errors(form) == {}
    form.set("name", "")
    assert errors(form) == {"name": "Name is required. Give one line of 1 to 80 characters."}


def test_a_check_shows_everything_and_names_the_first() -> None:
    form = MailboxForm(CONTEXT)
    assert form.check() == "name"
    assert list(errors(form)) == ["name", "email_address", "server", "user", "password"]
    assert errors(form)["password"] == "POP password is required. Give it."


def test_what_a_switch_reveals_is_not_complained_about_at_once() -> None:
    form = fill(editing(), smtp_auth="yes")
    assert errors(form) == {}
    assert form.check() == "smtp_user"
    assert errors(form).keys() == {"smtp_user", "smtp_password"}


def test_what_does_not_go_together_is_told_at_its_field() -> None:
    form = fill(editing(), use_default_watermarks="no", low_watermark="900")
    assert "is not above the low watermark 900" in errors(form)["high_watermark"]
    form.set("high_watermark", "1000")
    assert errors(form) == {}


def test_remedies_speak_of_the_form() -> None:
    form = fill(editing(AuthType.M365_IMAP), oauth2_smtp="yes")
    assert errors(form)["oauth2_smtp"].endswith("Switch on Use SMTP TLS or Secure SMTP (SSL).")
    form = fill(form, smtp_tls="yes", smtp_ssl="yes", smtp_auth="yes")
    form.check()
    both = "Switch one of the two off."
    assert errors(form)["smtp_ssl"].endswith(both)
    assert errors(form)["oauth2_smtp"].endswith(both)
    for sentence in errors(form).values():
        assert "--" not in sentence
        assert not any(f"({field.key})" in sentence for field in FIELDS)


def test_a_refusal_stands_at_its_field_until_something_is_set() -> None:
    form = fill(editing(), name="Sales")
    taken = ConflictError("Name is taken.", field="name", hint="Give another name.")
    assert form.refuse(taken) == "name"
    assert errors(form) == {"name": "Name is taken. Give another name."}
    form.set("name", "Sales 2")
    assert errors(form) == {}
    assert form.refuse(taken) == "name"
    assert form.check() is None  # it may be tried again


@pytest.mark.parametrize("field", [None, "imap_folder", "moon"])
def test_a_refusal_of_no_shown_field_is_not_the_forms(field: str | None) -> None:
    assert editing().refuse(ConflictError("No.", field=field)) is None


# What would change


def test_what_differs_is_marked_with_what_is_stored() -> None:
    form = fill(editing(), priority="high", name="Sales")
    shown = entries(form)
    assert {key for key, e in shown.items() if e.changed} == {"name", "priority"}
    assert shown["priority"].was == "Medium"
    assert [section.changes for section in form.sections()] == [2, 0, 0, 0, 0]


def test_changes_are_the_audit_lines_in_order_without_a_secret() -> None:
    form = editing()
    form.set_secret("password", Secret("hunter2"))
    fill(form, trusted="yes", name="Sales", departments="root/Sales, root/Support")
    assert form.changes() == (
        Change("name", "Support", "Sales"),
        Change("departments", "root", "root/Sales, root/Support"),
        Change("password", "changed", "changed"),
        Change("trusted", "no", "yes"),
    )


def test_a_draft_holds_what_differs_and_nothing_else() -> None:
    form = fill(editing(), name="Sales", user="sales")
    form.set("user", "support")
    assert form.draft().values == {"name": "Sales"}
    assert fill(editing(), auth_type="secure_pop").draft().values["port"] == 995


def test_a_port_typed_back_under_another_type_stays_when_saved() -> None:
    form = fill(editing(), auth_type="imap", port="110")
    assert texts(form)["port"] == "110"
    assert form.draft().values["port"] == 110


def test_a_new_mailbox_changes_what_is_no_default() -> None:
    form = fill(MailboxForm(CONTEXT), name="Sales", port="110")
    form.set_secret("password", Secret("hunter2"))
    assert form.changes() == (
        Change("name", None, "Sales"),
        Change("password", "changed", "changed"),
    )
    form.restore("name")
    assert texts(form)["name"] == ""


def test_what_is_not_shown_is_not_set() -> None:
    form = editing()
    for act in (form.restore, lambda key: form.set(key, "INBOX")):
        with pytest.raises(KeyError):
            act("imap_folder")
    with pytest.raises(KeyError):
        form.add("Mailbox")
    with pytest.raises(KeyError):
        form.remove("name")
