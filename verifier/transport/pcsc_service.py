"""The PC/SC service of the machine: pcscd on Linux, and what macOS and Windows have instead.

A thin layer over pyscard's bindings of the C functions: no threads, no observers. A result code that is no success
becomes an error of ours, with a sentence that says what to do about it.
"""

import time
from types import ModuleType
from typing import Any, NamedTuple

from verifier.errors import (
    CardProtocolError,
    CardRemoved,
    ReaderBusy,
    ReaderFault,
    ReaderGone,
    ReaderUnavailable,
    VerifierError,
)

_PLUG_AND_PLAY = "\\\\?PnP?\\Notification"
"""A reader that is none: in pcsc-lite and Windows its state changes when readers come and go."""
_RELIST_S = 0.5
_PAUSE_S = 0.1
_CODE = 0xFFFFFFFF

_NOT_INSTALLED = (
    "PC/SC readers need the package pyscard: pip install 'thechip[pcsc]'; where it is built from source, "
    "Debian needs: sudo apt install pcscd libpcsclite-dev swig gcc python3-dev"
)
_NOT_RUNNING = (
    "the PC/SC service does not run; on Debian: sudo apt install pcscd, then sudo systemctl start pcscd.socket"
)
_STOPPED = "the PC/SC service stopped or was restarted; begin again"
_UNPLUGGED = "the reader was unplugged"
_REMOVED = "the card left the reader"
_MUTE = "the card does not answer the reader; take it away and hold it there again"
_NOT_OURS = "the card speaks neither T=1 nor T=0, so it is no chip of the kind that is read here"
_FORBIDDEN = "this user may not use PC/SC readers; on Debian polkit's rules for org.debian.pcsc-lite say who may"

_ERRORS: dict[str, tuple[type[VerifierError], str]] = {
    "SCARD_E_NO_SERVICE": (ReaderGone, _STOPPED),
    "SCARD_E_SERVICE_STOPPED": (ReaderGone, _STOPPED),
    "SCARD_E_INVALID_HANDLE": (ReaderGone, _STOPPED),
    "SCARD_F_COMM_ERROR": (ReaderGone, _STOPPED),
    "SCARD_W_SECURITY_VIOLATION": (ReaderUnavailable, _FORBIDDEN),
    "SCARD_E_NO_ACCESS": (ReaderUnavailable, _FORBIDDEN),
    "SCARD_E_UNKNOWN_READER": (ReaderGone, _UNPLUGGED),
    "SCARD_E_READER_UNAVAILABLE": (ReaderGone, _UNPLUGGED),
    "SCARD_E_NO_READERS_AVAILABLE": (ReaderGone, "no PC/SC reader is plugged in"),
    "SCARD_E_SHARING_VIOLATION": (ReaderBusy, "another program uses the card in this reader; end it, or wait for it"),
    "SCARD_W_REMOVED_CARD": (CardRemoved, _REMOVED),
    "SCARD_E_NO_SMARTCARD": (CardRemoved, _REMOVED),
    "SCARD_W_RESET_CARD": (ReaderBusy, "another program reset the card, which ended the session with it; begin again"),
    "SCARD_W_UNPOWERED_CARD": (CardProtocolError, _MUTE),
    "SCARD_W_UNRESPONSIVE_CARD": (CardProtocolError, _MUTE),
    "SCARD_W_UNSUPPORTED_CARD": (CardProtocolError, _NOT_OURS),
    "SCARD_E_CARD_UNSUPPORTED": (CardProtocolError, _NOT_OURS),
    "SCARD_E_PROTO_MISMATCH": (CardProtocolError, _NOT_OURS),
}


class Slot(NamedTuple):
    """A reader as the service lists it, and what is in it."""

    name: str
    has_card: bool
    is_mute: bool
    """There is a card, but it does not answer."""
    is_taken: bool
    """Another program has the card for itself."""
    state: int


def load_bindings() -> ModuleType:
    """Return pyscard's bindings; raise ``ReaderUnavailable`` with the command that installs them."""
    try:
        from smartcard import scard  # noqa: PLC0415 - an optional dependency
    except ImportError as error:
        raise ReaderUnavailable(_NOT_INSTALLED) from error
    bindings: ModuleType = scard
    return bindings


