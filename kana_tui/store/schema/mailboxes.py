"""Mailboxes: a column for each field of the form, and what the store knows beside them."""

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text, text

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.cover import Priority
from kana_tui.domain.fields.charsets import EuroPolicy, ReplyCharset
from kana_tui.domain.fields.incoming import AfterDownload
from kana_tui.domain.fields.oauth import Grant
from kana_tui.store.schema.columns import (
    ROW_ID,
    Choice,
    Day,
    Instant,
    Sealed,
    TextList,
    metadata,
    reference,
    row_id,
)

mailbox = Table(
    "mailbox",
    metadata,
    row_id(),
    Column("version", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("archived_at", Instant),
    # Keys: what makes two mailboxes the same, casefolded on NFC in the program.
    Column("name_key", Text, nullable=False),
    Column("address_key", Text, nullable=False),
    Column("server_key", Text, nullable=False),
    Column("folder_key", Text, nullable=False),  # empty for POP3, which has no folders
    # The ledger's parts that are numbers; `pruned_…`: rows that retention has removed.
    Column("remaining", ROW_ID, nullable=False),
    Column("duplicate", ROW_ID, nullable=False),
    Column("gone", ROW_ID, nullable=False),
    Column("pruned_stored", ROW_ID, nullable=False),
    Column("pruned_filtered", ROW_ID, nullable=False),
    Column("pruned_seen", ROW_ID, nullable=False),
    # The form's fields, in its order.
    Column("name", Text, nullable=False),
    Column("email_address", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("priority", Choice(Priority), nullable=False),
    reference("default_queue_id", "queue"),
    Column("force_default_queue", Boolean, nullable=False),
    Column("auth_type", Choice(AuthType), nullable=False),
    Column("server", Text, nullable=False),
    Column("port", Integer, nullable=False),
    Column("timeout_s", Integer, nullable=False),
    Column("user", Text, nullable=False),
    Column("max_message_size", Integer, nullable=False),
    Column("imap_folder", Text, nullable=False),
    Column("after_download", Choice(AfterDownload), nullable=False),
    Column("tls_ca_file", Text, nullable=False),
    Column("oauth_grant", Choice(Grant), nullable=False),
    Column("authorization_url", Text, nullable=False),
    Column("token_url", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("client_secret_expires", Day),
    Column("smtp_server", Text, nullable=False),
    Column("smtp_port", Integer, nullable=False),
    Column("smtp_tls", Boolean, nullable=False),
    Column("smtp_auth", Boolean, nullable=False),
    Column("smtp_user", Text, nullable=False),
    Column("smtp_ssl", Boolean, nullable=False),
    Column("oauth2_smtp", Boolean, nullable=False),
    Column("trusted", Boolean, nullable=False),
    Column("outbound_attachments", Boolean, nullable=False),
    Column("use_default_watermarks", Boolean, nullable=False),
    Column("low_watermark", Integer, nullable=False),
    Column("high_watermark", Integer, nullable=False),
    Column("alert_email", TextList, nullable=False),
    Column("default_charset", Text, nullable=False),
    Column("reply_charset_policy", Choice(ReplyCharset), nullable=False),
    Column("euro_policy", Choice(EuroPolicy), nullable=False),
)
for _name, _columns in {
    "name": ("name_key",),
    "address": ("address_key",),
    "account": ("server_key", "port", "user", "folder_key"),
}.items():
    Index(
        f"uq_mailbox_{_name}",
        *(mailbox.c[column] for column in _columns),
        unique=True,
        sqlite_where=text("archived_at IS NULL"),
        postgresql_where=text("archived_at IS NULL"),
    )

mailbox_department = Table(
    "mailbox_department",
    metadata,
    reference("mailbox_id", "mailbox", primary_key=True, autoincrement=False),
    reference("department_id", "department", primary_key=True, autoincrement=False, index=True),
)

# `owner` is `mailbox:3`, or `sender` for the sender's password. `sealed` is encrypted and
# bound to owner and key.
secret = Table(
    "secret",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("sealed", Sealed, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("expires_at", Instant),
)
