"""POP3 up to the login: silence, garbage and refusals, and no secret in any error."""

from __future__ import annotations

import pytest

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.pop3_session import pop3_session
from tests.mail.accounts import SOON_S, account, read_all
from tests.mail.pop3_taking import MESSAGES, failure_of, odd_session, take
from tests.servers.odd_pop3 import OddPop3, table
from tests.servers.scripted import Peer, scripted


async def test_a_server_that_never_speaks_gave_no_greeting() -> None:
    async with scripted(Peer.silence) as server:
        with pytest.raises(MailError, match=r"no greeting after 0\.2 s") as caught:
            async with pop3_session(account(server.port, timeout_s=SOON_S)):
                pass
    assert (caught.value.stage, caught.value.deadline) == (Stage.GREETING, True)
    assert "choose Secure POP" in str(caught.value)


@pytest.mark.parametrize(
    ("command", "begun", "stage"),
    [
        (b"CAPA", b"", Stage.GREETING),
        (b"CAPA", b"+OK\r\nUIDL\r\n", Stage.GREETING),
        (b"USER", b"", Stage.LOGIN),
        (b"PASS", b"+O", Stage.LOGIN),
        (b"LIST", b"", Stage.LIST),
        (b"LIST", b"+OK\r\n1 5\r\n", Stage.LIST),
        (b"UIDL", b"", Stage.LIST),
        (b"DELE", b"", Stage.DELETE),
    ],
)
async def test_silence_names_the_answer_that_never_came(
    command: bytes, begun: bytes, stage: Stage
) -> None:
    async def talk(peer: Peer) -> None:
        server = OddPop3(MESSAGES, capabilities=None, answers={command: begun or b" "})
        await server.until(command, peer)
        await peer.silence()

    async with scripted(talk) as server:
        with pytest.raises(MailError, match=f"no answer to {command.decode()}.* after") as caught:
            await take(server.port, [], timeout_s=SOON_S)
    assert (caught.value.stage, caught.value.deadline) == (stage, True)


async def test_a_byte_now_and_then_does_not_extend_a_deadline() -> None:
    async def talk(peer: Peer) -> None:
        while True:
            await peer.send(b"+")
            await peer.pause(SOON_S / 10)

    async with scripted(talk) as server:
        with pytest.raises(MailError, match="no greeting after") as caught:
            async with pop3_session(account(server.port, timeout_s=SOON_S)):
                pass
    assert caught.value.deadline


async def test_a_message_that_trickles_ends_at_its_deadline_and_is_named() -> None:
    async def talk(peer: Peer) -> None:
        await OddPop3(MESSAGES, answers={b"RETR": b"+OK\r\n"}).until(b"RETR", peer)
        while True:
            await peer.send(b"x")
            await peer.pause(SOON_S / 10)

    async with scripted(talk) as server:
        with pytest.raises(MailError, match=r"no message 1 \(UIDL uid-1\)") as caught:
            async with pop3_session(account(server.port, timeout_s=SOON_S)) as session:
                await read_all(session)
    assert (caught.value.stage, caught.value.deadline) == (Stage.DOWNLOAD, True)


@pytest.mark.parametrize("command", [b"", b"CAPA", b"USER", b"PASS", b"LIST", b"UIDL", b"RETR"])
async def test_garbage_is_shown_escaped_and_ends_the_session(command: bytes) -> None:
    garbage = b"\x1b]0;pwned\x07\xff hello\r\n"
    server = OddPop3(MESSAGES, answers={command: garbage})
    if not command:
        server.greeting = garbage
    error = await failure_of(server)
    assert r"\x1b]0;pwned\x07" in str(error)
    assert "\x1b" not in str(error)
    assert server.deleted == set()


async def test_a_line_without_end_is_cut_off() -> None:
    error = await failure_of(OddPop3([], greeting=b"+OK " + b"x" * 1_000_000))
    assert (error.stage, "longer than" in str(error)) == (Stage.GREETING, True)


