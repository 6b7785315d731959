"""What Prometheus sees of a target."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from typing import Final

from attrs import frozen
from prometheus_client.parser import text_string_to_metric_families

Series = tuple[str, frozenset[tuple[str, str]]]
DEADLINE_S: Final = 30


@frozen
class Page:
    status: int
    headers: Mapping[str, str]
    body: str


def ask(port: int, path: str, method: str = "GET", host: str = "127.0.0.1") -> Page:
    connection = http.client.HTTPConnection(host, port, timeout=DEADLINE_S)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return Page(answer.status, dict(answer.getheaders()), answer.read().decode())
    finally:
        connection.close()


@frozen
class Samples:
    """Values by name and labels."""

    values: Mapping[Series, float]

    def __call__(self, name: str, **labels: str) -> float | None:
        """None where there is no such series."""
        return self.values.get((name, frozenset(labels.items())))

    @property
    def names(self) -> set[str]:
        return {name for name, _labels in self.values}


def samples(text: str) -> Samples:
    found: dict[Series, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            series = sample.name, frozenset(sample.labels.items())
            assert series not in found, f"{series} twice"
            found[series] = sample.value
    return Samples(found)


def scrape(port: int) -> Samples:
    page = ask(port, "/metrics")
    assert page.status == 200, page.body
    return samples(page.body)
