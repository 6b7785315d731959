"""The network's mail source: which authentication types there are, and CA files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.ca_files import DiskCaFiles
from kana_tui.mail.source import NetworkMailSource
from kana_tui.mail.tls import context_for
from tests.mail.accounts import account
from tests.servers.certificates import Authority
from tests.servers.scripted import Peer, scripted

OAUTH_TYPES = [one for one in AuthType if one.traits.oauth]


@pytest.mark.parametrize("auth_type", OAUTH_TYPES)
async def test_where_nobody_has_signed_in_nothing_is_connected_to(auth_type: AuthType) -> None:
    async with scripted(Peer.silence) as server:
        with pytest.raises(MailError) as caught:
            async with NetworkMailSource().open(account(server.port, auth_type)):
                pass
    assert caught.value.stage is Stage.LOGIN
    assert "Sign in first: kana-tui mailbox authorize ann@example.com" in str(caught.value)
    assert server.visits == 0


async def test_a_ca_file_is_judged_by_what_it_holds(tmp_path: Path) -> None:
    good = Authority(tmp_path).ca_file
    broken, key = tmp_path / "broken.pem", tmp_path / "key.pem"
    broken.write_text(good.read_text()[:200])
    key.write_bytes(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    problem = DiskCaFiles().problem
    assert await problem(str(good)) is None
    assert await problem(str(tmp_path / "none.pem")) == "does not exist"
    assert await problem(str(tmp_path)) == "is a folder"
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # whoever reads it waits for a writer
    assert await problem(str(pipe)) == "is not readable (it is no file)"
    with pytest.raises(MailError, match=r"is not readable \(it is no file\)"):
        context_for(pipe)
    for path in (broken, key):
        assert await problem(str(path)) == "holds no certificate in PEM form"
    assert await problem("nul\0byte") is not None
