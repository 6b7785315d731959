"""config.xml is written back whole or not at all, and no byte differs but what was to change."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import (
    ConflictError,
    InvalidSettingsError,
    InvalidValueError,
    NotFoundError,
    UnreachableError,
)
from kana_tui.settings.default import default_text
from kana_tui.settings.document import Document
from kana_tui.settings.reading import read_settings
from kana_tui.settings.writing import create, update
from tests.settings.config import config, parsed, set_receiver_priority

HAND_WRITTEN = (
    "\ufeff<?xml version='1.0' encoding=\"utf-8\" ?>\r\n"
    "<!-- <receiver name='r1' priority='high'/> -->\r\n"
    "<kana-tui\tversion = '1' >\r\n"
    "\t<receivers  poll-interval='5'\r\n\t\tconnections=\"2\">   <!-- two -->\r\n"
    "\t\t<receiver priority = 'high'   name = \"r1\"></receiver>\r\n"
    "\t\t<receiver name='é &amp; &#x26; > ü' priority=\"low\" />\r\n"
    "\t</receivers  >\r\n\r\n"
    "  <?editor keep this?><ssl enabled='true'/>\r\n"
    "</kana-tui>\r\n<!-- the end -->\r\n"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.xml"
    path.write_bytes(HAND_WRITTEN.encode())
    path.chmod(0o640)
    return path


def lower(name: str = "r1") -> Callable[[Document], None]:
    return lambda document: set_receiver_priority(document, name, Priority.LOW)


def test_only_the_changed_value_differs_in_a_hand_written_file(path: Path) -> None:
    settings = update(path, lower())
    expected = HAND_WRITTEN.replace("priority = 'high'   name", "priority = 'low'   name")
    assert path.read_bytes() == expected.encode()
    assert settings.intake.receivers[0].priority is Priority.LOW
    assert read_settings(path) == settings


def test_a_receiver_is_found_by_what_its_name_means(path: Path) -> None:
    name = "é & & > ü"
    update(path, lambda document: set_receiver_priority(document, name, Priority.HIGH))
    assert path.read_bytes() == HAND_WRITTEN.replace('="low"', '="high"').encode()


def test_the_default_file_keeps_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "config.xml"
    create(path, default_text())
    update(path, lambda document: document.set(["watermarks"], "low", "50"))
    assert path.read_text() == default_text().replace('low="100"', 'low="50"')


def test_mode_and_owner_stay(path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(path, 12345, 23456)
    before = path.stat()
    update(path, lower())
    after = path.stat()
    assert stat.S_IMODE(after.st_mode) == 0o640
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert after.st_ino != before.st_ino


def test_nothing_is_written_where_nothing_changes(path: Path) -> None:
    before = path.stat()
    update(path, lambda document: set_receiver_priority(document, "r1", Priority.HIGH))
    assert path.stat() == before


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    link = tmp_path / "etc" / "config.xml"
    link.symlink_to(path)
    update(link, lower())
    assert link.is_symlink()
    assert read_settings(path).intake.receivers[0].priority is Priority.LOW


def test_a_change_that_breaks_a_rule_is_refused_and_nothing_is_written(path: Path) -> None:
    with pytest.raises(InvalidSettingsError, match="nothing was written") as told:
        update(path, lambda document: document.set(["receivers"], "poll-interval", "0"))
    assert "“0” is too small" in told.value.problems[0]
    assert path.read_bytes() == HAND_WRITTEN.encode()


def test_a_file_that_is_wrong_is_not_written_to(path: Path) -> None:
    path.write_text(config("<surprise/>"))
    with pytest.raises(InvalidSettingsError, match="a mistake"):
        update(path, lower())
    assert path.read_text() == config("<surprise/>")


def test_what_is_not_there_is_not_found(path: Path) -> None:
    with pytest.raises(NotFoundError, match="There is no receiver “r9”"):
        update(path, lower("r9"))
    with pytest.raises(NotFoundError, match="There is no element nonsense in kana-tui"):
        update(path, lambda document: document.set(["nonsense"], "a", "b"))
    with pytest.raises(NotFoundError):
        update(path.with_name("other.xml"), lower())


def test_a_character_that_xml_cannot_hold_is_refused() -> None:
    document = Document(HAND_WRITTEN.encode())
    for character in ("\0", "\x1b", "\ud800", "\uffff"):
        with pytest.raises(InvalidValueError, match="XML cannot hold"):
            document.set(["sender"], "user", character)
    assert document.data == HAND_WRITTEN.encode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '<kana-tui version="1"/>',
            (
                '<kana-tui version="1">\n  <receivers>\n'
                '    <receiver name="r1" priority="low"/>\n'
                '    <receiver name="r2" priority="medium"/>\n'
                '    <receiver name="r3" priority="low"/>\n'
                "  </receivers>\n</kana-tui>"
            ),
        ),
        (
            "<kana-tui version='1'>\r\n\t<receivers poll-interval='5' />\r\n</kana-tui>",
            (
                "<kana-tui version='1'>\r\n\t<receivers poll-interval='5' >\r\n"
                '\t  <receiver name="r1" priority="low"/>\r\n'
                '\t  <receiver name="r2" priority="medium"/>\r\n'
                '\t  <receiver name="r3" priority="low"/>\r\n'
                "\t</receivers>\r\n</kana-tui>"
            ),
        ),
    ],
)
def test_receivers_that_stand_by_default_are_written_down_when_one_changes(
    path: Path, before: str, after: str
) -> None:
    path.write_bytes(before.encode())
    update(path, lower())
    assert path.read_bytes() == after.encode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (config("\n  <ssl/>\n"), config('\n  <ssl enabled="false"/>\n')),
        (
            config("\n\t<mime/> <!-- x -->\n"),
            config('\n\t<mime/> <!-- x -->\n\t<ssl enabled="false"/>\n'),
        ),
        (config(), config('\n  <ssl enabled="false"/>')),
        (config("<ssl enabled=''/>").replace("''", "'true'"), config("<ssl enabled='false'/>")),
    ],
)  # fmt: skip
def test_an_attribute_or_element_that_is_left_out_is_added_beside_its_neighbours(
    path: Path, before: str, after: str
) -> None:
    path.write_text(before)
    assert not update(path, lambda document: document.set(["ssl"], "enabled", "false")).ssl_enabled
    assert path.read_text() == after


BLANKS = st.sampled_from(["", " ", "\n", "\r\n\t", "  \n  "])
COMMENTS = st.sampled_from(["", "<!-- <ssl enabled='no'/> > -->", "<?x <ssl?>", "<!---->"])
TEXTS = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufffe\uffff"),
    max_size=20,
)


@st.composite
def written(draw: st.DrawFn) -> str:
    """A valid file in somebody's own layout, with the mark § where the sender's user stands."""
    quote = draw(st.sampled_from("\"'"))
    gap = draw(BLANKS.filter(bool))
    user = f"user{draw(BLANKS)}={draw(BLANKS)}{quote}§{quote}"
    ends = draw(st.sampled_from(["/>", " />", "></sender>", "><!-- <sender/> --></sender>"]))
    parts = [
        *("<?xml version='1.0'?>", draw(COMMENTS), '<kana-tui version="1">'),
        *(draw(BLANKS), draw(COMMENTS), "<limits memory='1GiB'/>", draw(BLANKS)),
        f"<sender{gap}port='26'{gap}{user}{gap}tls='none'{draw(BLANKS)}{ends}",
        *(draw(COMMENTS), draw(BLANKS), "</kana-tui>", draw(BLANKS), draw(COMMENTS)),
    ]
    return draw(st.sampled_from(["", "\ufeff"])) + "".join(parts)


@given(written(), TEXTS)
def test_whatever_the_layout_and_the_value_only_the_value_differs(layout: str, user: str) -> None:
    document = Document(layout.replace("§", "before").encode())
    document.set(["sender"], "user", user)
    start, end = layout.encode().split("§".encode())
    assert document.data.startswith(start)
    assert document.data.endswith(end)
    assert (
        parsed(document.data).sender.user
        == parsed(config("<sender/>").replace("/>", f' user="{escaped(user)}"/>', 1)).sender.user
    )
    document.set(["sender"], "user", "before")
    assert document.data == layout.replace("§", "before").encode()


def escaped(text: str) -> str:
    return "".join(f"&#{ord(character)};" for character in text)


def test_an_update_waits_for_the_lock_and_says_who_does_not_let_go(path: Path) -> None:
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(ConflictError, match="is being changed by another process"):
            update(path, lower(), within_s=0.05)
    assert path.read_bytes() == HAND_WRITTEN.encode()
    update(path, lower())


def test_changes_of_many_processes_at_once_are_all_there(tmp_path: Path) -> None:
    path = tmp_path / "config.xml"
    names = [f"r{number}" for number in range(8)]
    receivers = "".join(f'<receiver name="{name}" priority="high"/>' for name in names)
    create(path, config(f"<receivers>{receivers}</receivers>"))
    script = (
        "import sys, pathlib\n"
        "from kana_tui.domain.cover import Priority\n"
        "from tests.settings.config import set_receiver_priority as to\n"
        "from kana_tui.settings.writing import update\n"
        "update(pathlib.Path(sys.argv[1]), lambda d: to(d, sys.argv[2], Priority.LOW), within_s=60)"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, str(path), name]) for name in names]
    assert [process.wait(60) for process in running] == [0] * len(names)
    assert {r.priority for r in read_settings(path).intake.receivers} == {Priority.LOW}
    assert [file.name for file in tmp_path.iterdir()] == ["config.xml"]


@pytest.mark.parametrize("call", ["fsync", "fchmod", "fchown", "open", "replace"])
def test_a_disk_that_fails_at_whatever_call_leaves_the_old_file_and_nothing_else(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    if call == "fchown":
        os.chown(path, 12345, 23456) if os.geteuid() == 0 else pytest.skip("needs root")
    real_open = os.open

    def fail(*arguments: object, **_named: object) -> int:
        if call == "open" and not int(str(arguments[1])) & os.O_EXCL:
            return real_open(*arguments)  # type: ignore[arg-type]
        raise OSError(28, "No space left on device")

    owner: object = Path if call == "replace" else os
    monkeypatch.setattr(owner, call, fail)
    with pytest.raises(UnreachableError, match="No space left on device"):
        update(path, lower())
    monkeypatch.undo()
    assert path.read_bytes() == HAND_WRITTEN.encode()
    assert [file.name for file in path.parent.iterdir()] == ["config.xml"]


def test_the_new_text_is_on_disk_before_it_takes_the_files_place(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    real_sync, real_replace = os.fsync, Path.replace

    def sync(descriptor: int) -> None:
        name = Path(f"/proc/self/fd/{descriptor}").readlink().name
        seen.append("sync folder" if name == path.parent.name else "sync file")
        real_sync(descriptor)

    def replace(self: Path, target: Path) -> Path:
        seen.append("rename")
        return real_replace(self, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", replace)
    update(path, lower())
    assert seen == ["sync file", "rename", "sync folder"]


def test_a_first_file_is_owner_only_and_never_replaces_another(tmp_path: Path) -> None:
    path = tmp_path / "config.xml"
    assert create(path, default_text())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("mine")
    assert not create(path, default_text())
    assert path.read_text() == "mine"
    assert [file.name for file in tmp_path.iterdir()] == ["config.xml"]


def test_a_change_that_is_in_its_place_is_not_refused_for_its_folder(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = os.fsync

    def fails_for_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fails_for_folders)
    settings = update(path, lambda document: set_receiver_priority(document, "r1", Priority.LOW))
    assert settings.intake.receivers[0].priority is Priority.LOW
    assert read_settings(path) == settings
