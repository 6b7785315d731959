"""The kinds of fields: how each is read from text and JSON, checked and shown."""

from kana_tui.domain.fields.kinds.address import Address, Addresses
from kana_tui.domain.fields.kinds.charset import Charset
from kana_tui.domain.fields.kinds.choice import Choice
from kana_tui.domain.fields.kinds.date import Date
from kana_tui.domain.fields.kinds.host import Host, Url
from kana_tui.domain.fields.kinds.kind import Kind, RuleError
from kana_tui.domain.fields.kinds.number import Flag, Number
from kana_tui.domain.fields.kinds.places import Departments, Queue
from kana_tui.domain.fields.kinds.secrets import SecretJson, SecretKind, SecretText
from kana_tui.domain.fields.kinds.text import FilePath, Text

__all__ = [
    "Address",
    "Addresses",
    "Charset",
    "Choice",
    "Date",
    "Departments",
    "FilePath",
    "Flag",
    "Host",
    "Kind",
    "Number",
    "Queue",
    "RuleError",
    "SecretJson",
    "SecretKind",
    "SecretText",
    "Text",
    "Url",
]
