"""What logging in by OAuth needs to remember, and what logins last proved."""

from sqlalchemy import Boolean, Column, Integer, Table, Text

from kana_tui.ports.proofs import ProofKind
from kana_tui.store.schema.columns import (
    Choice,
    ForeignText,
    Instant,
    Sealed,
    metadata,
    reference,
)

# `key` stands for a credential and tells nothing of it. `access` and `refresh` are encrypted and
# bound to the row. A lease may be there before anything else is.
token = Table(
    "token",
    metadata,
    Column("key", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("access", Sealed),
    Column("ends_at", Instant),
    Column("refresh", Sealed),
    Column("signed_in_at", Instant),
    Column("renewed_at", Instant),
    Column("not_before", Instant),
    Column("failures", Integer, nullable=False),
    Column("failure", ForeignText),
    Column("remedy", ForeignText),
    Column("sign_in_again", Boolean, nullable=False),
    Column("wrong_settings", Boolean, nullable=False),
    Column("failed_with", Text),
    Column("lease_holder", Text),
    Column("lease_until", Instant),
)

# What each mailbox logs in with, as it is now. Tokens of a key that is not here are nobody's.
token_use = Table(
    "token_use",
    metadata,
    reference("mailbox_id", "mailbox", primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False),
)

proof = Table(
    "proof",
    metadata,
    reference("mailbox_id", "mailbox", primary_key=True, autoincrement=False),
    Column("kind", Choice(ProofKind), primary_key=True),
    Column("proven_at", Instant, nullable=False),
    Column("ends_at", Instant),
    Column("detail", ForeignText, nullable=False),
)
