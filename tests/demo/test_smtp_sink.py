"""The demo's SMTP server takes every mail as it is."""

from __future__ import annotations

import asyncio
import smtplib

from kana_tui.demo.smtp_sink import SmtpSink, SunkMail

RAW = b"Subject: HIGH flood\r\n\r\n512 waiting\r\n"


async def test_a_mail_is_kept_with_its_envelope() -> None:
    sink = SmtpSink()

    def send(port: int) -> None:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            client.sendmail("kana@acme.test", ["ann@acme.test", "bob@acme.test"], RAW)

    async with asyncio.timeout(30), sink.listening() as port:
        await asyncio.to_thread(send, port)
    assert sink.count == 1
    assert sink.mails == (SunkMail("kana@acme.test", ("ann@acme.test", "bob@acme.test"), RAW),)
