"""The server of metrics and health: only GET, only its pages, and nobody keeps it from others."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from kana_tui.domain.errors import Stage as VisitStage
from kana_tui.domain.errors import UnreachableError
from kana_tui.domain.intake import Outcome
from kana_tui.metrics import server
from kana_tui.metrics.address import Address
from kana_tui.metrics.counters import IntakeCounters
from kana_tui.metrics.gauges import OverviewGauges
from kana_tui.metrics.server import CLIENTS_MOST, Health, MetricsServer
from kana_tui.services.overview import Snapshot
from tests.metrics.scrape import DEADLINE_S, ask, scrape
from tests.servers.ports import free_ports
from tests.tui.stage import ACME, Stage, mailbox

WELL = Health(lambda: None, lambda: None)


class Engine:
    """What the server serves, and the hands that change it."""

    def __init__(self, stage: Stage | None = None) -> None:
        self.stage = stage or Stage()
        self.registry = CollectorRegistry()
        self.counters = IntakeCounters(self.registry)
        self.registry.register(OverviewGauges(self.snapshot, "mx1"))
        self.dead: str | None = None
        self.unready: str | None = None
        self.fault: Exception | None = None

    def snapshot(self) -> Snapshot:
        if self.fault is not None:
            raise self.fault
        return self.stage.snapshot()

    @contextmanager
    def served(self, host: str = "127.0.0.1") -> Iterator[int]:
        (port,) = free_ports(1)
        health = Health(lambda: self.dead, lambda: self.unready)
        with MetricsServer(Address(host, port), self.registry, health):
            yield port


def test_gauges_are_those_of_the_snapshot_at_each_scrape() -> None:
    engine = Engine()
    with engine.served() as port:
        found = scrape(port)
        support = {"mailbox": "box1@acme.test"}
        assert found("kana_mailbox_depth", part="remote", **support) == 512
        assert found("kana_mailbox_depth", part="local", **support) == 0
        assert found("kana_mailbox_depth", part="total", **support) == 512
        assert found("kana_mailbox_level", **support) == 2
        assert found("kana_mailbox_unknown", mailbox="box5@acme.test") == 1
        assert found("kana_mailbox_uncovered", mailbox="box4@acme.test") == 1
        assert found("kana_mailbox_oldest_age_seconds", **support) == 540
        assert found("kana_receiver_running", receiver="r1", priority="high") == 1
        assert found("kana_receiver_running", receiver="r3", priority="low") == 0
        assert found("kana_outbox_depth") == 0
        assert found("kana_alert_mail_undelivered") == 0
        assert found("kana_ledger_difference") == 0
        engine.stage.change(1, remote=7)
        assert scrape(port)("kana_mailbox_depth", part="remote", **support) == 7


def test_what_was_never_known_has_no_series() -> None:
    engine = Engine(Stage((mailbox(1, "new", None, oldest_at=None),)))
    with engine.served() as port:
        found = scrape(port)
    assert not {"kana_mailbox_depth", "kana_mailbox_oldest_age_seconds"} & found.names
    assert found("kana_mailbox_unknown", mailbox="box1@acme.test") == 1


def test_receivers_of_other_engines_are_theirs_to_tell() -> None:
    engine = Engine()
    engine.registry = CollectorRegistry()
    engine.registry.register(OverviewGauges(engine.snapshot, "mx2"))
    with engine.served() as port:
        assert "kana_receiver_running" not in scrape(port).names


def test_counters_add_up_what_the_engine_was_told() -> None:
    engine = Engine()
    for _ in range(2):
        engine.counters.stored("a@acme.test", {Outcome.STORED: 3, Outcome.DUPLICATE: 1}, 500)
    engine.counters.visited(0.3)
    engine.counters.visited(40)
    engine.counters.failed("a@acme.test", VisitStage.TLS)
    engine.counters.failed("a@acme.test", VisitStage.DOWNLOAD)
    with engine.served() as port:
        found = scrape(port)
    messages = "kana_intake_messages_total"
    assert found(messages, mailbox="a@acme.test", outcome="stored") == 6
    assert found(messages, mailbox="a@acme.test", outcome="duplicate") == 2
    assert found("kana_intake_bytes_total", mailbox="a@acme.test") == 1000
    assert found("kana_visit_seconds_count") == 2
    assert found("kana_visit_seconds_sum") == pytest.approx(40.3)
    assert found("kana_visit_seconds_bucket", le="0.5") == 1
    assert found("kana_login_failures_total", mailbox="a@acme.test", stage="tls") == 1
    assert found("kana_login_failures_total", mailbox="a@acme.test", stage="download") is None


def test_a_hostile_address_stays_one_label() -> None:
    odd = 'a"} 1\nkana_ledger_difference 9\\'
    engine = Engine(Stage((mailbox(1, "odd", email_address=odd),)))
    with engine.served() as port:
        found = scrape(port)
    assert found("kana_mailbox_level", mailbox=odd) == 0
    assert found("kana_ledger_difference") == 0


def test_while_the_store_is_away_a_scrape_is_503_with_the_reason() -> None:
    engine = Engine()
    with engine.served() as port:
        engine.fault = UnreachableError("The store is gone.\x1b[2J")
        page = ask(port, "/metrics")
        assert (page.status, page.body) == (503, "The store is gone.\\x1b[2J\n")
        engine.fault = None
        assert ask(port, "/metrics").status == 200


def test_a_fault_of_our_own_costs_one_answer_and_tells_nothing() -> None:
    engine = Engine()
    with engine.served() as port:
        engine.fault = ZeroDivisionError("hunter2")
        page = ask(port, "/metrics")
        assert page.status == 500
        assert "hunter2" not in page.body
        assert ask(port, "/healthz").status == 200


@pytest.mark.parametrize(("path", "attribute"), [("/healthz", "dead"), ("/readyz", "unready")])
def test_health_is_ok_or_503_with_the_reason(path: str, attribute: str) -> None:
    engine = Engine()
    with engine.served() as port:
        assert (ask(port, path).status, ask(port, path).body) == (200, "ok\n")
        setattr(engine, attribute, "It sleeps.")
        assert (ask(port, path).status, ask(port, path).body) == (503, "It sleeps.\n")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_only_get_is_served(method: str) -> None:
    with Engine().served() as port:
        page = ask(port, "/metrics", method)
    assert page.status == 405
    assert page.headers["Allow"] == "GET"


def test_another_page_is_not_found_and_is_not_repeated() -> None:
    with Engine().served() as port:
        page = ask(port, "/<script>")
        assert page.status == 404
        assert "script" not in page.body
        assert ask(port, "/healthz?full=1").status == 200


def test_it_tells_no_version_of_python() -> None:
    with Engine().served() as port:
        assert "python" not in ask(port, "/healthz").headers["Server"].casefold()


def test_clients_that_say_nothing_keep_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server._Request, "timeout", None)  # so that it is no time that ends them
    with Engine().served() as port, _silent(port, CLIENTS_MOST - 1):
        assert ask(port, "/healthz").status == 200


def test_there_are_no_more_clients_at_once_than_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server._Request, "timeout", None)
    with Engine().served() as port, _silent(port, CLIENTS_MOST + 1) as clients:
        ended, _, _ = select.select(clients, [], [], DEADLINE_S)
        assert ended == clients[-1:]
        assert ended[0].recv(1) == b""


def test_a_client_that_says_nothing_is_left_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server._Request, "timeout", 0.05)
    with Engine().served() as port, _silent(port, 1) as (client,):
        assert client.recv(1) == b""


def test_a_port_in_use_is_told_with_the_address() -> None:
    with Engine().served() as port:
        in_use = f"127.0.0.1:{port}.*in use"
        with pytest.raises(UnreachableError, match=in_use):
            MetricsServer(Address("127.0.0.1", port), CollectorRegistry(), WELL)


def test_a_host_that_is_none_of_ours_is_told() -> None:
    with pytest.raises(UnreachableError, match=r"192\.0\.2\.1:9100"):
        MetricsServer(Address("192.0.2.1", 9100), CollectorRegistry(), WELL)


@pytest.mark.skipif(not socket.has_ipv6, reason="this host has no IPv6")
def test_an_ipv6_address_is_served() -> None:
    with Engine().served("::1") as port:
        assert ask(port, "/healthz", host="::1").status == 200


def test_once_it_ends_nobody_listens() -> None:
    with Engine(Stage(ACME)).served() as port:
        assert ask(port, "/healthz").status == 200
    with pytest.raises(ConnectionRefusedError):
        ask(port, "/healthz")


@contextmanager
def _silent(port: int, count: int) -> Iterator[list[Any]]:
    """Clients that connect and say nothing."""
    clients = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(count)]
    try:
        yield clients
    finally:
        for client in clients:
            client.close()
