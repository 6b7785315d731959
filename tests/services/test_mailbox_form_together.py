"""The mailbox form: what one value does to others, by a type that moves them or by a gate."""

from __future__ import annotations

import pytest
from attrs import evolve

from kana_tui.domain.audit import Change
from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields.context import Context
from kana_tui.domain.levels import Watermarks
from kana_tui.services.forms import EntryKind
from kana_tui.services.mailbox_form import MailboxForm
from tests.domain.fields.forms import CONTEXT, WITHOUT_SSL
from tests.services.mailbox_forms import editing, entries, entry, errors, fill, texts

# What a type moves along


@pytest.mark.parametrize("new", AuthType)
def test_the_port_moves_with_the_type_only_while_it_is_the_usual_one(new: AuthType) -> None:
    assert texts(fill(editing(), auth_type=new.value))["port"] == str(new.traits.port)
    assert texts(fill(editing(port=2110), auth_type=new.value))["port"] == "2110"
    assert texts(fill(editing(), port="2110", auth_type=new.value))["port"] == "2110"


def test_a_port_that_was_typed_and_is_no_number_stays_as_typed() -> None:
    form = fill(editing(), port="abc", auth_type="secure_imap")
    assert entry(form, "port").text == "abc"
    assert errors(form) == {
        "port": "IMAP port “abc” is not a whole number. Give one from 1 to 65535."
    }
    form.restore("port")
    assert entry(form, "port").text == "110"
    form.restore("auth_type")
    assert not any(shown.changed for shown in entries(form).values())


def test_typing_the_usual_port_again_is_no_touch() -> None:
    assert texts(fill(editing(), port="110", auth_type="imap"))["port"] == "143"


def test_a_port_typed_on_the_way_is_there_again_with_its_type() -> None:
    form = fill(editing(), port="993", auth_type="secure_imap")
    assert entry(form, "port").text == "993"
    assert texts(fill(form, auth_type="pop"))["port"] == "993"


def test_server_and_urls_of_a_provider_come_and_go_with_it() -> None:
    form = fill(MailboxForm(CONTEXT), auth_type="google_imap")
    assert texts(form)["server"] == "imap.gmail.com"
    assert texts(fill(form, auth_type="m365_pop3"))["token_url"].startswith("https://login.micro")
    assert texts(fill(form, auth_type="pop"))["server"] == ""


def test_a_grant_that_the_other_provider_lacks_waits_for_its_own() -> None:
    form = fill(editing(AuthType.M365_IMAP), oauth_grant="device_code", auth_type="google_imap")
    assert texts(form)["oauth_grant"] == "authorization_code"
    assert errors(form) == {}
    assert texts(fill(form, auth_type="m365_pop3"))["oauth_grant"] == "device_code"


def test_a_hidden_text_is_not_validated_and_comes_back_wrong_as_it_was() -> None:
    form = fill(editing(AuthType.IMAP), imap_folder="a\tb", auth_type="pop")
    assert form.check() is None
    assert "imap_folder" not in entries(form)
    form.set("auth_type", "imap")
    assert entry(form, "imap_folder").text == "a\tb"
    assert "imap_folder" in errors(form)


# Gates


def test_smtp_auth_reveals_user_password_and_secure_smtp() -> None:
    form = editing()
    three = {"smtp_user", "smtp_password", "smtp_ssl"}
    assert not three & entries(form).keys()
    form.set("smtp_auth", "yes")
    assert three < entries(form).keys()


def test_secure_smtp_cannot_be_switched_on_while_ssl_is_off() -> None:
    form = fill(editing(AuthType.POP, WITHOUT_SSL), smtp_auth="yes")
    shown = entry(form, "smtp_ssl")
    assert shown.disabled == "needs SSL, which is off in config.xml"
    assert shown.options == ()
    form.follow(CONTEXT)
    assert entry(form, "smtp_ssl").disabled is None


