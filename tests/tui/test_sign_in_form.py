"""Signing in from the form: for what is saved, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kana_tui.domain.fields.oauth import Grant
from kana_tui.tui.places import Place
from tests.services.sign_ins import GRANTED
from tests.tui.form_seat import FormSeat
from tests.tui.sign_in_seat import SignInSeat, before_sign_in


@asynccontextmanager
async def on_form(key: str = "e") -> AsyncIterator[tuple[SignInSeat, FormSeat]]:
    async with before_sign_in(Grant.DEVICE_CODE) as seat:
        form = FormSeat(seat.seat)
        await seat.press(key)
        await seat.seat.until(lambda: seat.seat.page == Place.FORM and form.page.form is not None)
        yield seat, form


async def test_a_form_without_changes_signs_in_at_once_and_stays_open() -> None:
    async with on_form() as (seat, form):
        await seat.press("i")
        await seat.shows("WDJB-MJHT")
        seat.server.answers.append(GRANTED)
        await seat.told("support: signed in")
        assert seat.authorized == ["alice"]
        assert form.place == Place.FORM


async def test_unsaved_changes_are_saved_first_and_the_sign_in_is_for_what_they_make() -> None:
    async with on_form() as (seat, form):
        await form.type("Client (Application) ID", "other-app")
        await seat.press("i")
        await seat.shows("Save support first?")
        assert form.stored("client_id") == "app"
        await seat.press("right", "enter")
        await seat.shows("WDJB-MJHT")
        assert form.stored("client_id") == "other-app"
        seat.server.answers.append(GRANTED)
        await seat.told("support: signed in")
        ((credential, _),) = seat.tokens.kept
        assert credential.oauth.client_id == "other-app"
        assert "*" not in form.line("Client (Application) ID")
        assert not form.page.unsaved


async def test_who_does_not_want_to_save_keeps_what_was_typed() -> None:
    async with on_form() as (seat, form):
        await form.type("Client (Application) ID", "other-app")
        await seat.press("i", "enter")
        assert seat.panel == ""
        assert seat.server.asked == []
        assert "other-app" in form.line("Client (Application) ID")
        assert form.stored("client_id") == "app"


async def test_what_is_wrong_is_not_saved_and_nobody_signs_in() -> None:
    async with on_form() as (seat, form):
        await form.type("Token Url", "nowhere")
        await seat.press("i", "right", "enter")
        assert "wrong" in form.header()
        assert seat.server.asked == []
        assert "nowhere" in form.line("Token Url")


async def test_what_is_typed_while_somebody_signs_in_elsewhere_stays() -> None:
    async with on_form() as (seat, form):
        await form.type("Client (Application) ID", "other-app")
        desk = seat.seat.stage.desk
        await desk.mailboxes.signed_in(1, form.page._scene.actor)
        await seat.seat.told()
        await seat.seat.until(lambda: form.page._mailbox_form.stored.mailbox.version == 2)  # type: ignore[union-attr]
        assert "other-app" in form.line("Client (Application) ID")
        assert "changed meanwhile" not in form.header()
        await form.save()
        await form.until_left()
        assert form.stored("client_id") == "other-app"


async def test_a_type_with_a_password_says_so_by_what_is_on_the_form() -> None:
    async with on_form() as (seat, form):
        await form.to("Authentication Type")
        form.page._change(lambda one: one.set("auth_type", "pop"))
        await seat.press("i")
        assert "support is of type POP: it logs in by a password." in form.header()
        assert seat.server.asked == []


async def test_a_new_mailbox_is_added_first() -> None:
    async with on_form("plus") as (seat, form):
        form.page._change(lambda one: one.set("auth_type", "m365_imap"))
        for key, text in (
            ("name", "desk"),
            ("email_address", "desk@acme.test"),
            ("user", "desk@acme.test"),
            ("oauth_grant", "device_code"),
            ("client_id", "app"),
        ):
            form.page._change(lambda one, key=key, text=text: one.set(key, text))  # type: ignore[misc]
        await seat.press("i")
        await seat.shows("Save the new mailbox first?")
        await seat.press("right", "enter")
        await seat.shows("Sign in for desk")
        await seat.shows("WDJB-MJHT")
        seat.server.answers.append(GRANTED)
        await seat.told("desk: signed in")
        assert "Edit desk" in form.about()