async def test_long_words_of_a_server_are_cut() -> None:
    error = await failure_of(OddPop3([], answers={b"PASS": b"-ERR " + b"no" * 1000 + b"\r\n"}))
    assert len(str(error)) < 400


@pytest.mark.parametrize(
    ("answer", "temporary", "refused"),
    [
        (b"-ERR [AUTH] Authentication failed.", False, True),
        (b"-ERR [auth] no", False, True),
        (b"-ERR invalid password", False, True),
        (b"-ERR", False, True),
        (b"-ERR [IN-USE] Do you have another session?", True, False),
        (b"-ERR [SYS/TEMP] Internal error", True, False),
        (b"-ERR [LOGIN-DELAY] minimum time between mail checks", True, False),
        (b"-ERR [SYS/PERM] mailbox is corrupt", False, False),
        (b"-ERR maildrop already locked", True, False),
        (b"-ERR mailbox in use by another session", True, False),
        (b"-ERR unable to lock the mail drop", True, False),
        (b"-ERR .ann.pop lock busy! Is another session active?", True, False),
        (b"-ERR cannot get a lock", True, False),
        (b"-ERR try again later", True, False),
        (b"-ERR temporary authentication failure", True, False),
        (b"-ERR invalid password, please try again", False, True),
        (b"-ERR unknown user or bad password, try later", False, True),
        (b"-ERR authentication failed, try again", False, True),
        (b"-ERR the account is locked", False, True),
        (b"-ERR ann has been blocked", False, True),
    ],
)
@pytest.mark.parametrize("command", [b"USER", b"PASS"])
async def test_a_refused_login_tells_wrong_credentials_from_trouble(
    command: bytes, answer: bytes, temporary: bool, refused: bool
) -> None:
    error = await failure_of(OddPop3([], answers={command: answer + b"\r\n"}))
    assert error.stage is Stage.LOGIN
    assert (error.temporary, error.refused_credentials) == (temporary, refused)


@pytest.mark.parametrize(
    ("answer", "hint", "after_s"),
    [
        (b"-ERR [AUTH] no", "Check user and password. After 3 refusals", None),
        (b"-ERR [IN-USE] locked", "Another session holds the mailbox", 60),
        (b"-ERR [LOGIN-DELAY] wait", "The server wants 300 s between two logins", 300),
        (b"-ERR [LOGIN-DELAY 40] wait", "The server wants 40 s between two logins", 40),
        (b"-ERR [LOGIN-DELAY soon] wait", "The server wants 300 s between two logins", 300),
        (b"-ERR [SYS/TEMP] no", "asks to come again later", None),
        (b"-ERR [SYS/TEMP/DISK] no", "asks to come again later", None),
        (b"-ERR [SYS/PERM] no", "calls this lasting", None),
    ],
)
async def test_a_response_code_tells_what_to_do_and_when_it_is_tried_again(
    answer: bytes, hint: str, after_s: float | None
) -> None:
    capabilities = (b"USER", b"LOGIN-DELAY 300 USER")
    error = await failure_of(
        OddPop3([], capabilities=capabilities, answers={b"PASS": answer + b"\r\n"})
    )
    assert hint in (error.hint or "")
    assert error.retry_after_s == after_s
    doubted = "not in doubt" not in (error.hint or "")
    assert doubted is error.refused_credentials


async def test_a_login_delay_of_unknown_length_leaves_the_back_off() -> None:
    error = await failure_of(OddPop3([], answers={b"PASS": b"-ERR [LOGIN-DELAY] wait\r\n"}))
    assert (error.temporary, error.retry_after_s) == (True, None)


