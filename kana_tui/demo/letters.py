"""What arrives: small realistic messages, made from a seed."""

from __future__ import annotations

import base64
import random
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache
from typing import Final

from attrs import frozen

_HTML_EACH: Final = 5
_ATTACHMENT_EACH: Final = 9
_HOSTILE_EACH: Final = 13


@frozen
class _Writer:
    name: str
    address: str


@frozen
class _Topic:
    subject: str
    text: str


_WRITERS: Final = (
    _Writer("Hannah Weber", "hannah.weber@post.example"),
    _Writer("Jürgen Groß", "j.gross@werk.example"),
    _Writer("Amélie Laurent", "amelie@atelier.example"),
    _Writer("Inés Ortega", "ines.ortega@correo.example"),
    _Writer("Paweł Zieliński", "pawel.z@poczta.example"),
    _Writer("佐藤 美咲", "misaki.sato@mail.example"),
    _Writer("Олена Коваль", "olena@pryklad.example"),
    _Writer("نور حداد", "nour@barid.example"),
    _Writer("Tom O'Brien", "tom.obrien@farm.example"),
    _Writer("Li Wei", "li.wei@trade.example"),
)

_TOPICS: Final = (
    _Topic("Order {n}: where is it?", "Hello,\n\nI ordered ten days ago. When will it come?"),
    _Topic("Invoice {n} was paid twice", "Hi,\n\nyour bank took the sum twice. Please check."),
    _Topic("Cannot log in since this morning", "The page says that my account {n} is locked."),
    _Topic("Rückgabe zu Auftrag {n}", "Guten Tag,\n\ndie Größe passt nicht. Wohin damit?"),
    _Topic("Frage zur Rechnung {n}", "Warum stehen 19 € Versand auf der Rechnung?"),
    _Topic("Colis {n} arrivé abîmé", "Bonjour,\n\nle carton était ouvert. Que dois-je faire ?"),
    _Topic("Pedido {n} incompleto", "Hola:\n\nfalta una pieza en la caja. ¿Me la envían?"),
    _Topic("Zwrot zamówienia {n}", "Dzień dobry,\n\nproszę o zwrot pieniędzy."),
    _Topic("注文{n}の配送先変更", "お世話になっております。\n配送先を変更できますか。"),
    _Topic("Замовлення {n}", "Доброго дня!\n\nЧи можна змінити адресу доставки?"),
    _Topic("استفسار عن الطلب {n}", "مرحبا،\n\nمتى يصل الطلب؟"),
    _Topic("Thank you! 🎉", "Everything came in time. Ticket {n} can be closed."),
)

_HOSTILE: Final = (
    b"\x1b]0;not your title\x07 \x1b[31mred\x1b[0m or not",
    b"[/nope] [bold]closing what was never open[/] [x",
    b"\x1b]52;c;bm90IHlvdXJzCg==\x07 clipboard",
    "invoice \u202efdp.exe".encode(),
    b"\x9b2J\x1b[H cleared?",
    "zero\u200bwidth and \ufeffmarks, e\u0301\u0327 combined".encode(),
)
"""Subjects that try to be more than text: escape sequences, markup, bidi overrides."""

_ALARMS: Final = ("disk 91 % full", "latency 4.2 s", "3 retries failed", "queue not drained")


def letter(to: str, index: int, seed: int, at: datetime) -> bytes:
    """Message number `index` to the address `to`, written at `at`; the same for the same seed.

    Now and then one with HTML, an attachment, or a subject that wants to do harm.
    """
    chance = random.Random(f"{seed}/{to}/{index}")  # noqa: S311  # made-up mail
    writer, topic = chance.choice(_WRITERS), chance.choice(_TOPICS)
    number = str(chance.randrange(10_000, 99_999))
    subject = _encoded(topic.subject.format(n=number))
    if index % _HOSTILE_EACH == _HOSTILE_EACH - 1:
        subject = chance.choice(_HOSTILE)
    text = f"{topic.text.format(n=number)}\n\n{writer.name}\n"
    sender = b"%b <%b>" % (_encoded(writer.name), writer.address.encode())
    body = _plain
    if index % _ATTACHMENT_EACH == _ATTACHMENT_EACH - 1:
        body = _with_attachment
    elif index % _HTML_EACH == _HTML_EACH - 1:
        body = _with_html
    return _message(sender, to, subject, f"{seed}.{index}", at, body(text))


def alarm(to: str, index: int, seed: int, at: datetime) -> bytes:
    """One of the flood: a machine that cries."""
    what = _ALARMS[index % len(_ALARMS)]
    subject = f"[alarm] node-{index % 40 + 1}: {what}".encode()
    text = f"node-{index % 40 + 1} says: {what}.\nThis is notice {index + 1}.\n"
    body = b"Auto-Submitted: auto-generated\r\n" + _plain(text)
    return _message(b"monitor <monitor@plant.example>", to, subject, f"{seed}.{index}", at, body)


def _message(
    sender: bytes, to: str, subject: bytes, number: str, at: datetime, rest: bytes
) -> bytes:
    """`rest`: the remaining headers, the blank line and the body."""
    head = (
        b"From: " + sender,
        f"To: {to}".encode(),
        b"Subject: " + subject,
        f"Date: {format_datetime(at)}".encode(),
        f"Message-ID: <{number}.{to}>".encode(),
        b"MIME-Version: 1.0",
    )
    return b"\r\n".join((*head, rest))


def _plain(text: str) -> bytes:
    return _part("text/plain", text)


def _with_html(text: str) -> bytes:
    paragraphs = "".join(f"<p>{p}</p>" for p in text.strip().split("\n\n"))
    html = f"<!DOCTYPE html><html><body>{paragraphs}</body></html>\n"
    return _multipart("alternative", _plain(text), _part("text/html", html))


def _with_attachment(text: str) -> bytes:
    rows = "position;amount;price\r\n1;2;19,90\r\n2;1;7,50\r\n"
    attached = (
        b"Content-Type: text/csv; charset=utf-8\r\n"
        b'Content-Disposition: attachment; filename="order.csv"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n%b\r\n" % base64.b64encode(rows.encode())
    )
    return _multipart("mixed", _plain(text), attached)


def _part(media_type: str, text: str) -> bytes:
    head = f"Content-Type: {media_type}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return (head + text.replace("\n", "\r\n")).encode()


def _multipart(kind: str, *parts: bytes) -> bytes:
    boundary = b"=_part_of_this_letter"
    head = b'Content-Type: multipart/%b; boundary="%b"\r\n\r\n' % (kind.encode(), boundary)
    inner = b"".join(b"--%b\r\n%b\r\n" % (boundary, part) for part in parts)
    return head + inner + b"--%b--\r\n" % boundary


@lru_cache(maxsize=256)
def _encoded(text: str) -> bytes:
    """Header text; encoded words where it is not ASCII (RFC 2047)."""
    if text.isascii():
        return text.encode()
    return Header(text, "utf-8", maxlinelen=900).encode().encode()
