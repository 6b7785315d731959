"""Departments and queues by their paths.

A department's path starts at the root (`root/Support`); a queue's leaves the
root out (`Support/Refunds`; root's own queues are bare).
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.errors import InvalidValueError
from kana_tui.domain.fields.context import ROOT
from kana_tui.store.keys import key_of
from kana_tui.store.schema import department, queue


@frozen
class Places:
    """Paths by ID."""

    departments: Mapping[int, str]
    queues: Mapping[int, str]

    def department_id(self, path: str) -> int:
        found = _by_path(self.departments, path)
        if found is None:
            raise InvalidValueError(
                f"departments: {path!r} is no department.",
                field="departments",
                hint=f"There are: {', '.join(self.departments.values())}.",
            )
        return found

    def queue_id(self, path: str) -> int | None:
        """None for an unknown one."""
        return _by_path(self.queues, path.removeprefix(f"{ROOT}/"))


def _by_path(paths: Mapping[int, str], wanted: str) -> int | None:
    key = key_of(wanted)
    return next((place_id for place_id, path in paths.items() if key_of(path) == key), None)


async def read_places(connection: AsyncConnection) -> Places:
    nodes = {row.id: row for row in await connection.execute(select(department))}
    departments: dict[int, str] = {}

    def path(department_id: int) -> str:
        if department_id not in departments:
            row = nodes[department_id]
            above = "" if row.parent_id is None else f"{path(row.parent_id)}/"
            departments[department_id] = above + row.name
        return departments[department_id]

    ordered = {department_id: path(department_id) for department_id in sorted(nodes)}
    rows = await connection.execute(
        select(queue.c.id, queue.c.department_id, queue.c.name).order_by(queue.c.number, queue.c.id)
    )
    queues = {
        row.id: f"{path(row.department_id)}/{row.name}".removeprefix(f"{ROOT}/") for row in rows
    }
    return Places(ordered, queues)
