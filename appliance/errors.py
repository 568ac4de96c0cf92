"""Everything that ``appliance`` raises on purpose, on one screen.

Each error carries a stable ``reason`` for programs and a sentence for people. No sentence holds a key, a password, a
card number or a person's name.
"""

from typing import ClassVar


class ApplianceError(Exception):
    """Base of everything that ``appliance`` raises on purpose."""

    reason: ClassVar[str] = "error"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class ConfigError(ApplianceError):
    """The configuration file is unreadable, has an unknown key, or a value that cannot be."""

    reason = "config-error"


class ListRefused(ApplianceError):
    """A list on the device is damaged or not signed by its issuer; the last good one, if any, stays in use."""

    reason = "list-refused"


class StationRuns(ApplianceError):
    """Another process serves this state directory."""

    reason = "station-runs"


# --- what somebody asked for --------------------------------------------------------------------------------------


class RuleViolation(ApplianceError):
    """The request breaks a rule of meetings or of the record: the same officer twice, no reason given."""

    reason = "rule-violation"


class NotFound(ApplianceError):
    """There is no such member, meeting, entry or rule set."""

    reason = "not-found"


# --- the store ----------------------------------------------------------------------------------------------------


class StorageError(ApplianceError):
    """The store could not do it; nothing was half done."""

    reason = "storage-error"


class StorageFull(StorageError):
    """No room is left."""

    reason = "storage-full"


class StorageBusy(StorageError):
    """Another process held the store for longer than we wait."""

    reason = "storage-busy"


class StorageReadOnly(StorageError):
    """The store cannot be written to."""

    reason = "storage-read-only"


class StorageUnreachable(StorageError):
    """The store's file cannot be opened, or reading or writing it failed (I/O)."""

    reason = "storage-unreachable"


class StorageDamaged(StorageError):
    """The file is not a store of this program, or its pages are damaged."""

    reason = "storage-damaged"


class StorageRefused(StorageError):
    """A constraint or trigger of the store refused the row: a ledger entry cannot be changed."""

    reason = "storage-refused"


class StorageVersion(StorageError):
    """The store was written by a newer release, or was never upgraded to this one."""

    reason = "storage-version"


# --- ledger and keys ----------------------------------------------------------------------------------------------


class LedgerDamaged(ApplianceError):
    """The ledger's end is not what was signed; nothing more is appended to it."""

    reason = "ledger-damaged"


class KeyFileError(ApplianceError):
    """A key file of this appliance is unusable; its sentence names the file."""

    reason = "key-file-error"


class KeyLost(KeyFileError):
    """A key file is missing beside others of its set."""

    reason = "key-lost"


class KeyDamaged(KeyFileError):
    """A key file has the wrong length, or sealed data does not open with it."""

    reason = "key-damaged"


class KeyExposed(KeyFileError):
    """Others than the owner may read a key file."""

    reason = "key-exposed"
