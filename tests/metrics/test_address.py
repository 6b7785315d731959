"""HOST:PORT."""

from __future__ import annotations

import pytest

from kana_tui.domain.errors import InvalidValueError
from kana_tui.metrics.address import Address, parse_address


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [("127.0.0.1:9100", "127.0.0.1", 9100), ("localhost:1", "localhost", 1),
     ("[::1]:65535", "::1", 65535), ("0.0.0.0:80", "0.0.0.0", 80)],
)  # fmt: skip
def test_a_host_and_a_port(text: str, host: str, port: int) -> None:
    assert parse_address(text) == Address(host, port)
    assert str(parse_address(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "9100", ":9100", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
     "127.0.0.1:x", "127.0.0.1:-1", "127.0.0.1:९", "::1:9100", "[]:9100", "[localhost]:9100",
     "a b:9100", "a\n:9100", "127.0.0.1:" + 5000 * "9", "http://127.0.0.1:9100"],
)  # fmt: skip
def test_what_is_none_is_refused_with_the_rule(text: str) -> None:
    with pytest.raises(InvalidValueError, match="HOST:PORT"):
        parse_address(text)
