"""What somebody asks to set: `--set`, `--from-json`, secrets."""

from __future__ import annotations

import pytest

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import InvalidValueError
from kana_tui.domain.fields.draft import Draft
from kana_tui.domain.secret import Secret


def test_assignments_are_read_by_their_fields() -> None:
    draft = Draft.from_assignments(["name=Sales = good", " port =995", "auth_type=imap"])
    assert draft.values == {"name": "Sales = good", "port": 995, "auth_type": AuthType.IMAP}


def test_a_key_set_twice_has_the_last_value() -> None:
    assert Draft.from_assignments(["port=1", "port=2"]).values == {"port": 2}


def test_all_mistakes_are_told_at_once_and_the_first_field_is_named() -> None:
    with pytest.raises(InvalidValueError) as caught:
        Draft.from_assignments(["port=x", "active=maybe", "prority=high", "password=hunter2", "zz"])
    text = str(caught.value)
    assert "POP port (port) “x” is not a whole number." in text
    assert "Active (active) “maybe” is no answer." in text
    assert "A mailbox has no field “prority”. Close to it: priority" in text
    assert "POP password (password) is a secret" in text
    assert "--set needs key=value." in text
    assert "hunter2" not in text
    assert caught.value.field == "port"


def test_an_argument_without_a_key_is_not_repeated() -> None:
    with pytest.raises(InvalidValueError) as caught:
        Draft.from_assignments(["hunter2"])
    assert "hunter2" not in str(caught.value)


def test_a_document_sets_values_and_secrets_and_ignores_what_only_tells() -> None:
    draft = Draft.from_document(
        {
            "id": 3,
            "version": 9,
            "name": "Sales",
            "departments": ["root/Sales"],
            "password": {"set": True, "changed_at": None},
            "smtp_password": "hunter2",
        }
    )
    assert draft.values == {"name": "Sales", "departments": frozenset({"root/Sales"})}
    assert draft.secrets == {"smtp_password": Secret("hunter2")}


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "The JSON document is no object."),
        ({"nmae": 1}, "A mailbox has no field “nmae”. Close to it: name"),
        ({"smtp_port": "25"}, "SMTP port (smtp_port) “25” must be a whole number."),
        ({"password": {"value": "hunter2"}}, "POP password (password) must be a string."),
    ],
)
def test_a_document_is_refused_where_a_key_or_a_type_is_wrong(
    document: object, sentence: str
) -> None:
    with pytest.raises(InvalidValueError) as caught:
        Draft.from_document(document)
    assert sentence in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_the_later_of_two_drafts_wins() -> None:
    first = Draft({"port": 1, "name": "A"}, {"password": Secret("a")})
    later = Draft({"port": 2}, {"password": None})
    assert first | later == Draft({"port": 2, "name": "A"}, {"password": None})


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("name", "name is not a secret. Give it by --set name=VALUE."),
        ("passwrd", "A mailbox has no field “passwrd”. Close to it: password"),
    ],
)
def test_only_secrets_are_given_as_secrets(key: str, sentence: str) -> None:
    assert Draft.from_secrets({"password": Secret("a")}).secrets == {"password": Secret("a")}
    with pytest.raises(InvalidValueError) as caught:
        Draft.from_secrets({key: Secret("a")})
    assert sentence in str(caught.value)
