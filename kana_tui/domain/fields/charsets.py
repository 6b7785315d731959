# ruff: noqa: RUF009  `declare` makes attributes, not default values
"""Character sets of what leaves."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from kana_tui.domain.fields.context import always
from kana_tui.domain.fields.declare import declare
from kana_tui.domain.fields.kinds import Charset, Choice


class ReplyCharset(StrEnum):
    """Which character set a reply wants."""

    CHOOSE = "choose"
    INCOMING = "incoming"
    DEFAULT = "default"


class EuroPolicy(StrEnum):
    """What becomes of a euro sign that the wanted character set lacks."""

    LATIN9 = "latin9"
    UNICODE = "unicode"
    EUR = "eur"
    NONE = "none"


@frozen(kw_only=True)
class CharsetFields:
    default_charset: str = declare(
        label="Default outbound character set",
        help="What new messages, forwards and automatic mail are written in.",
        kind=Charset(),
        default="utf-8",
        required=always,
    )
    reply_charset_policy: ReplyCharset = declare(
        label="Character set for replies",
        help="How a reply's character set is chosen. Whatever it is, text that it cannot hold "
        "is sent in utf-8, with a note.",
        kind=Choice(
            {
                ReplyCharset.CHOOSE: "Let KANA Response choose",
                ReplyCharset.INCOMING: "Use the incoming message character set",
                ReplyCharset.DEFAULT: "Use the default outgoing character set",
            },
            meanings={
                ReplyCharset.CHOOSE: "the simplest that holds the text",
                ReplyCharset.INCOMING: "that of the message answered",
                ReplyCharset.DEFAULT: "the Default outbound character set",
            },
        ),
        default=ReplyCharset.CHOOSE,
    )
    euro_policy: EuroPolicy = declare(
        label="Handling replies containing the euro",
        help="What becomes of a euro sign where the character set has none.",
        kind=Choice(
            {
                EuroPolicy.LATIN9: "Send reply in Latin-9",
                EuroPolicy.UNICODE: "Send reply in Unicode",
                EuroPolicy.EUR: "Replace euro with EUR",
                EuroPolicy.NONE: "Do not treat the euro specially",
            },
            meanings={
                EuroPolicy.LATIN9: "iso-8859-15, which has one; utf-8 if that lacks a letter",
                EuroPolicy.UNICODE: "utf-8, which has every letter",
                EuroPolicy.EUR: "the letters EUR stand in its place",
                EuroPolicy.NONE: "a question mark stands in its place, with a note",
            },
        ),
        default=EuroPolicy.UNICODE,
    )
