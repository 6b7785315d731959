"""The next step: what is told of a mailbox whose login by OAuth fails."""

from __future__ import annotations

import pytest

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.board import Cause
from kana_tui.domain.depth import VisitError
from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.fields.oauth import Grant, OAuthFields
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Settings
from kana_tui.mail.source import NetworkMailSource
from kana_tui.ports.mail_source import Account
from kana_tui.ports.overview import OverviewRows
from kana_tui.ports.tokens import Credential
from kana_tui.services.explain import explain
from kana_tui.services.overview import MailboxView, judge
from tests.contracts.setting import NOON
from tests.tui.stage import mailbox

SIGN_IN = "Sign in: i on the screen, or kana-tui mailbox authorize box1@acme.test."


def view(auth_type: AuthType, error: VisitError) -> MailboxView:
    row = mailbox(1, "support", auth_type=auth_type, last_error=error)
    return judge(OverviewRows((row,), (), (), (), ()), Settings(), NOON).mailboxes[0]


async def refusal(auth_type: AuthType) -> VisitError:
    """As it comes to be: nobody has signed in, and a visit is what finds out."""
    fields = OAuthFields(
        oauth_grant=Grant.DEVICE_CODE, authorization_url="", token_url="", client_id="app"
    )
    credential = Credential(1, "box1@acme.test", auth_type, "box1", fields)
    account = Account(auth_type, "localhost", 1, "box1", Secret(""), credential=credential)
    with pytest.raises(MailError) as caught:
        async with NetworkMailSource().open(account):
            pass
    return VisitError(caught.value.stage, str(caught.value), NOON)


async def test_where_nobody_has_signed_in_the_next_step_names_key_and_command() -> None:
    one = view(AuthType.M365_IMAP, await refusal(AuthType.M365_IMAP))
    assert one.cause is Cause.LOGIN
    assert explain(one).next_step == SIGN_IN


@pytest.mark.parametrize(
    ("auth_type", "stage", "message"),
    [
        (AuthType.M365_IMAP, Stage.LOGIN, "login.test is away."),
        (AuthType.M365_IMAP, Stage.TLS, "kana-tui mailbox authorize"),
        (AuthType.POP, Stage.LOGIN, "kana-tui mailbox authorize"),
    ],
)
def test_other_trouble_is_not_ended_by_a_sign_in(
    auth_type: AuthType, stage: Stage, message: str
) -> None:
    step = explain(view(auth_type, VisitError(stage, message, NOON))).next_step
    assert step is not None
    assert "Sign in" not in step
