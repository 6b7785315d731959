"""Signing in from the screen: what the panel shows, and that giving up changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.settings import Role
from kana_tui.ports.tokens import SignInError, TokenDelayedError, TokenSettingsError
from kana_tui.tui.places import Place
from kana_tui.tui.sign_in_panel import SignInPanel
from tests.services.sign_ins import GRANTED, LANDED, PAGE, MemoryAuthorization
from tests.tui.hostile import HOSTILE
from tests.tui.sign_in_seat import QUICK, before_sign_in

LONG = "https://login.test/authorize?" + "&".join(f"part{n}={'x' * 30}" for n in range(20))
DECLINED = SignInError("The sign-in was declined.", hint="Sign in again.")


async def test_address_and_code_are_shown_and_it_closes_by_itself_once_typed() -> None:
    async with before_sign_in(Grant.DEVICE_CODE) as seat:
        await seat.press("i")
        await seat.shows("Sign in for support Open on any device: https://login.test/device")
        await seat.shows("Type there: WDJB-MJHT Sign in as box1@acme.test.")
        await seat.shows("The code lasts 15 min more.")
        assert seat.nothing_is_kept
        seat.server.answers.append(GRANTED)
        await seat.told("support: signed in; the token lasts 59 min, then is renewed.")
        assert [granted for _, granted in seat.tokens.kept] == [GRANTED]
        assert seat.authorized == ["alice"]


async def test_the_time_that_is_left_goes_on_and_the_codes_end_is_told() -> None:
    async with before_sign_in(Grant.DEVICE_CODE) as seat:
        await seat.press("i")
        await seat.shows("lasts 15 min more")
        seat.seat.stage.clock.seconds_pass(600)
        await seat.shows("lasts 5 min more")
        seat.seat.stage.clock.seconds_pass(600)
        await seat.shows("not typed within 15 min, and has ended. Begin again")
        assert "WDJB-MJHT" not in seat.panel
        assert seat.nothing_is_kept


async def test_escape_gives_up_and_the_server_is_asked_no_more() -> None:
    async with before_sign_in(Grant.DEVICE_CODE) as seat:
        await seat.press("i")
        await seat.seat.until(lambda: seat.server.asked.count("poll_device") > 2)
        await seat.press("escape")
        assert seat.panel == ""
        await seat.seat.told()
        asked = len(seat.server.asked)
        seat.server.answers.append(GRANTED)
        await seat.seat.told()
        assert len(seat.server.asked) == asked
        assert seat.nothing_is_kept


async def test_after_a_refusal_enter_begins_again() -> None:
    async with before_sign_in(Grant.DEVICE_CODE) as seat:
        seat.server.answers.append(DECLINED)
        await seat.press("i")
        await seat.shows("The sign-in was declined. Sign in again. Enter begins again")
        await seat.press("enter")
        await seat.shows("WDJB-MJHT")
        assert seat.server.asked.count("begin_device") == 2
        assert "declined" not in seat.panel


async def test_a_pasted_address_signs_in_and_is_never_shown() -> None:
    async with before_sign_in(Grant.AUTHORIZATION_CODE) as seat:
        await seat.press("i")
        await seat.shows(f"and sign in as box1@acme.test: {PAGE.url}")
        await seat.paste(f"{LANDED}\n")
        await seat.shows(f"> {len(LANDED)} characters, not shown")
        assert "one-time" not in seat.panel
        await seat.press("enter")
        await seat.told("support: signed in")
        assert seat.server.pasted == [LANDED]
        assert seat.authorized == ["alice"]


async def test_where_a_terminal_pastes_key_by_key_enter_makes_room_for_it() -> None:
    async with before_sign_in(Grant.AUTHORIZATION_CODE) as seat:
        await seat.press("i")
        await seat.shows("Enter to paste")
        await seat.press("enter", *"qc", "backspace", "ctrl+u", *LANDED, "enter")
        await seat.told("support: signed in")


async def test_a_wrong_paste_is_told_inline_and_another_may_follow() -> None:
    async with before_sign_in(Grant.AUTHORIZATION_CODE) as seat:
        await seat.press("i")
        await seat.shows("Enter to paste")
        await seat.paste(LANDED.replace("st-1", "st-2"))
        await seat.press("enter")
        await seat.shows("belongs to another sign-in")
        assert "one-time" not in seat.panel
        await seat.paste("nonsense")
        await seat.press("enter")
        await seat.shows("not the address that a browser ends at")
        await seat.paste(LANDED)
        await seat.press("enter")
        await seat.told("support: signed in")
        assert seat.server.asked.count("begin_browser") == 1


async def test_escape_drops_what_was_pasted_first_and_then_gives_up() -> None:
    async with before_sign_in(Grant.AUTHORIZATION_CODE) as seat:
        await seat.press("i")
        await seat.shows("Enter to paste")
        await seat.paste(LANDED)
        await seat.shows("not shown")
        await seat.press("escape")
        assert "not shown" not in seat.panel
        assert PAGE.url in seat.panel
        await seat.press("escape")
        assert seat.panel == ""
        assert seat.nothing_is_kept


async def test_a_refusal_of_the_pasted_address_needs_a_new_one_but_a_delay_does_not() -> None:
    async with before_sign_in(Grant.AUTHORIZATION_CODE) as seat:
        await seat.press("i")
        await seat.shows("Enter to paste")
        seat.server.refusal = TokenDelayedError("login.test is away.")
        await seat.paste(LANDED)
        await seat.press("enter")
        await seat.shows("login.test is away.")
        assert PAGE.url in seat.panel
        seat.server.refusal = DECLINED
        await seat.paste(LANDED)
        await seat.press("enter")
        await seat.shows("Enter begins again")
        assert PAGE.url not in seat.panel


async def test_c_shows_the_whole_address_unframed_and_the_sign_in_goes_on_below() -> None:
    server = MemoryAuthorization(code=evolve(QUICK, verification_url=LONG))
    async with before_sign_in(Grant.DEVICE_CODE, server=server) as seat:
        await seat.press("i")
        await seat.shows("c copies")
        await seat.press("c")
        assert seat.seat.page == Place.UNFRAMED
        assert LONG in seat.seat.listing().replace("\n", "")
        assert "WDJB-MJHT" in seat.seat.listing()
        server.answers.append(GRANTED)
        await seat.seat.until(lambda: seat.authorized == ["alice"])
        await seat.seat.told()
        assert seat.seat.page == Place.UNFRAMED
        await seat.press("q")
        await seat.told("support: signed in")


async def test_where_nobody_signs_in_it_is_said_that_a_token_was_got() -> None:
    async with before_sign_in(Grant.CLIENT_CREDENTIALS) as seat:
        await seat.press("i")
        await seat.told("support: nobody signs in for client credentials: a token was got")
        assert seat.authorized == []


async def test_where_nobody_signs_in_a_wrong_secret_stays_to_be_read() -> None:
    async with before_sign_in(Grant.CLIENT_CREDENTIALS) as seat:
        seat.server.refusal = TokenSettingsError("The Client Secret is wrong.", hint="Set it.")
        await seat.press("i")
        await seat.shows("The Client Secret is wrong. Set it. Enter begins again Esc gives up")


async def test_nothing_to_copy_is_told_before_there_is() -> None:
    async with before_sign_in(Grant.DEVICE_CODE) as seat:
        with seat.seat.stage.desk.held():
            await seat.press("i", "c", "enter")
            assert "There is nothing to copy." in seat.panel
            assert "The authorization server is asked…" in seat.panel
        await seat.shows("WDJB-MJHT")


async def test_it_is_there_on_the_mailboxs_page_too() -> None:
    async with before_sign_in(Grant.DEVICE_CODE) as seat:
        await seat.press("enter")
        await seat.seat.until(lambda: seat.seat.page == Place.DETAIL)
        await seat.press("i")
        await seat.shows("WDJB-MJHT")


async def test_who_logs_in_by_a_password_has_no_sign_in() -> None:
    async with before_sign_in(Grant.DEVICE_CODE) as seat:
        await seat.press("j", "i")
        assert "sales is of type POP: it logs in by a password." in seat.seat.header()
        assert seat.panel == ""


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({"read_only": True}, "This screen is read-only"),
        ({"role": lambda: Role.OPERATOR}, "this needs the role admin"),
    ],
)
async def test_who_may_not_edit_may_not_sign_in(own: dict[str, Any], told: str) -> None:
    async with before_sign_in(Grant.DEVICE_CODE, **own) as seat:
        await seat.press("i")
        assert told in seat.seat.header()
        assert seat.panel == ""


async def test_whose_role_was_taken_meanwhile_keeps_nothing() -> None:
    role = [Role.ADMIN]
    async with before_sign_in(Grant.DEVICE_CODE, role=lambda: role[0]) as seat:
        await seat.press("i")
        await seat.shows("WDJB-MJHT")
        role[0] = Role.OPERATOR
        seat.server.answers.append(GRANTED)
        await seat.shows("You are operator; this needs the role admin.")
        assert seat.nothing_is_kept


async def test_a_fault_of_ours_is_told_and_ends_nothing() -> None:
    class Faulty(MemoryAuthorization):
        async def begin_device(self, credential: object) -> object:  # type: ignore[override]
            raise ZeroDivisionError(credential)

    async with before_sign_in(Grant.DEVICE_CODE, server=Faulty()) as seat:
        await seat.press("i")
        await seat.shows("A fault of this program (ZeroDivisionError); its log tells more.")
        await seat.press("escape")
        assert seat.seat.app.is_running


@pytest.mark.parametrize("size", [(80, 24), (60, 15)])
async def test_a_long_address_scrolls_and_what_to_do_stays_in_view(size: tuple[int, int]) -> None:
    server = MemoryAuthorization(page=evolve(PAGE, url=LONG))
    async with before_sign_in(Grant.AUTHORIZATION_CODE, size, server) as seat:
        await seat.press("i")
        await seat.shows("Enter to paste")
        seen = ""
        for _ in range(20):
            lines = [line.strip("│ ") for line in seat.panel.splitlines()]
            assert len(lines) <= size[1]
            assert all(len(line) <= size[0] for line in seat.panel.splitlines())
            assert "Enter to paste" in seat.panel
            seen += "".join(lines)
            await seat.press("j")
        assert all(f"part{n}=" in seen for n in range(20))
        await seat.paste(LANDED.replace("st-1", "st-2"))
        await seat.press("enter")
        await seat.shows("Esc gives up")
        assert len(seat.panel.splitlines()) <= size[1]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_words_of_a_server_are_harmless(text: str) -> None:
    server = MemoryAuthorization(
        code=evolve(QUICK, verification_url=f"https://x.test/{text}", user_code=text[:40]),
        answers=[None],
    )
    async with before_sign_in(Grant.DEVICE_CODE, server=server) as seat:
        await seat.press("i")
        await seat.shows("lasts 15 min more")
        panel = seat.panel
        server.answers.append(SignInError(text))
        await seat.shows("Enter begins again")
        for shown in (panel, seat.panel):
            assert shown.replace("\n", "").isprintable()
            assert len(shown.splitlines()) <= 24


async def test_the_panel_costs_nothing_while_nothing_changes() -> None:
    async with before_sign_in(Grant.DEVICE_CODE) as seat:
        await seat.press("i")
        await seat.shows("lasts 15 min more")
        panel = seat.seat.app.screen
        assert isinstance(panel, SignInPanel)
        before, asked = panel.query_one("#panel")._lines, len(seat.server.asked)  # type: ignore[attr-defined]
        await seat.seat.until(lambda: len(seat.server.asked) > asked + 2)
        assert panel.query_one("#panel")._lines == before  # type: ignore[attr-defined]
