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


class ListsDamaged(ListRefused):
    """What lies on this device is no longer what was taken up; any good source mends it."""

    reason = "lists-damaged"


class ListsNotSetUp(ApplianceError):
    """No root of the signed lists is pinned on this device, so there is nobody whose lists it could believe."""

    reason = "lists-not-set-up"


class ListNotSigned(ListRefused):
    """Too few of the keys that must sign a list did, or a role signed what is not its own."""

    reason = "list-not-signed"


class ListRolledBack(ListRefused):
    """A source offers older lists than this device has seen."""

    reason = "list-rolled-back"


class ListExpired(ListRefused):
    """A source offers lists whose signatures have run out; what is in use stays in use."""

    reason = "list-expired"


class ListAltered(ListRefused):
    """A file is not the one that was signed: altered, cut off, too long, or of another publication."""

    reason = "list-altered"


class ListFromTheFuture(ListRefused):
    """Lists were signed after the time of this device's trusted clock."""

    reason = "list-from-the-future"


class SourceUnreachable(ApplianceError):
    """A mirror or a stick does not answer, or went away; the next try goes on where this one ended."""

    reason = "source-unreachable"


class SourceIncomplete(ApplianceError):
    """A mirror or a stick lacks a file that its lists name, or holds no lists at all."""

    reason = "source-incomplete"


class SyncRuns(ApplianceError):
    """Another process is taking up lists."""

    reason = "sync-runs"


class RulesRefused(ListRefused):
    """A document is no version of the rules, or another document of the same version came before."""

    reason = "rules-refused"


class BundleRefused(ListRefused):
    """A bundle of another appliance is damaged, or not what it must be; its sentence names no person."""

    reason = "bundle-refused"


class BundleNotForUs(BundleRefused):
    """A bundle is sealed to another appliance."""

    reason = "bundle-not-for-us"


class DeviceUnknown(BundleRefused):
    """A bundle, or the answer to one, is of an appliance that is not paired with this one."""

    reason = "device-unknown"


class DeviceContradicts(BundleRefused):
    """A paired appliance signed two different entries of one number: its key is used twice."""

    reason = "device-contradicts-itself"


class PairingRefused(BundleRefused):
    """A file is no appliance's card, or another appliance is paired under that name or key."""

    reason = "pairing-refused"


class BundleNotSent(ApplianceError):
    """The other appliance did not take a bundle, or does not answer; it can be sent again."""

    reason = "bundle-not-sent"


class PlanRefused(ListRefused):
    """The plan of a meeting, from another appliance, is none, contradicts itself, or what this one knows of it."""

    reason = "plan-refused"


class RosterRefused(ListRefused):
    """A published roster is damaged, or not what it must be; its sentence names no person."""

    reason = "roster-refused"


class RosterNotForUs(RosterRefused):
    """A published roster is sealed to another appliance, or is another chi bộ's."""

    reason = "roster-not-for-us"


class StationRuns(ApplianceError):
    """Another process serves this state directory."""

    reason = "station-runs"


# --- what somebody asked for --------------------------------------------------------------------------------------


class RuleViolation(ApplianceError):
    """The request breaks a rule of meetings or of the record: the same officer twice, no reason given."""

    reason = "rule-violation"


class FormSentBefore(ApplianceError):
    """What this form of the page says is on record already: it was sent twice, and counts once."""

    reason = "form-sent-before"


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


class StillOpening(StorageError):
    """The records are being opened; after an update, or on a slow card, that may take minutes."""

    reason = "still-opening"


class StorageVersion(StorageError):
    """The store was written by a newer release, or was never upgraded to this one."""

    reason = "storage-version"


# --- the clock ----------------------------------------------------------------------------------------------------


class ClockError(ApplianceError):
    """A time cannot be what somebody says it is."""

    reason = "clock-error"


class TimeBeforeFloor(ClockError):
    """The time that was confirmed lies before what has certainly passed."""

    reason = "clock-before-floor"


class TimeTooFarAhead(ClockError):
    """The time that was confirmed lies further ahead than an appliance is ever switched off."""

    reason = "clock-too-far-ahead"


class SignedAhead(ClockError):
    """Something was signed after the time of this device's trusted clock."""

    reason = "clock-signed-ahead"


class ClockNotKept(StorageError):
    """A confirmed time could not be written down for the other processes, and does not hold."""

    reason = "clock-not-kept"


# --- ledger and keys ----------------------------------------------------------------------------------------------


class LedgerDamaged(ApplianceError):
    """The ledger's end is not what was signed; nothing more is appended to it."""

    reason = "ledger-damaged"


class CheckpointRefused(ApplianceError):
    """A line from the minutes is no checkpoint, has a wrong letter, or is another appliance's."""

    reason = "checkpoint-refused"


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


class KeyLocked(KeyFileError):
    """The keys are protected, and nobody has unlocked them since power-on."""

    reason = "locked"


class KeyFileAway(KeyLocked):
    """The keys are protected by a key file, and the stick with it has not been plugged in since power-on."""

    reason = "key-file-away"


class KeyFileUnreadable(KeyLocked):
    """Something is in the place of the key file, and it cannot be read: no regular file, or not for this user."""

    reason = "key-file-unreadable"


class WrongSecret(KeyFileError):
    """The keys do not open: another passphrase, another key file, another board."""

    reason = "key-wrong-secret"


class BoardUnknown(KeyFileError):
    """This board has no number of its own that could protect the keys, or none that this user may read."""

    reason = "board-unknown"


class KeysNotProtected(KeyFileError):
    """The keys lie otherwise than the configuration says."""

    reason = "keys-not-protected"


# --- backups ------------------------------------------------------------------------------------------------------


class BackupError(ApplianceError):
    """A backup could not be made or restored; nothing is half there."""

    reason = "backup-error"


class BackupNotWritten(BackupError):
    """The backup could not be written: no room, a stick that went away, a file that changed meanwhile."""

    reason = "backup-not-written"


class BackupNotOurs(BackupError):
    """The file is no backup of an appliance."""

    reason = "backup-not-ours"


class BackupDamaged(BackupError):
    """A part of the backup is missing or was altered, or what it holds is no whole appliance."""

    reason = "backup-damaged"


class BackupPassphraseWrong(BackupError):
    """The passphrase is not that of the backup, or none that protects anything."""

    reason = "backup-passphrase-wrong"


class StateNotEmpty(BackupError):
    """A backup is restored to a directory that is empty or not there yet, never over what is kept."""

    reason = "state-not-empty"