@pytest.mark.parametrize(
    ("before", "after", "delay_s"),
    [
        ((b"USER",), None, 0),
        ((b"USER", b"LOGIN-DELAY 300 USER"), None, 300),
        ((b"USER", b"LOGIN-DELAY 300 USER"), (b"LOGIN-DELAY 60",), 60),
        ((b"USER", b"LOGIN-DELAY 300 USER"), (b"UIDL",), 0),
        ((b"USER", b"LOGIN-DELAY"), None, 0),
        ((b"USER", b"LOGIN-DELAY -5"), None, 0),
    ],
)
async def test_the_capabilities_after_the_login_tell_the_delay_of_this_user(
    before: tuple[bytes, ...], after: tuple[bytes, ...] | None, delay_s: float
) -> None:
    server = OddPop3([], capabilities=before)

    async def talk(peer: Peer) -> None:
        await server.until(b"PASS", peer)
        await peer.expect(b"CAPA")
        await peer.send(b"-ERR not here\r\n" if after is None else table(after))
        await peer.silence()

    async with scripted(talk) as running, pop3_session(account(running.port)) as session:
        assert session.login_delay_s == delay_s


async def test_a_password_is_not_shown_to_a_server_that_does_not_offer_it() -> None:
    server = OddPop3([], capabilities=(b"UIDL", b"SASL CRAM-MD5 \x1b[31m"))
    error = await failure_of(server)
    assert (error.stage, error.refused_credentials) == (Stage.LOGIN, False)
    assert r"it offers CRAM-MD5 \x1b[31M" in error.message
    assert server.log == [b"CAPA"]


async def test_logins_may_be_told_in_several_lines() -> None:
    server = OddPop3([], capabilities=(b"SASL NTLM", b"UIDL", b"SASL PLAIN CRAM-MD5"))
    async with scripted(server) as running:
        with pytest.raises(MailError):  # which is of the handshake
            async with pop3_session(account(running.port, AuthType.EXCHANGE)):
                pass
    assert server.log[:2] == [b"CAPA", b"AUTH NTLM"]


async def test_a_busy_greeting_is_temporary() -> None:
    error = await failure_of(OddPop3([], greeting=b"-ERR [SYS/TEMP] too many connections\r\n"))
    assert (error.stage, error.temporary) == (Stage.GREETING, True)
    assert "too many connections" in str(error)
    assert error.hint == "The server asks to come again later; it is tried again by itself."


async def test_a_server_that_hangs_up_on_the_password_is_told_with_what_that_may_mean() -> None:
    error = await failure_of(OddPop3([], answers={b"PASS": None}))
    assert (error.stage, error.refused_credentials) == (Stage.LOGIN, False)
    assert "closed the connection before its answer to PASS was complete." in str(error)
    assert "Some servers hang up on a wrong password" in str(error)


@pytest.mark.parametrize("answer", [b"-ERR bad password %b\r\n", b"%b?\r\n", b"-ERR [%b] no\r\n"])
async def test_a_password_that_the_server_repeats_is_not_shown(answer: bytes) -> None:
    secret = "canary-7f3a"
    error = await failure_of(
        OddPop3([], answers={b"PASS": answer % secret.encode()}), password=secret
    )
    assert secret not in str(error)
    assert secret not in repr(error)
    assert secret.upper() not in str(error)


@pytest.mark.parametrize("password", ["o", "k", "K", "+", "OK", "-ERR", "e", "AUTH", "in-use"])
async def test_a_password_may_be_a_part_of_what_every_server_says(password: str) -> None:
    async with odd_session(OddPop3(MESSAGES), password=password) as session:
        assert await session.count() == len(MESSAGES)
    refusal = b"-ERR [AUTH] Authentication failed.\r\n"
    error = await failure_of(OddPop3([], answers={b"PASS": refusal}), password=password)
    assert (error.stage, error.refused_credentials) == (Stage.LOGIN, True)
    assert "Authentication failed." in error.message
    busy = OddPop3([], answers={b"PASS": b"-ERR [IN-USE] locked\r\n"})
    assert (await failure_of(busy, password=password)).temporary


@pytest.mark.parametrize("field", ["user", "password"])
@pytest.mark.parametrize("character", ["\r", "\n", "\0"])
async def test_a_line_end_in_user_or_password_is_never_sent(field: str, character: str) -> None:
    server = OddPop3([])
    error = await failure_of(server, **{field: f"secret{character}DELE 1"})
    assert error.stage is Stage.SETTINGS
    assert "secret" not in str(error)
    assert not any(line.startswith((b"USER", b"PASS", b"DELE")) for line in server.log)
