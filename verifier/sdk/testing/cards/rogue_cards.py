"""Cards that break the protocol. Reading ends with an error that says so; there is nothing to report on."""

from dataclasses import replace

from verifier.errors import (
    AccessDenied,
    CardProtocolError,
    CardRefused,
    CardRemoved,
    SecureMessagingError,
)
from verifier.sdk.testing.card_side.pace import PaceResponder
from verifier.sdk.testing.cards.catalogue import Catalogue
from verifier.sdk.testing.cards.scene import Scene
from verifier.sdk.testing.chip import VirtualChip
from verifier.sdk.testing.faults import Tamper
from verifier.sdk.testing.people import Person
from verifier.sdk.testing.tampering import (
    GARBAGE,
    answering_from,
    leaving_the_channel_at,
    removed_at,
    replaying_from,
    wrong_mac_from,
)

ROGUE_CARDS = Catalogue()
_IN_THE_CHANNEL = 8
"""After EF.CardAccess, PACE and SELECT: the first file that is read in the channel. With BAC, a later one."""
_OTHER_CAN = "654321"


@ROGUE_CARDS.raises("wrong-can", AccessDenied)
def wrong_can(scene: Scene, holder: Person) -> VirtualChip:
    """The chip has another CAN than the reader was told: 6300 at the end of PACE (ICAO 9303-11, 4.4.4.2).

    It is the password that is wrong, not the card, and it must not be tried again by itself.
    """
    return VirtualChip(scene.chip_data(holder, options=replace(scene.options, can=_OTHER_CAN)), random=scene.random)


@ROGUE_CARDS.raises("removed", CardRemoved)
def removed(scene: Scene, holder: Person) -> VirtualChip:
    """The card is taken away while its first file is being read."""
    return _tampered(scene, holder, removed_at(_IN_THE_CHANNEL))


@ROGUE_CARDS.raises("wrong-mac", SecureMessagingError)
def wrong_mac(scene: Scene, holder: Person) -> VirtualChip:
    """A bit of a response's MAC is flipped: the channel is dead (ICAO 9303-11, 9.8.5)."""
    return _tampered(scene, holder, wrong_mac_from(_IN_THE_CHANNEL))


@ROGUE_CARDS.raises("replayed-response", SecureMessagingError)
def replayed_response(scene: Scene, holder: Person) -> VirtualChip:
    """A response of the same session comes a second time: the send sequence counter tells (ICAO 9303-11, 9.8.2)."""
    return _tampered(scene, holder, replaying_from(_IN_THE_CHANNEL))


@ROGUE_CARDS.raises("answers-in-the-clear", SecureMessagingError)
def answers_in_the_clear(scene: Scene, holder: Person) -> VirtualChip:
    """A protected command is answered with plain data and 9000: somebody in between would like it to be believed."""
    return _tampered(scene, holder, leaving_the_channel_at(_IN_THE_CHANNEL))


@ROGUE_CARDS.raises("answers-garbage", CardProtocolError)
def answers_garbage(scene: Scene, holder: Person) -> VirtualChip:
    """Three bytes of nonsense and 9000 to every command."""
    return _tampered(scene, holder, answering_from(1, GARBAGE + b"\x90\x00"))


@ROGUE_CARDS.raises("answers-one-byte", CardProtocolError)
def answers_one_byte(scene: Scene, holder: Person) -> VirtualChip:
    """A response without a whole status word (ISO/IEC 7816-4, 5.1.3)."""
    return _tampered(scene, holder, answering_from(1, b"\x90"))


@ROGUE_CARDS.raises("refuses-pace", CardRefused)
def refuses_pace(scene: Scene, holder: Person) -> VirtualChip:
    """PACE is offered in EF.CardAccess, and from then on 6F00 comes: no precise diagnosis.

    A failed PACE is no leave to fall back to BAC in silence (ICAO 9303-11, 4.2).
    """
    return _tampered(scene, holder, answering_from(2, b"\x6f\x00"))


@ROGUE_CARDS.raises("file-without-end", CardProtocolError)
def file_without_end(scene: Scene, holder: Person) -> VirtualChip:
    """EF.SOD says that it is two gigabytes long: who believes it, reads for a week."""
    data = scene.chip_data(holder)
    endless = bytes.fromhex("77847FFFFFFF") + bytes(1024)
    return VirtualChip(replace(data, files={**data.files, "EF.SOD": endless}), random=scene.random)


@ROGUE_CARDS.raises("file-shorter-than-it-says", CardProtocolError)
def file_shorter_than_it_says(scene: Scene, holder: Person) -> VirtualChip:
    """EF.SOD ends before its own length: the card was cut off while it was written."""
    data = scene.chip_data(holder)
    cut = data.files["EF.SOD"][:-100]
    return VirtualChip(replace(data, files={**data.files, "EF.SOD": cut}), random=scene.random)


class _ReflectingResponder(PaceResponder):
    """Sends the reader's own public key back."""

    def agree_on_key(self, reader_public: bytes) -> bytes:
        super().agree_on_key(reader_public)
        return reader_public


@ROGUE_CARDS.raises("pace-reflects-the-key", CardProtocolError)
def pace_reflects_the_key(scene: Scene, holder: Person) -> VirtualChip:
    """The chip sends the reader's ephemeral key back, and could send its token back too, knowing no password.

    The two public keys must differ (ICAO 9303-11, 4.4.1).
    """
    return VirtualChip(scene.chip_data(holder), random=scene.random, pace_responder=_ReflectingResponder)


class _OffCurveResponder(PaceResponder):
    """Sends a point that is not on the curve."""

    def map_nonce(self, reader_public: bytes) -> bytes:
        public = super().map_nonce(reader_public)
        return public[:-1] + bytes([public[-1] ^ 1])


@ROGUE_CARDS.raises("pace-point-off-curve", CardProtocolError)
def pace_point_off_curve(scene: Scene, holder: Person) -> VirtualChip:
    """The chip's mapping key is on another, weaker curve, where the reader's key could be found out bit by bit.

    Every point must be checked (BSI TR-03111, 3.2.2).
    """
    return VirtualChip(scene.chip_data(holder), random=scene.random, pace_responder=_OffCurveResponder)


class _InfinityResponder(PaceResponder):
    """Sends the point at infinity."""

    def agree_on_key(self, reader_public: bytes) -> bytes:
        super().agree_on_key(reader_public)
        return b"\x00"


@ROGUE_CARDS.raises("pace-point-at-infinity", CardProtocolError)
def pace_point_at_infinity(scene: Scene, holder: Person) -> VirtualChip:
    """The chip's key is the point at infinity: every shared secret would be the same."""
    return VirtualChip(scene.chip_data(holder), random=scene.random, pace_responder=_InfinityResponder)


class _GuessingResponder(PaceResponder):
    """Accepts whatever the reader says, and makes up a token."""

    def confirm(self, _reader_token: bytes) -> bytes:
        return bytes(8)


@ROGUE_CARDS.raises("pace-without-the-password", AccessDenied)
def pace_without_the_password(scene: Scene, holder: Person) -> VirtualChip:
    """A chip that does not know the password cannot make its token (ICAO 9303-11, 4.4.3.4)."""
    return VirtualChip(scene.chip_data(holder), random=scene.random, pace_responder=_GuessingResponder)


def _tampered(scene: Scene, holder: Person, tamper: Tamper) -> VirtualChip:
    return VirtualChip(scene.chip_data(holder), random=scene.random, tamper=tamper)
