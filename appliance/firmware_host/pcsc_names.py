"""Which of several PC/SC readers is meant.

One device often has a slot for cards that are held to it, one for cards with contacts that are put in, and one for a
security module (SAM), in which a card always is. PC/SC tells them apart by their names only.
"""

import re
from collections.abc import Sequence
from enum import Enum, auto

from verifier.sdk.errors import ReaderFault, ReaderGone

_INTERFACE = re.compile(r"\[([^\]]*)\]")
"""pcsc-lite puts the name of a device's part into brackets."""


class SlotKind(Enum):
    """What a slot is for, as far as its name tells."""

    CONTACTLESS = auto()
    UNKNOWN = auto()
    CONTACT = auto()
    SECURITY_MODULE = auto()


_WORDS = {
    SlotKind.SECURITY_MODULE: re.compile(r"\bSAM\b", re.IGNORECASE),
    SlotKind.CONTACTLESS: re.compile(r"contactless|\bCL\b|\dCL\b|PICC|RFID|\bNFC\b|\bRF\b", re.IGNORECASE),
    SlotKind.CONTACT: re.compile(r"\bICC\b|\bcontact(ed)?\b", re.IGNORECASE),
}


def kind_of(name: str) -> SlotKind:
    """Return what a slot is for; the name of the device's part counts before that of the whole device."""
    for text in (*_INTERFACE.findall(name), name):
        for kind, words in _WORDS.items():
            if words.search(text):
                return kind
    return SlotKind.UNKNOWN


def choose(names: Sequence[str], wanted: str = "") -> str:
    """Return the reader that is meant: the one with this name, the first with this part of a name, or any for cards
    that are held to it.

    A slot that says that it is contactless comes first. One for a security module is never chosen, and one for cards
    with contacts only where ``wanted`` names it.

    Raises:
        ReaderGone: there is none. ReaderFault: what is named is a slot for security modules.
    """
    if not names:
        msg = "no PC/SC reader is plugged in"
        raise ReaderGone(msg)
    matching = [name for name in names if name == wanted] or [
        name for name in names if wanted.casefold() in name.casefold()
    ]
    kinds = {name: kind_of(name) for name in matching}
    unfit = {SlotKind.SECURITY_MODULE} if wanted else {SlotKind.SECURITY_MODULE, SlotKind.CONTACT}
    usable = [name for name in matching if kinds[name] not in unfit]
    if usable:
        return min(usable, key=lambda name: kinds[name].value)
    if matching and wanted:
        msg = f"the PC/SC reader {matching[0]} is a slot for security modules; no card is held to it"
        raise ReaderFault(msg)
    if wanted:
        msg = f"no PC/SC reader by the name of {wanted} is plugged in; thechip-appliance reader list shows which are"
    else:
        msg = "only PC/SC readers for cards with contacts are plugged in"
    raise ReaderGone(msg)