class PcscService:
    """A context of the PC/SC service. It dies with the service; a new one finds the service again.

    Raises ``ReaderUnavailable`` where pyscard or the service is missing.
    """

    def __init__(self) -> None:
        self.scard = load_bindings()
        self._names = {
            getattr(self.scard, name) & _CODE: name for name in _ERRORS if hasattr(self.scard, name)
        }  # a code is signed on some systems and not on others
        code, self.context = self._establish()
        if self.is_code(code, "SCARD_E_NO_SERVICE", "SCARD_E_SERVICE_STOPPED"):
            raise ReaderUnavailable(_NOT_RUNNING)
        self.require(code)

    def _establish(self) -> tuple[int, Any]:
        """Ask a second time where the service hung up: on somebody forbidden, or because it was just ending."""
        code, context = self.scard.SCardEstablishContext(self.scard.SCARD_SCOPE_USER)
        if self.is_code(code, "SCARD_W_SECURITY_VIOLATION", "SCARD_F_COMM_ERROR"):
            time.sleep(_PAUSE_S)
            code, context = self.scard.SCardEstablishContext(self.scard.SCARD_SCOPE_USER)
        return code, context

    def require(self, code: int) -> None:
        """Raise the error that a result code stands for; do nothing on success."""
        if code != self.scard.SCARD_S_SUCCESS:
            raise self.error_of(code)

    def error_of(self, code: int) -> VerifierError:
        """Return the error that a result code stands for."""
        name = self._names.get(code & _CODE)
        if name is None:
            return ReaderFault(f"the PC/SC service reports error {code & _CODE:08X}")
        kind, sentence = _ERRORS[name]
        return kind(sentence)

    def is_code(self, code: int, *names: str) -> bool:
        """Tell whether a result code is one of those named."""
        return code & _CODE in {getattr(self.scard, name) & _CODE for name in names}

    def reader_names(self) -> tuple[str, ...]:
        """Return the readers that are plugged in, in the service's order."""
        code, names = self.scard.SCardListReaders(self.context, [])
        if self.is_code(code, "SCARD_E_NO_READERS_AVAILABLE"):
            return ()
        self.require(code)
        return tuple(names)

    def slots(self) -> tuple[Slot, ...]:
        """Return the readers that are plugged in, and what is in them now."""
        names = self.reader_names()
        if not names:
            return ()
        code, states = self.scard.SCardGetStatusChange(
            self.context, 0, [(name, self.scard.SCARD_STATE_UNAWARE) for name in names]
        )
        if self.is_code(code, "SCARD_E_UNKNOWN_READER", "SCARD_E_READER_UNAVAILABLE"):
            return self._unplugged_meanwhile()
        self.require(code)
        return tuple(self._slot(name, state) for name, state, _ in states)

    def _unplugged_meanwhile(self) -> tuple[Slot, ...]:
        """A reader left between the listing and the look at it: the next look will find the others."""
        time.sleep(_PAUSE_S)
        return ()

    def _slot(self, name: str, state: int) -> Slot:
        return Slot(
            name,
            has_card=bool(state & self.scard.SCARD_STATE_PRESENT),
            is_mute=bool(state & self.scard.SCARD_STATE_MUTE),
            is_taken=bool(state & self.scard.SCARD_STATE_EXCLUSIVE),
            state=state & ~self.scard.SCARD_STATE_CHANGED,
        )

    def wait_for_change(self, slots: tuple[Slot, ...], seconds: float) -> None:
        """Return when a card or a reader came or went, or after ``seconds``, or after half a second.

        Not later, because Ctrl-C is only heard between two calls of the service, and because a system may not tell of
        readers that come.
        """
        seconds = max(0.0, min(seconds, _RELIST_S))
        states: list[Any] = [(slot.name, slot.state) for slot in slots]
        code, _ = self.scard.SCardGetStatusChange(self.context, int(seconds * 1000), [*states, (_PLUG_AND_PLAY, 0)])
        if self.is_code(code, "SCARD_E_UNKNOWN_READER", "SCARD_E_READER_UNAVAILABLE"):
            time.sleep(min(seconds, _PAUSE_S))  # a reader left, or this system has no plug-and-play reader
        elif not self.is_code(code, "SCARD_E_TIMEOUT", "SCARD_E_CANCELLED"):
            self.require(code)

    def close(self) -> None:
        """Let go of the service. Never raises: one that is gone is let go of already."""
        self.scard.SCardReleaseContext(self.context)
