"""What is sealed for a row opens for that row alone, with any of the keys."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.errors import UnreachableError
from kana_tui.domain.secret import Secret
from kana_tui.ports.secret_box import SecretBox
from kana_tui.secrets.box import FernetBox
from kana_tui.secrets.redaction import Redactor


def key(number: int) -> bytes:
    return base64.urlsafe_b64encode(bytes([number]) * 32)


def box(*numbers: int) -> FernetBox:
    return FernetBox([key(number) for number in numbers], Redactor())


BOX: SecretBox = box(1)


@given(st.text(), st.text(max_size=20), st.text(max_size=20))
def test_what_is_sealed_opens_again_whatever_it_is(text: str, owner: str, name: str) -> None:
    assert BOX.open(owner, name, BOX.seal(owner, name, Secret(text))) == Secret(text)


def test_a_lone_surrogate_of_a_wrong_terminal_survives() -> None:
    secret = Secret("pa\udcffss")
    assert BOX.open("mailbox:1", "password", BOX.seal("mailbox:1", "password", secret)) == secret


@given(st.text(max_size=5), st.text(max_size=5), st.text(max_size=5), st.text(max_size=5))
def test_a_secret_opens_for_no_other_row(owner: str, name: str, owner2: str, name2: str) -> None:
    sealed = BOX.seal(owner, name, Secret("x"))
    if (owner, name) == (owner2, name2):
        assert BOX.open(owner2, name2, sealed) == Secret("x")
        return
    with pytest.raises(UnreachableError, match="for another row"):
        BOX.open(owner2, name2, sealed)


def test_a_row_and_a_secret_cannot_be_shifted_into_one_another() -> None:
    sealed = BOX.seal("mailbox:1", "password", Secret("word"))
    for owner, name in (
        ("mailbox:1", "pass"),
        ("mailbox:1p", "assword"),
        ("mailbox:", "1password"),
    ):
        with pytest.raises(UnreachableError):
            BOX.open(owner, name, sealed)


def test_every_key_opens_and_the_first_one_seals() -> None:
    old, rotated, new = box(1), box(2, 1), box(2)
    sealed = old.seal("o", "k", Secret("s"))
    assert rotated.open("o", "k", sealed) == Secret("s")
    again = rotated.seal("o", "k", Secret("s"))
    assert new.open("o", "k", again) == Secret("s")
    with pytest.raises(UnreachableError):
        new.open("o", "k", sealed)


@pytest.mark.parametrize("sealed", [b"", b"x", b"\xff" * 200])
def test_what_is_damaged_is_refused_by_name_and_without_its_text(sealed: bytes) -> None:
    with pytest.raises(UnreachableError, match="The secret password of mailbox:3") as told:
        BOX.open("mailbox:3", "password", sealed)
    assert told.value.exit_code == 6
    assert told.value.hint


def test_a_flipped_byte_is_found() -> None:
    sealed = bytearray(BOX.seal("o", "k", Secret("s")))
    sealed[len(sealed) // 2] ^= 1
    with pytest.raises(UnreachableError):
        BOX.open("o", "k", bytes(sealed))


def test_nothing_of_the_secret_or_its_row_is_in_what_is_sealed() -> None:
    sealed = base64.urlsafe_b64decode(BOX.seal("mailbox:1", "password", Secret("hunter2")))
    for part in (b"hunter2", b"mailbox", b"password"):
        assert part not in sealed


def test_the_audit_key_is_of_the_oldest_key_and_outlasts_a_rotation() -> None:
    assert box(1).audit_key == box(2, 1).audit_key == box(3, 2, 1).audit_key
    assert box(1).audit_key != box(2).audit_key


def test_the_audit_key_is_hkdf_by_rfc_5869() -> None:
    extracted = hmac.digest(bytes(32), key(1), hashlib.sha256)
    assert box(1).audit_key == hmac.digest(
        extracted, b"kana_tui audit chain" + b"\x01", hashlib.sha256
    )


def test_what_is_sealed_or_opened_is_known_to_the_redactor() -> None:
    for act in ("seal", "open"):
        redactor = Redactor()
        knowing = FernetBox([key(1)], redactor)
        if act == "seal":
            knowing.seal("o", "k", Secret("hunter2"))
        else:
            knowing.open("o", "k", box(1).seal("o", "k", Secret("hunter2")))
        assert redactor.redacted("said hunter2") == "said [secret]"


def test_a_box_shows_no_key() -> None:
    assert repr(box(1, 2)) == "FernetBox(2 keys)"
    with pytest.raises(ValueError, match="needs a key"):
        box()


def test_a_fingerprint_outlasts_a_rotation_and_is_of_this_home() -> None:
    alone = box(1).fingerprint("client")
    assert len(alone) == 64
    assert box(2, 1).fingerprint("client") == alone
    assert box(2).fingerprint("client") != alone
    assert box(1).fingerprint("other") != alone


def test_a_fingerprint_is_made_with_a_key_of_its_own() -> None:
    own, chains = box(1).fingerprint("client"), box(1).audit_key
    assert own != hmac.new(chains, b"client", hashlib.sha256).hexdigest()


class Turned:
    """A KeySource whose keys were turned to these."""

    def __init__(self, *numbers: int) -> None:
        self.keys = [key(number) for number in numbers]
        self.asked = 0

    def changed(self) -> list[bytes] | None:
        self.asked += 1
        keys, self.keys = self.keys, []
        return keys or None


def test_what_a_new_key_sealed_opens_once_the_keys_were_asked_for() -> None:
    source = Turned(2, 1)
    running = FernetBox([key(1)], Redactor(), source)
    old = box(1).seal("mailbox:1", "password", Secret("old"))
    assert running.open("mailbox:1", "password", old) == Secret("old")
    assert source.asked == 0
    new = box(2, 1).seal("mailbox:1", "password", Secret("new"))
    assert running.open("mailbox:1", "password", new) == Secret("new")
    assert source.asked == 1
    assert running.open("mailbox:1", "password", old) == Secret("old")
    assert running.audit_key == box(1).audit_key


def test_a_running_box_seals_with_the_new_key() -> None:
    running = FernetBox([key(1)], Redactor(), Turned(2, 1))
    sealed = running.seal("mailbox:1", "password", Secret("x"))
    assert box(2).open("mailbox:1", "password", sealed) == Secret("x")


def test_the_keys_of_another_home_are_not_taken_over() -> None:
    running = FernetBox([key(1)], Redactor(), Turned(2))
    sealed = running.seal("mailbox:1", "password", Secret("x"))
    assert box(1).open("mailbox:1", "password", sealed) == Secret("x")


def test_what_is_damaged_does_not_open_whatever_the_keys() -> None:
    running = FernetBox([key(1)], Redactor(), Turned(2, 1))
    with pytest.raises(UnreachableError, match="cannot be opened"):
        running.open("mailbox:1", "password", b"damaged")
