"""Scopes: what each grant of each provider asks for."""

from __future__ import annotations

import pytest

from kana_tui.domain.authentication import AuthType, Provider
from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.oauth_scopes import scope_of

_DELEGATED = (Grant.DEVICE_CODE, Grant.AUTHORIZATION_CODE)
_READS = {
    AuthType.M365_IMAP: "https://outlook.office.com/IMAP.AccessAsUser.All",
    AuthType.M365_POP3: "https://outlook.office.com/POP.AccessAsUser.All",
}


@pytest.mark.parametrize("auth_type", _READS)
@pytest.mark.parametrize("sends", [False, True])
def test_a_microsoft_application_asks_for_what_an_administrator_granted_it(
    auth_type: AuthType, sends: bool
) -> None:
    scope = scope_of(auth_type, Grant.CLIENT_CREDENTIALS, sends)
    assert scope == ("https://outlook.office365.com/.default",)


@pytest.mark.parametrize("auth_type", _READS)
@pytest.mark.parametrize("grant", _DELEGATED)
def test_whoever_signs_in_at_microsoft_grants_the_protocol_and_a_refresh_token(
    auth_type: AuthType, grant: Grant
) -> None:
    assert scope_of(auth_type, grant, False) == (_READS[auth_type], "offline_access")


@pytest.mark.parametrize("auth_type", _READS)
@pytest.mark.parametrize("grant", _DELEGATED)
def test_sending_is_asked_for_only_where_the_mailbox_sends_by_token(
    auth_type: AuthType, grant: Grant
) -> None:
    assert scope_of(auth_type, grant, True) == (
        _READS[auth_type],
        "https://outlook.office.com/SMTP.Send",
        "offline_access",
    )


@pytest.mark.parametrize("auth_type", [AuthType.GOOGLE_IMAP, AuthType.GOOGLE_POP3])
@pytest.mark.parametrize("grant", [Grant.AUTHORIZATION_CODE, Grant.SERVICE_ACCOUNT])
@pytest.mark.parametrize("sends", [False, True])
def test_google_has_one_scope_for_all_of_a_mailbox(
    auth_type: AuthType, grant: Grant, sends: bool
) -> None:
    assert scope_of(auth_type, grant, sends) == ("https://mail.google.com/",)


def test_types_without_a_provider_have_no_scope() -> None:
    plain = [one for one in AuthType if one.traits.provider is Provider.NONE]
    assert {scope_of(one, grant, True) for one in plain for grant in Grant} == {()}
