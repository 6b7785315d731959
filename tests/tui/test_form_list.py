"""A form as a list: whatever appears and disappears, the cursor stays with its entry, in view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import define, evolve, field
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.audit import Change
from kana_tui.domain.secret import Secret
from kana_tui.services.forms import Entry, EntryKind, Option, Section
from kana_tui.tui.form_list import FormList
from kana_tui.tui.form_search import found
from kana_tui.tui.form_values import next_value, shown_value
from kana_tui.tui.glyphs import UNICODE
from kana_tui.tui.line import line_cells
from kana_tui.tui.line_editor import LineEditor

KEYS = "abcdefghij"
WIDTH, HEIGHT = 60, 6


def entry(key: str, **own: Any) -> Entry:
    return evolve(Entry(key, f"Label {key}", EntryKind.TEXT, key, (f"Means {key}.",)), **own)


@define
class Lists:
    """A form of two sections; `hidden` and `wrong` are keys."""

    hidden: set[str] = field(factory=set)
    wrong: set[str] = field(factory=set)

    def sections(self) -> Sequence[Section]:
        error = "is not right, and here is a long sentence that tells what to do about it."
        entries = [
            entry(key, error=f"Label {key} {error}" if key in self.wrong else None)
            for key in KEYS
            if key not in self.hidden
        ]
        half = [e for e in entries if e.key < "f"]
        return (Section("First", tuple(half)), Section("Second", tuple(entries[len(half) :])))

    def set(self, key: str, text: str) -> None: ...

    def set_secret(self, key: str, secret: Secret | None) -> None: ...

    def restore(self, key: str) -> None: ...

    def add(self, title: str) -> str:
        return title

    def remove(self, key: str) -> None: ...

    def check(self) -> str | None:
        return None

    def changes(self) -> Sequence[Change]:
        return ()


STEPS = st.lists(
    st.sampled_from(["down", "up", "page", "back", "next", "before", "first", "last", "fold"])
    | st.tuples(st.sampled_from(["hide", "wrong"]), st.sampled_from(KEYS)),
    max_size=30,
)


def turned(keys: set[str], key: str) -> set[str]:
    return keys ^ {key}


def do(listed: FormList, form: Lists, step: str | tuple[str, str]) -> None:
    match step:
        case ("hide", key):
            form.hidden = turned(form.hidden, key)
            listed.show()
        case ("wrong", key):
            form.wrong = turned(form.wrong, key)
            listed.show()
        case "down":
            listed.move(1)
        case "up":
            listed.move(-1)
        case "page":
            listed.page(1)
        case "back":
            listed.page(-1)
        case "next":
            listed.to_next_entry(1)
        case "before":
            listed.to_next_entry(-1)
        case "first":
            listed.first()
        case "last":
            listed.last()
        case "fold":
            listed.fold()


def text(listed: FormList) -> list[str]:
    return ["".join(run.text for run in line) for line in listed.view()]


@given(STEPS)
def test_the_cursor_stays_with_its_entry_and_in_view(
    steps: list[str | tuple[str, str]],
) -> None:
    form = Lists()
    listed = FormList(form, UNICODE)
    listed.fit(WIDTH, HEIGHT)
    for step in steps:
        before = listed.entry
        do(listed, form, step)
        view = text(listed)
        assert len(view) <= HEIGHT
        assert all(line_cells(line) <= WIDTH for line in listed.view())
        assert sum(line.startswith("▶") for line in view) == 1
        if isinstance(step, tuple) and before is not None and before.key not in form.hidden:
            assert listed.entry is not None
            assert listed.entry.key == before.key


@given(st.sets(st.sampled_from(KEYS)), st.sampled_from(KEYS))
def test_an_error_of_the_cursors_entry_is_whole_in_view(wrong: set[str], key: str) -> None:
    form = Lists(wrong={*wrong, key})
    listed = FormList(form, UNICODE)
    listed.fit(WIDTH, HEIGHT)
    listed.to(key)
    view = text(listed)
    at = next(i for i, line in enumerate(view) if line.startswith("▶"))
    told = " ".join(line.strip() for line in view[at + 1 : at + 3])
    assert told == (
        f"! Label {key} is not right, and here is a long sentence that tells what to do about it."
    )


def test_an_entry_that_is_edited_and_disappears_takes_its_editor_along() -> None:
    form = Lists()
    listed = FormList(form, UNICODE)
    listed.edit(entry("a"), LineEditor("x"))
    form.hidden = {"a"}
    listed.show()
    assert listed.editor is None
    assert listed.edited is None


def test_what_is_found_unfolds_its_group() -> None:
    listed = FormList(Lists(), UNICODE)
    listed.fit(WIDTH, HEIGHT)
    listed.last()
    listed.fold()
    assert "Second  5 fields" in text(listed)[-1]
    listed.to("i")
    assert listed.entry is not None
    assert listed.entry.key == "i"


def test_a_label_counts_more_than_a_key_and_a_key_more_than_a_meaning() -> None:
    entries = [
        entry("x1", help=("All about ports.",)),
        entry("port_2", label="Number"),
        entry("x3", label="The Port"),
        entry("x4", label="Other"),
    ]
    assert found(entries, "PORT") == ["x3", "port_2", "x1"]
    assert found(entries, "the port") == ["x3"]
    assert found(entries, "  ") == []


def test_space_takes_the_option_after_the_one_that_stands_there_round_about() -> None:
    options = tuple(Option(value, value.upper()) for value in ("low", "medium", "high"))
    choice = entry("p", kind=EntryKind.CHOICE, text="high", options=options)
    assert next_value(choice) == "low"
    assert shown_value(choice) == "HIGH"
    assert next_value(evolve(choice, text="unknown")) == "low"
    assert next_value(evolve(choice, options=options[2:])) is None
    assert next_value(evolve(choice, options=())) is None


def test_a_flag_has_a_mark_and_a_word() -> None:
    flag = entry("f", kind=EntryKind.FLAG, text="true", options=(Option("true", "yes"),))
    assert shown_value(flag) == "[x] yes"
    assert shown_value(evolve(flag, text="no", options=())) == "[ ] no"
