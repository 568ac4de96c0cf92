"""Everything that ``publisher`` raises on purpose, on one screen.

Each error carries a stable ``reason`` for programs and a sentence for people. No sentence holds a passphrase, a PIN, a
card's hash or a person's name.
"""

from typing import ClassVar


class PublisherError(Exception):
    """Base of everything that ``publisher`` raises on purpose."""

    reason: ClassVar[str] = "error"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class WrongUsage(PublisherError):
    """What was asked for cannot be: an unknown role, a threshold that no number of keys reaches."""

    reason = "wrong-usage"


# --- the desk ------------------------------------------------------------------------------------------------------


class DeskError(PublisherError):
    """There is no desk in the folder, there is one already, or a file of it is damaged."""

    reason = "desk-error"


class DeskBusy(DeskError):
    """Another process works at this desk."""

    reason = "desk-busy"


class ClockSuspect(PublisherError):
    """The machine's clock is earlier than the last publication, or much later."""

    reason = "clock-suspect"


# --- keys ----------------------------------------------------------------------------------------------------------


class KeyUnusable(PublisherError):
    """A key file is damaged, others may read it, or it is not the key that it is called by."""

    reason = "key-unusable"


class KeyMissing(PublisherError):
    """Fewer keys of a role are here than must sign."""

    reason = "key-missing"


class PassphraseMissing(KeyMissing):
    """Nobody gave the passphrase of a key, or the PIN of a token."""

    reason = "passphrase-missing"


class PassphraseWrong(KeyUnusable):
    """The passphrase does not open the key file, or is too short to protect one."""

    reason = "passphrase-wrong"


class TokenError(KeyUnusable):
    """A PKCS#11 token is not there, does not hold the key, or refused to sign."""

    reason = "token-error"


# --- what is published ---------------------------------------------------------------------------------------------


class ListRejected(PublisherError):
    """What was to be added is no such list, is damaged, or would leave appliances with nothing to believe."""

    reason = "list-rejected"


class TableIncomplete(PublisherError):
    """A table of cards would take many from the card status list: perhaps it is only a part of the register."""

    reason = "table-incomplete"


class BundleRejected(PublisherError):
    """A province's bundle is not signed by it, oversteps what it may sign, or is older than what was published."""

    reason = "bundle-rejected"


class PublicationInvalid(PublisherError):
    """A published folder is not one that an appliance would take."""

    reason = "publication-invalid"
