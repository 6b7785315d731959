"""Alembic's entry: migrate on the connection that `store.migrate` hands over.

The caller has begun the transaction and holds the lock; it commits.
"""

from alembic import context

from kana_tui.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()
