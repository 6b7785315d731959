"""Every element and attribute that config.xml may hold, once.

Reading it, the commented default, `config show` and docs/settings.md come from
this; the defaults themselves are those of `kana_tui.domain.settings`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final, TypeVar

from attrs import frozen

from kana_tui.domain.cover import Priority
from kana_tui.domain.depth import DepthSource
from kana_tui.domain.fields.context import NO_CONTEXT
from kana_tui.domain.fields.kinds import Address, Addresses, Choice, Host, Kind, Number, Text
from kana_tui.domain.settings import OperatorSettings, Relay, Role, SenderTls, Settings
from kana_tui.settings.kinds import (
    Extension,
    FormatVersion,
    MediaType,
    NotifyUrl,
    Paths,
    Size,
    StoreUrl,
    TrueFalse,
)

E = TypeVar("E", bound=StrEnum)

REQUIRED: Final[Any] = object()


@frozen
class Attribute:
    """`default` REQUIRED: it must be given. `secret`: its value is never quoted nor shown whole.

    `label`: its name for people.
    """

    name: str
    label: str
    kind: Kind[Any]
    meaning: str
    default: Any = REQUIRED
    secret: bool = False

    @property
    def required(self) -> bool:
        return self.default is REQUIRED

    def read(self, text: str) -> Any:
        """The value that `text` stands for; RuleError if it breaks the rule."""
        if not self.required and text == self.shown_default():
            return self.default  # not checked: that alone would load what checks addresses
        return self.kind.check(self.kind.parse(text), NO_CONTEXT)

    def shown_default(self) -> str:
        return "" if self.required else self.kind.display(self.default)


@frozen
class Element:
    """`many`: it may be repeated; then `key` names the attribute that tells its like apart.

    `example`: values by attribute, for an element that the default leaves out.
    """

    name: str
    meaning: str
    attributes: tuple[Attribute, ...] = ()
    children: tuple[Element, ...] = ()
    many: bool = False
    key: str | None = None
    example: tuple[tuple[str, str], ...] = ()

    def attribute(self, name: str) -> Attribute | None:
        return next((known for known in self.attributes if known.name == name), None)

    def child(self, name: str) -> Element | None:
        return next((known for known in self.children if known.name == name), None)


def _choice(choices: type[E]) -> Choice[E]:
    return Choice({member: member.value for member in choices})


_MOST: Final = 2**31 - 1
_DAY_S: Final = 86_400
_PORT: Final = Number(1, 65_535)
_S: Final = Settings()
_W: Final = _S.watermarks

STORE: Final = Element(
    "store",
    "Where messages, the ledger, secrets and the audit log are kept.",
    (
        Attribute(
            "url",
            "Store",
            StoreUrl(),
            "A SQLite file, or a PostgreSQL database for engines on many hosts. Takes effect at "
            "the next start.",
            _S.store_url,
            secret=True,
        ),
    ),
)
SSL: Final = Element(
    "ssl",
    "The gate of the field Secure SMTP (SSL).",
    (
        Attribute(
            "enabled",
            "SSL enabled",
            TrueFalse(),
            "While it is false, a mailbox with Secure SMTP set neither sends nor shows a "
            "credential to a plain server.",
            _S.ssl_enabled,
        ),
    ),
)
RECEIVER: Final = Element(
    "receiver",
    "One background worker that downloads mail. Without any, there are r1 (high), r2 (medium) "
    "and r3 (low).",
    (
        Attribute("name", "Name", Text(1, 64), "Its name, on screens and in commands."),
        Attribute(
            "priority",
            "Priority",
            _choice(Priority),
            "What it covers: high only high mailboxes, medium high and medium ones, low all.",
        ),
    ),
    many=True,
    key="name",
)
RECEIVERS: Final = Element(
    "receivers",
    "The receivers of this node.",
    (
        Attribute(
            "poll-interval",
            "Poll interval",
            Number(1, _DAY_S, "seconds"),
            "How often each mailbox is looked at.",
            _S.intake.poll_interval_s,
        ),
        Attribute(
            "connections",
            "Visits of each receiver",
            Number(1, 1000, "visits"),
            "Visits at once of each receiver.",
            _S.intake.connections,
        ),
        Attribute(
            "per-server",
            "Visits to each server",
            Number(1, 1000, "visits"),
            "Visits at once to one server and port, of all receivers.",
            _S.intake.per_server,
        ),
    ),
    (RECEIVER,),
)
WATERMARKS: Final = Element(
    "watermarks",
    "From which depth on somebody is told; a mailbox may have watermarks of its own.",
    (
        Attribute(
            "low",
            "Low",
            Number(0, _MOST, "messages"),
            "From here on a mailbox is ELEVATED. 0: there is no low watermark.",
            _W.marks.low,
        ),
        Attribute(
            "high",
            "High",
            Number(1, _MOST, "messages"),
            "From here on a mailbox is HIGH, until it has drained to low. Above low.",
            _W.marks.high,
        ),
        Attribute(
            "source",
            "Watched depth",
            _choice(DepthSource),
            "What is watched: remote waits on the server, local was downloaded and is neither "
            "answered nor closed, total is both.",
            _W.source,
        ),
        Attribute(
            "alert-email",
            "Alert e-mail",
            Addresses(ascii_local=True),
            "Who is told, unless a mailbox has addresses of its own. Empty: nobody.",
            _W.alert_email,
        ),
        Attribute(
            "for-samples",
            "Samples for a rise",
            Number(1, 20, "samples"),
            "How many samples in a row a rise needs.",
            _W.for_samples,
        ),
        Attribute(
            "repeat",
            "Repeat after",
            Number(0, _MOST, "seconds"),
            "The same crossing of the same mailbox is mailed again after so long at the earliest.",
            _W.repeat_s,
        ),
        Attribute(
            "reminder",
            "Remind after",
            Number(0, _MOST, "seconds"),
            "An alert that nobody acknowledged reminds each so many seconds. 0: never.",
            _W.reminder_s,
        ),
        Attribute(
            "unknown-after",
            "Unknown after",
            Number(1, _MOST, "seconds"),
            "A depth that is unknown for longer than this is an alert of its own.",
            _W.unknown_after_s,
        ),
    ),
)
FALLBACK: Final = Element(
    "fallback",
    "Where alert mail goes when the sender's server does not take it.",
    (
        Attribute("server", "Fall-back server", Host(), "Another SMTP server."),
        Attribute("port", "Fall-back port", _PORT, "Its port.", Relay("localhost").port),
    ),
    example=(("server", "relay.example.com"),),
)
SENDER: Final = Element(
    "sender",
    "The SMTP server for alerts, and for mailboxes that have none of their own. Its password is "
    "no part of this file.",
    (
        Attribute("server", "Server", Host(), "The server.", _S.sender.server),
        Attribute("port", "Port", _PORT, "Its port.", _S.sender.port),
        Attribute(
            "tls",
            "TLS",
            _choice(SenderTls),
            "none, starttls (required: no fall-back to plain text) or implicit.",
            _S.sender.tls,
        ),
        Attribute("user", "User", Text(0, 255), "Who logs in. Empty: nobody does.", _S.sender.user),
        Attribute(
            "from",
            "From",
            Address(ascii_local=True),
            "The address that alerts come from.",
            _S.sender.from_address,
        ),
        Attribute(
            "training",
            "Training",
            TrueFalse(),
            "While it is true nothing leaves; all else works.",
            _S.sender.training,
        ),
        Attribute(
            "tracking",
            "Tracking IDs",
            TrueFalse(),
            "Put a tracking ID into subjects, so that answers come back to their case.",
            _S.sender.tracking,
        ),
    ),
    (FALLBACK,),
)
MAP: Final = Element(
    "map",
    "One extension, in both directions; it overrules the standard table.",
    (
        Attribute("extension", "Extension", Extension(), "The extension."),
        Attribute("type", "Media type", MediaType(), "The media type."),
    ),
    many=True,
    key="extension",
    example=(("extension", "log"), ("type", "text/plain")),
)
MIME: Final = Element(
    "mime",
    "Media types of attachments.",
    children=(MAP,),
)
NOTIFY: Final = Element(
    "notify",
    "Alerts by chat or push, beside mail.",
    (
        Attribute(
            "url",
            "URL",
            NotifyUrl(),
            "Where to; it often holds a token, so it is shown cut.",
            secret=True,
        ),
    ),
    many=True,
    key="url",
    example=(("url", "slack://TOKEN/#alerts"),),
)
OPERATOR: Final = Element(
    "operator",
    "One person, as the option operator names them.",
    (
        Attribute("name", "Name", Text(1, 64), "The name."),
        Attribute("role", "Role", _choice(Role), "The role."),
        Attribute(
            "departments",
            "Departments",
            Paths(),
            "An agent's departments, by path; those below count too.",
            OperatorSettings("", Role.VIEWER).departments,
        ),
    ),
    many=True,
    key="name",
    example=(("name", "alice"), ("role", "admin")),
)
OPERATORS: Final = Element(
    "operators",
    "Who may do what. Without any operator, the home's owner is admin.",
    (
        Attribute(
            "default",
            "Default role",
            _choice(Role),
            "The role of whoever is not listed: viewer sees, agent replies, operator handles "
            "alerts and receivers, admin everything.",
            _S.operators.default,
        ),
    ),
    (OPERATOR,),
)
LIMITS: Final = Element(
    "limits",
    "How much, and for how long.",
    (
        Attribute(
            "max-message-size",
            "Largest message",
            Number(0, _MOST, "bytes"),
            "A larger message is truncated as it comes in. 0: no limit. A mailbox's own counts "
            "where it is smaller.",
            _S.limits.max_message_size,
        ),
        Attribute(
            "memory",
            "Memory",
            Size(16 * 2**20),
            "How much memory messages on their way may take.",
            _S.limits.memory_bytes,
        ),
        Attribute(
            "retention-days",
            "Retention",
            Number(0, 36_500, "days"),
            "How long closed messages are kept. 0: for ever.",
            _S.limits.retention_days,
        ),
        Attribute(
            "reply-window",
            "Reply window",
            Number(1, 31_536_000, "seconds"),
            "An address gets at most one automatic reply of a mailbox within this time.",
            _S.limits.reply_window_s,
        ),
    ),
)
ROOT: Final = Element(
    "kana-tui",
    "The root element.",
    (Attribute("version", "Version", FormatVersion(), "The version of this format."),),
    (STORE, SSL, RECEIVERS, WATERMARKS, SENDER, MIME, NOTIFY, OPERATORS, LIMITS),
)
