"""SQLAlchemy tables and Alembic migrations: one SQLite file in WAL mode.

``base`` has the column types, one file per room has its tables, ``database`` opens, upgrades and locks.
"""
