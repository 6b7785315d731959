"""Whatever processes seal and whenever rotations come or break off: all of it can be opened."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import pytest
from attrs import define, field, frozen
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kana_tui.domain.audit import Actor
from kana_tui.domain.errors import ConflictError
from kana_tui.domain.secret import Secret
from kana_tui.ports.rotation import Reseal, Resealed
from kana_tui.ports.secret_box import SealedSecretError
from kana_tui.secrets.box import FernetBox
from kana_tui.secrets.key_file import KeyFile, KeysOnDisk, load_keys, make_key
from kana_tui.secrets.key_ring import KeyRing
from kana_tui.secrets.redaction import Redactor
from kana_tui.services.rotation import Rotated, Rotation

ALICE = Actor("alice", "mx1")


class KilledError(Exception):
    """The process was killed here."""


@define
class MemoryValues:
    """Implements `SealedValues`: by number. `late`: stored just after all was sealed anew."""

    sealed: dict[int, bytes] = field(factory=dict)
    late: dict[int, bytes] = field(factory=dict)
    actors: list[Actor] = field(factory=list)

    async def reseal(self, reseal: Reseal, actor: Actor) -> Resealed:
        again = {number: reseal(one) for number, one in self.sealed.items()}
        fresh = {number: one for number, one in again.items() if one is not None}
        self.sealed |= {**fresh, **self.late}
        self.late = {}
        self.actors.append(actor)
        unopened = tuple(f"secret {number}" for number, one in again.items() if one is None)
        return Resealed(len(fresh), unopened)

    async def all(self) -> Sequence[bytes]:
        return list(self.sealed.values())


@frozen
class KilledRing:
    """A KeyRing whose process is killed at the `at`-th thing that it is asked for."""

    ring: KeyRing
    step: Callable[[], None]

    def held(self) -> AbstractContextManager[None]:
        return self.ring.held()

    def keys(self) -> Sequence[bytes]:
        self.step()
        return self.ring.keys()

    def put_new_first(self) -> None:
        self.step()
        self.ring.put_new_first()
        self.step()

    def remove(self, keys: Collection[bytes]) -> None:
        self.step()
        self.ring.remove(keys)
        self.step()

    def reseal(self, sealed: bytes) -> bytes | None:
        return self.ring.reseal(sealed)

    def opener(self, sealed: bytes) -> bytes | None:
        self.step()
        return self.ring.opener(sealed)


class Home:
    """A key file, what a store keeps, and any number of processes that know both."""

    def __init__(self, folder: Path) -> None:
        self.file = KeyFile(folder / "secret.key")
        self.values = MemoryValues()
        make_key(self.file.path, lambda: False)

    def process(self) -> FernetBox:
        return FernetBox(self.keys, Redactor(), KeysOnDisk(self.file))

    @property
    def keys(self) -> Sequence[bytes]:
        keys = load_keys(self.file)
        assert keys is not None
        return keys

    async def rotate(self) -> Rotated:
        return await Rotation(KeyRing(self.file), self.values).rotate(ALICE)

    async def killed(self, at: int) -> None:
        steps = iter(range(at))

        def step() -> None:
            if next(steps, None) is None:
                raise KilledError

        with suppress(KilledError):
            await Rotation(KilledRing(KeyRing(self.file), step), self.values).rotate(ALICE)

    def put(self, number: int, box: FernetBox) -> None:
        self.values.sealed[number] = box.seal("mailbox", str(number), Secret(f"s{number}"))

    def refused(self, box: FernetBox) -> list[int]:
        found = []
        for number, sealed in self.values.sealed.items():
            try:
                assert box.open("mailbox", str(number), sealed) == Secret(f"s{number}")
            except SealedSecretError:
                found.append(number)
        return found


@pytest.fixture
def home(tmp_path: Path) -> Home:
    tmp_path.chmod(0o700)
    return Home(tmp_path)


async def test_everything_is_sealed_with_a_new_key_that_stands_first(home: Home) -> None:
    for number in range(5):
        home.put(number, home.process())
    before = dict(home.values.sealed)
    (old,) = home.keys
    done = await home.rotate()
    assert (done.rotated, done.keys, done.unopened) == (5, 2, ())
    assert home.keys[1] == old
    assert home.values.actors == [ALICE]
    newest = FernetBox(home.keys[:1], Redactor())
    assert home.refused(newest) == []
    assert all(home.values.sealed[number] != before[number] for number in before)


async def test_the_last_key_stays_for_it_proves_the_audit_log(home: Home) -> None:
    (oldest,), audit_key = home.keys, home.process().audit_key
    for _again in range(5):
        await home.rotate()
        assert home.keys[-1] == oldest
        assert home.process().audit_key == audit_key


async def test_a_key_of_no_use_goes_one_rotation_later(home: Home) -> None:
    home.put(1, home.process())
    await home.rotate()
    second = home.keys[0]
    await home.rotate()
    assert second in home.keys  # it was the first one just now
    await home.rotate()
    assert second not in home.keys
    assert len(home.keys) == 3


async def test_a_key_that_opens_what_was_stored_meanwhile_stays(home: Home) -> None:
    await home.rotate()
    slow = FernetBox(home.keys, Redactor())
    await home.rotate()
    home.values.late = {1: slow.seal("mailbox", "1", Secret("s1"))}
    assert (await home.rotate()).keys == 4
    assert home.refused(home.process()) == []
    await home.rotate()
    assert (await home.rotate()).keys == 3


async def test_what_is_stored_during_a_rotation_outlives_the_next(home: Home) -> None:
    await home.rotate()
    late = FernetBox(home.keys, Redactor())
    await home.rotate()
    home.values.sealed[1] = late.seal("mailbox", "1", Secret("s1"))
    await home.rotate()
    await home.rotate()
    assert home.refused(home.process()) == []


async def test_a_key_that_stands_in_the_file_twice_is_not_taken_out_with_its_copy(
    home: Home,
) -> None:
    """As after `cat old new`: the last one proves the audit log, whatever else stands there."""
    audit_key = home.process().audit_key
    home.put(1, home.process())
    lines = home.file.path.read_bytes()
    home.file.path.write_bytes(lines + lines)
    for _again in range(4):
        await home.rotate()
        assert home.process().audit_key == audit_key
    assert home.refused(home.process()) == []


async def test_a_process_that_runs_follows_a_rotation(home: Home) -> None:
    engine = home.process()
    home.put(1, engine)
    for _again in range(4):
        await home.rotate()
    assert home.refused(engine) == []
    home.put(2, engine)
    assert home.refused(FernetBox(home.keys[:1], Redactor())) == []


async def test_what_no_key_opens_is_named_and_left_as_it_was(home: Home) -> None:
    home.put(1, home.process())
    home.values.sealed[2] = damaged = b"gAAAAA-nothing"
    done = await home.rotate()
    assert (done.rotated, done.unopened) == (1, ("secret 2",))
    assert home.values.sealed[2] == damaged


async def test_one_rotation_at_a_time(home: Home) -> None:
    with KeyRing(home.file).held(), pytest.raises(ConflictError, match="by another process"):
        await home.rotate()
    await home.rotate()


async def test_killed_at_whatever_step_all_is_readable_and_the_next_one_finishes(
    home: Home,
) -> None:
    running = home.process()
    for number in range(3):
        home.put(number, running)
    for _before in range(3):
        await home.rotate()
    for at in range(12):
        await home.killed(at)
        assert home.refused(home.process()) == home.refused(running) == []
        home.put(at, running)
    done = await home.rotate()
    assert done.rotated == len(home.values.sealed)
    await home.rotate()
    assert (await home.rotate()).keys == 3


class ManyProcesses(RuleBasedStateMachine):
    """Long-lived processes that seal and store, rotations, and kills, in any order."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.home = Home(self.folder)
        self.boxes = [self.home.process()]
        self.pending: list[tuple[int, bytes]] = []
        self.number = 0

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @rule()
    def start(self) -> None:
        self.boxes.append(self.home.process())

    @rule(box=st.integers(0, 9))
    def seal(self, box: int) -> None:
        """The row is written a little later, as a busy store does it."""
        self.number += 1
        sealed = self.boxes[box % len(self.boxes)].seal(
            "mailbox", str(self.number), Secret(f"s{self.number}")
        )
        self.pending.append((self.number, sealed))

    @rule()
    def store(self) -> None:
        self.home.values.sealed |= self.pending
        self.pending = []

    @rule()
    def rotate(self) -> None:
        _run(self.home.rotate())
        self.store()

    @rule(at=st.integers(0, 20))
    def kill(self, at: int) -> None:
        _run(self.home.killed(at))
        self.store()

    @invariant()
    def everybody_opens_everything(self) -> None:
        for box in self.boxes:
            assert self.home.refused(box) == []


def _run(work: object) -> None:
    """None of it waits for anything."""
    with suppress(StopIteration):
        work.send(None)  # type: ignore[attr-defined]  # a coroutine


TestManyProcesses = ManyProcesses.TestCase
TestManyProcesses.settings = hypothesis_settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # each step writes a file to disk
)
