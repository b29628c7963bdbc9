"""Alembic's entry: runs the versions on the connection that `migrate` hands over."""

from alembic import context

from sesstim_caldav.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, transaction_per_migration=False
)
context.run_migrations()
