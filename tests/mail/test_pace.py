"""How far a session asks ahead follows what the server hands out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kana_tui.mail.pace import Pace


class Server:
    """Hands out so many a second, all the time."""

    def __init__(self, per_s: float, first: int = 32, most: int = 500) -> None:
        self.now_s = 0.0
        self.per_s = per_s
        self.pace = Pace(first, most, lambda: self.now_s)

    def hand_out(self, count: int) -> None:
        for _ in range(count):
            self.now_s += 1 / self.per_s
            self.pace.came(1)


def test_a_slow_server_is_never_asked_for_more_than_at_first() -> None:
    server = Server(per_s=6)
    server.hand_out(500)
    assert server.pace.ahead == 32


def test_a_fast_server_is_asked_for_the_most_as_soon_as_half_of_the_first_came() -> None:
    server = Server(per_s=5000)
    server.hand_out(16)
    assert server.pace.ahead == 32
    server.hand_out(1)
    assert server.pace.ahead == 500


def test_the_way_there_and_back_is_not_the_servers_pace() -> None:
    server = Server(per_s=5000)
    server.now_s += 10
    server.hand_out(17)
    assert server.pace.ahead == 500


def test_a_server_that_slows_down_is_asked_for_less() -> None:
    server = Server(per_s=5000)
    server.hand_out(1000)
    server.per_s = 100
    server.hand_out(1000)
    assert 90 <= server.pace.ahead <= 110


@given(st.floats(0.01, 1e6), st.integers(0, 2000))
def test_it_stays_between_the_first_and_the_most(per_s: float, count: int) -> None:
    server = Server(per_s)
    server.hand_out(count)
    assert 32 <= server.pace.ahead <= 500
