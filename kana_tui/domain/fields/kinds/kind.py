"""What every kind of field can do, and how it says that a value breaks its rule."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from kana_tui.domain.fields.context import Context

T = TypeVar("T")


class RuleError(ValueError):
    """A value breaks a rule: `rule` says which, `remedy` what to do instead.

    Both are clauses without a full stop, and never hold the value itself: it
    may be a secret. `in_form`: the remedy for whoever fills in a form, where
    `remedy` speaks of keys and options of the command line.
    """

    def __init__(self, rule: str, remedy: str, *, in_form: str | None = None) -> None:
        super().__init__(f"{rule}; {remedy}")
        self.rule = rule
        self.remedy = remedy
        self.in_form = in_form


class Kind(ABC, Generic[T]):
    """How values of one sort are read, checked and shown.

    `parse` and `from_json` demand the right type and no more, so that a value
    can be kept while its field is hidden; `check` is the rule that counts once
    the field is shown. `parse(display(value)) == value`, and
    `from_json(to_json(value)) == value`.
    """

    @property
    @abstractmethod
    def rule(self) -> str:
        """The rule in words, for help and documentation."""

    @abstractmethod
    def parse(self, text: str, /) -> T:
        """The value that `text` stands for; RuleError if it is of another type."""

    @abstractmethod
    def from_json(self, data: object) -> T:
        """The value of decoded JSON; RuleError if it is of another type."""

    @abstractmethod
    def to_json(self, value: T, /) -> object: ...

    @abstractmethod
    def display(self, value: T) -> str:
        """One line, as `parse` reads it."""

    @abstractmethod
    def check(self, value: T, context: Context, /) -> T:
        """The value in its canonical form; RuleError if it breaks the rule.

        Never asked of an empty value: whether one may be is the field's `required`.
        """
