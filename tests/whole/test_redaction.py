"""No secret stands anywhere that is not the key's: in no log, answer, file, or environment."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.servers.authorization import running_authorization
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer
from tests.whole.canaries import Canaries
from tests.whole.logins_of_every_kind import BY_GRANT, BY_PASSWORD, World, log_in_everywhere
from tests.whole.program import Program

# The sender of config.xml has no CA file of its own, so that this server speaks in clear.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, dovecot: Dovecot) -> Iterator[World]:
    program = Program(tmp_path_factory.mktemp("redaction") / "home")
    program.configure()
    smtp = SmtpServer(login=True)
    smtp.up()
    try:
        with running_authorization(dovecot.tokens) as authorization:
            authorization.interval = 1
            world = World(program, dovecot, authorization, smtp)
            log_in_everywhere(world)
            yield world
    finally:
        smtp.down()


def files(world: World) -> dict[str, bytes]:
    found = [path for path in world.program.home.rglob("*") if path.is_file()]
    return {str(path.relative_to(world.program.home)): path.read_bytes() for path in found}


def test_nothing_that_was_said_holds_one(world: World) -> None:
    leaks = {what: world.canaries.found_in(text) for what, text in world.said.items()}
    assert {what: names for what, names in leaks.items() if names} == {}


def test_no_file_holds_one(world: World) -> None:
    found = files(world)
    assert {"kana.db", "config.xml", "logs/engine.log", "logs/screen.log"} <= found.keys()
    leaks = {name: world.canaries.found_in(data) for name, data in found.items()}
    assert {name: names for name, names in leaks.items() if names} == {}


def test_the_logins_were_real(world: World) -> None:
    """Or the absence of their secrets would prove nothing."""
    status = json.loads(world.program.good("status", "--json"))
    errors = {one["name"]: one["last_error"] for one in status["mailboxes"]}
    for kind in (*BY_PASSWORD, *BY_GRANT):
        if kind != "pop":  # its password was edited
            assert errors[kind] is None, errors[kind]
        assert errors[f"{kind}-wrong"] is not None, kind
    assert world.smtp.logins
    assert world.authorization.asked.total() > len(BY_GRANT)
    assert len(world.canaries.known) > 40
    log = files(world)["logs/engine.log"]
    assert b"debug" in world.said["cmdline"]
    assert b"PATH=" in world.said["environ"]
    assert b"a fault of ours" in log
    assert b"NTLM step" not in log  # what a password can be guessed from


@pytest.mark.parametrize("before", ["", "a", "ab", "\0user\0"])
def test_a_canary_is_found_in_every_spelling(before: str) -> None:
    canaries = Canaries()
    secret = canaries.make("it")
    whole = f"{before}{secret}\x01\x01"
    for spelled in (
        whole.encode(),
        b64encode(whole.encode()),
        quote(whole).encode(),
        quote(whole, safe="").upper().encode(),
        json.dumps({"a": whole}).encode(),
        repr(whole).encode(),
        repr({"a": whole.encode()}).encode(),
        whole.encode().hex().encode(),
        whole.encode("utf-16-le"),
    ):
        assert canaries.found_in(b"x" + spelled + b"y") == {"it"}, spelled
    assert canaries.found_in(b"nothing of the kind") == set()
