"""Backup: the whole appliance in one file that a passphrase opens, and back from it (``docs/backup.md``)."""