def test_secure_smtp_can_be_switched_off_while_ssl_is_off_and_taken_back() -> None:
    own = {"smtp_auth": True, "smtp_user": "u", "smtp_ssl": True}
    form = editing(AuthType.POP, WITHOUT_SSL, secrets=("password", "smtp_password"), **own)
    assert entry(form, "smtp_ssl").text == "yes"
    assert {o.value for o in entry(form, "smtp_ssl").options} == {"yes", "no"}
    form.set("smtp_ssl", "no")
    assert form.changes() == (Change("smtp_ssl", "yes", "no"),)
    form.set("smtp_ssl", "yes")
    assert form.changes() == ()
    assert form.check() is None


def test_attachments_switched_on_wait_for_trusted() -> None:
    form = fill(editing(), trusted="yes", outbound_attachments="yes")
    form.set("trusted", "no")
    shown = entry(form, "outbound_attachments")
    assert (shown.text, shown.error) == ("no", None)
    assert shown.disabled == "needs Trusted: attachments leave by trusted mailboxes"
    assert form.check() is None
    assert form.changes() == ()
    assert texts(fill(form, trusted="yes"))["outbound_attachments"] == "yes"


def test_oauth2_smtp_is_for_providers_and_waits_for_one() -> None:
    form = fill(editing(AuthType.M365_IMAP), smtp_tls="yes", oauth2_smtp="yes", auth_type="pop")
    assert "oauth2_smtp" not in entries(form)
    assert form.draft().values.keys() >= {"smtp_tls", "auth_type"}
    assert "oauth2_smtp" not in form.draft().values
    assert texts(fill(form, auth_type="google_pop3"))["oauth2_smtp"] == "yes"


def test_watermarks_show_the_global_ones_while_the_mailbox_follows_them() -> None:
    form = editing(low_watermark=5, high_watermark=9)
    assert (texts(form)["low_watermark"], texts(form)["high_watermark"]) == ("100", "500")
    assert entry(form, "low_watermark").disabled is not None
    form.follow(evolve(CONTEXT, watermarks=Watermarks(50, 200)))
    assert (texts(form)["low_watermark"], texts(form)["high_watermark"]) == ("50", "200")
    form.set("use_default_watermarks", "no")
    assert (texts(form)["low_watermark"], texts(form)["high_watermark"]) == ("5", "9")
    assert form.changes() == (Change("use_default_watermarks", "yes", "no"),)


def test_a_new_mailboxs_own_watermarks_start_as_the_global_ones_and_then_stay() -> None:
    form = MailboxForm(CONTEXT)
    form.follow(evolve(CONTEXT, watermarks=Watermarks(50, 200)))
    form.set("use_default_watermarks", "no")
    assert (texts(form)["low_watermark"], texts(form)["high_watermark"]) == ("50", "200")
    form.follow(evolve(CONTEXT, watermarks=Watermarks(60, 300)))
    assert (texts(form)["low_watermark"], texts(form)["high_watermark"]) == ("50", "200")
    assert form.draft().values.items() >= {"low_watermark": 50, "high_watermark": 200}.items()


def test_a_queue_that_arrives_while_the_form_is_open_can_be_chosen() -> None:
    form = editing()
    form.set("default_queue", "Returns")
    assert "is no queue" in errors(form)["default_queue"]
    form.follow(evolve(CONTEXT, queues=(*CONTEXT.queues, "Returns")))
    assert errors(form) == {}
    assert entry(form, "default_queue").options[-1].value == "Returns"


def test_without_known_queues_the_name_is_typed() -> None:
    nothing = Context(True, Watermarks(1, 2), queues=(), departments=())
    assert entry(MailboxForm(nothing), "default_queue").kind is EntryKind.TEXT
    assert entry(MailboxForm(nothing), "departments").kind is EntryKind.TEXT


def test_the_address_is_read_only_once_the_mailbox_is_there_and_says_why() -> None:
    assert entry(MailboxForm(CONTEXT), "email_address").disabled is None
    form = editing()
    reason = entry(form, "email_address").disabled
    assert reason == "was given when the mailbox was added, and stays; for another, add a mailbox"
    form.set("email_address", "other@acme.test")
    assert texts(form)["email_address"] == "support@acme.test"
    assert form.changes() == ()
