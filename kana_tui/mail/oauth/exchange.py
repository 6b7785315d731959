"""One request of a credential to its authorization server, for msal and google-auth alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode

from attrs import define, field, frozen

from kana_tui.domain.fields.kinds.host import check_url
from kana_tui.domain.fields.kinds.kind import RuleError
from kana_tui.domain.secret import Secret
from kana_tui.mail.failures import shown
from kana_tui.mail.hidden import Hidden
from kana_tui.mail.oauth.answers import Answer, read
from kana_tui.mail.oauth.granted import granted
from kana_tui.ports.tokens import Credential, TokenSettingsError

_PUBLIC: Final = frozenset({"client_id", "grant_type", "redirect_uri", "scope"})
"""What of a request anybody may read; all else is cut out of what the server says of it."""


@frozen
class Reply:
    """An answer as both libraries want it: `status_code` and `text` as of requests for msal,
    `status` and `data` as of google.auth.transport.Response."""

    text: str
    status_code: int = 200
    headers: Mapping[str, str] = field(factory=dict)

    @property
    def status(self) -> int:
        return self.status_code

    @property
    def data(self) -> bytes:
        return self.text.encode()


@define
class Exchange:
    """Asks; what is no success is raised here, before a library would ask again by itself.

    `ends_at`: by time.monotonic(). `answer`: the newest, harmless and whole.
    """

    credential: Credential
    ends_at: float
    _answer: Answer | None = None

    @property
    def answer(self) -> Answer:
        if self._answer is None:
            message = "no library asks nobody"
            raise RuntimeError(message)
        return self._answer

    def post(self, url: str, *, data: Mapping[str, str], **_: object) -> Reply:
        """As msal asks."""
        return self._ask(url, data)

    def __call__(self, *, url: str, body: bytes, **_: object) -> Reply:
        """As google-auth asks (google.auth.transport.Request), always for tokens."""
        reply = self._ask(url, dict(parse_qsl(body.decode(), keep_blank_values=True)))
        granted(self.answer)  # before google-auth finds one missing, in words of its own
        return reply

    def _ask(self, url: str, form: Mapping[str, str]) -> Reply:
        from kana_tui.mail.oauth.session import sent  # noqa: PLC0415  # requests is slow to import

        refuse_unsafe("Token Url", url)
        raw = sent(
            url,
            urlencode(form).encode(),
            ca_file=self.credential.ca_file,
            timeout_s=self.credential.timeout_s,
            ends_at=self.ends_at,
        )
        private = [Hidden(Secret(text)) for name, text in form.items() if name not in _PUBLIC]
        self._answer = read(raw, lambda words: _cut(private, words))
        return Reply(self._answer.json)


def refuse_unsafe(label: str, url: str) -> None:
    """The field's rule, once more where it counts."""
    try:
        check_url(url)
    except RuleError as error:
        raise TokenSettingsError(
            f"{label} “{shown(url)}” {error.rule}; nothing was sent there.",
            hint=f"Correct the {label}: {error.remedy}.",
        ) from error


def _cut(private: list[Hidden], words: str) -> str:
    raw = words.encode("utf-8", "backslashreplace")
    for hidden in private:
        raw = hidden.cut(raw)
    return raw.decode("utf-8", "replace")
