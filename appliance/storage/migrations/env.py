"""Alembic's entry: the connection comes from ``storage.upgrade`` and is already inside BEGIN IMMEDIATE."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
