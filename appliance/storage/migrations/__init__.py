"""What Alembic runs: one file per revision, in ``versions``."""
