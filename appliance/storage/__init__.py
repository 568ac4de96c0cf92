"""SQLAlchemy tables and Alembic migrations: one SQLite file in WAL mode."""
