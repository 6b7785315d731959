"""What every store promises of tokens whose mailboxes are removed, or log in with others."""

from __future__ import annotations

from typing import Any, Final

import pytest

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.secret import Secret
from kana_tui.ports.mailboxes import Edit
from kana_tui.ports.token_store import StoredTokens
from kana_tui.services.accounts import credential_of
from kana_tui.services.credential_key import key_of
from tests.contracts.setting import ALICE, NOON, OpenedStore, lease_of, letter, take
from tests.contracts.tokens import SIGNED_IN, SOON
from tests.mailboxes import mailbox_values
from tests.store.memory_secret_box import MemorySecretBox

SECRETS: Final = {"client_secret": Secret("swordfish")}
NOTHING: Final = StoredTokens()


async def add(
    store: OpenedStore,
    name: str = "Support",
    grant: Grant = Grant.DEVICE_CODE,
    *,
    auth_type: AuthType = AuthType.M365_IMAP,
    **own: Any,
) -> Mailbox:
    """Mailboxes of one user and application, whose tokens are the same."""
    usual = {
        "name": name,
        "email_address": f"{name.casefold()}@acme.test",
        "user": "support@acme.test",
        "imap_folder": name,
        "oauth_grant": grant,
        "client_id": "kana",
    }
    values = mailbox_values(auth_type, **{**usual, **own})
    return (await store.mailboxes.add(values, SECRETS, ALICE)).mailbox


async def key_for(store: OpenedStore, mailbox: Mailbox) -> str:
    return key_of(await credential_of(store.mailboxes, mailbox), MemorySecretBox().fingerprint)


async def signed_in(store: OpenedStore, mailbox: Mailbox) -> str:
    """Its key; its tokens are stored."""
    key = await key_for(store, mailbox)
    assert await store.tokens.save(key, SIGNED_IN)
    return key


async def edit(
    store: OpenedStore,
    mailbox: Mailbox,
    secrets: dict[str, Secret | None] | None = None,
    **new: Any,
) -> Mailbox:
    change = Edit(new, secrets or {}, (), new_epoch=False, raise_token=True)
    return (await store.mailboxes.edit(mailbox.id, mailbox.version, change, ALICE)).mailbox


class TokenUseContract:
    @pytest.mark.parametrize("grant", [Grant.DEVICE_CODE, Grant.CLIENT_CREDENTIALS])
    @pytest.mark.parametrize("archive", [True, False])
    async def test_tokens_go_with_the_mailbox_that_is_removed(
        self, store: OpenedStore, grant: Grant, archive: bool
    ) -> None:
        mailbox = await add(store, grant=grant)
        key = await signed_in(store, mailbox)
        await store.mailboxes.remove(mailbox.id, ALICE, archive=archive)
        assert await store.tokens.read(key) == NOTHING

    async def test_tokens_go_with_a_mailbox_whose_messages_stay(self, store: OpenedStore) -> None:
        mailbox = await add(store)
        key = await signed_in(store, mailbox)
        await take(store, await lease_of(store, mailbox), letter(b"1"))
        await store.mailboxes.remove(mailbox.id, ALICE, archive=True)
        assert await store.tokens.read(key) == NOTHING

    async def test_tokens_stay_while_another_mailbox_logs_in_with_them(
        self, store: OpenedStore
    ) -> None:
        first, second = await add(store), await add(store, "Sales")
        key = await signed_in(store, first)
        await store.mailboxes.remove(first.id, ALICE, archive=True)
        assert (await store.tokens.read(key)).refresh == Secret("refresh-1")
        await store.mailboxes.remove(second.id, ALICE, archive=True)
        assert await store.tokens.read(key) == NOTHING

    @pytest.mark.parametrize(
        "new",
        [
            {"client_id": "another"},
            {"token_url": "https://auth.test/token"},
            {"user": "sales@acme.test"},
            {"oauth_grant": Grant.AUTHORIZATION_CODE},
            {"oauth2_smtp": True, "smtp_tls": True},
            {"auth_type": AuthType.IMAP},
        ],
    )
    async def test_an_edit_of_what_it_logs_in_with_drops_its_tokens(
        self, store: OpenedStore, new: dict[str, Any]
    ) -> None:
        mailbox = await add(store)
        key = await signed_in(store, mailbox)
        edited = await edit(store, mailbox, **new)
        assert await store.tokens.read(key) == NOTHING
        if edited.incoming.auth_type.traits.oauth:
            other = await signed_in(store, edited)
            await store.mailboxes.remove(mailbox.id, ALICE, archive=True)
            assert await store.tokens.read(other) == NOTHING

    async def test_an_edit_drops_no_tokens_that_another_mailbox_logs_in_with(
        self, store: OpenedStore
    ) -> None:
        first, _ = await add(store), await add(store, "Sales")
        key = await signed_in(store, first)
        await edit(store, first, client_id="another")
        assert (await store.tokens.read(key)).refresh == Secret("refresh-1")

    async def test_an_edit_of_anything_else_leaves_its_tokens(self, store: OpenedStore) -> None:
        mailbox = await add(store)
        key = await signed_in(store, mailbox)
        edited = await edit(store, mailbox, name="Help", active=False)
        await store.mailboxes.signed_in(edited.id, ALICE)
        assert (await store.tokens.read(key)).refresh == Secret("refresh-1")

    async def test_a_sign_in_stays_when_the_client_secret_is_another(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add(store)
        key = await signed_in(store, mailbox)
        for secret in (Secret("another"), None):
            mailbox = await edit(store, mailbox, {"client_secret": secret})
        assert (await store.tokens.read(key)).refresh == Secret("refresh-1")

    async def test_an_applications_tokens_go_with_its_old_secret(self, store: OpenedStore) -> None:
        mailbox = await add(store, grant=Grant.CLIENT_CREDENTIALS)
        key = await signed_in(store, mailbox)
        await edit(store, mailbox, {"client_secret": Secret("another")})
        assert await store.tokens.read(key) == NOTHING

    async def test_a_renewal_under_way_brings_no_dropped_tokens_back(
        self, store: OpenedStore
    ) -> None:
        first = await add(store)
        key = await signed_in(store, first)
        known = await store.tokens.read(key)
        assert await store.tokens.lease(key, "mx1/1", NOON, SOON)
        await store.mailboxes.remove(first.id, ALICE, archive=True)
        assert not await store.tokens.save(key, known)
        await store.tokens.release(key, "mx1/1")
        assert await store.tokens.read(key) == NOTHING

    async def test_a_first_question_under_way_brings_no_tokens_of_a_removed_mailbox(
        self, store: OpenedStore
    ) -> None:
        mailbox = await add(store, grant=Grant.CLIENT_CREDENTIALS)
        key = await key_for(store, mailbox)
        assert await store.tokens.lease(key, "mx1/1", NOON, SOON)
        known = await store.tokens.read(key)
        await store.mailboxes.remove(mailbox.id, ALICE, archive=True)
        assert not await store.tokens.save(key, known)
        assert await store.tokens.read(key) == NOTHING
