"""Cards of the rarer protocols, and what is done to them: integrated mapping, Diffie-Hellman, locked groups."""

from dataclasses import replace

from verifier.errors import AccessDenied, CardProtocolError
from verifier.sdk.testing.arithmetic.curves import CURVES
from verifier.sdk.testing.arithmetic.groups import Point
from verifier.sdk.testing.card_side.ciphers import CipherSuite
from verifier.sdk.testing.card_side.pace import PaceParameters, PaceResponder
from verifier.sdk.testing.card_side.pace_mapping import PaceMapping
from verifier.sdk.testing.cards.catalogue import Catalogue
from verifier.sdk.testing.cards.scene import Scene
from verifier.sdk.testing.chip import VirtualChip
from verifier.sdk.testing.chip_data import ChipData
from verifier.sdk.testing.chip_options import ActiveAuthenticationKind
from verifier.sdk.testing.faults import EMPTY_READS, ERRORS_IN_THE_CLEAR, Fault, pace_by
from verifier.sdk.testing.people import Person
from verifier.sdk.testing.writing.data_groups import write_card_access
from verifier.verification.report import CheckName

PROTOCOL_CARDS = Catalogue()
_AUTHENTICITY = CheckName.CHIP_AUTHENTICITY
_WEAK, _STRONG = CURVES["P-256"], CURVES["brainpoolP384r1"]


# --- genuine cards --------------------------------------------------------------------------------------------------


@PROTOCOL_CARDS.passes("genuine-integrated-mapping", CheckName.ACCESS, "access-pace")
def genuine_integrated_mapping(scene: Scene, holder: Person) -> VirtualChip:
    """PACE with integrated mapping: the reader sends a nonce of its own instead of a key (ICAO 9303-11, 4.4.3.3.2)."""
    return _chip(scene, scene.chip_data(holder, options=replace(scene.options, pace_mapping=PaceMapping.INTEGRATED)))


@PROTOCOL_CARDS.passes("genuine-diffie-hellman", _AUTHENTICITY, "chip-authentic-ca")
def genuine_diffie_hellman(scene: Scene, holder: Person) -> VirtualChip:
    """PACE and Chip Authentication over residues modulo a prime, without any curve (ICAO 9303-11, 9.6)."""
    group = "MODP-2048-256"
    options = replace(scene.options, pace_curve=group, chip_authentication_curve=group)
    return _chip(scene, scene.chip_data(holder, options=options))


@PROTOCOL_CARDS.passes("genuine-with-many-offers", CheckName.ACCESS, "access-pace")
def genuine_with_many_offers(scene: Scene, holder: Person) -> VirtualChip:
    """Three kinds of PACE in two groups, one of them proprietary, so that the reader must name what it takes.

    The strongest that it knows is taken (ICAO 9303-11, 4.4.4.1 and 9.2.2).
    """
    own_curve = replace(CURVES["brainpoolP256r1"], name="a curve of the issuer's own", parameter_id=40)
    more = (
        PaceParameters(_STRONG, CipherSuite.AES_256, mapping=PaceMapping.INTEGRATED),
        PaceParameters(own_curve, CipherSuite.AES_128),
    )
    return _chip(scene, scene.chip_data(holder, options=replace(scene.options, more_pace=more)))


@PROTOCOL_CARDS.passes("genuine-with-locked-fingerprints")
def genuine_with_locked_fingerprints(scene: Scene, holder: Person) -> VirtualChip:
    """DG3 and DG4 are signed and answer 6982: they want Terminal Authentication, which the signed DG14 announces.

    What is locked by the standard is no finding (ICAO 9303-11, 7).
    """
    options = replace(scene.options, terminal_authentication=True, locked_groups=frozenset({3, 4}))
    return _chip(scene, scene.chip_data(holder, options=options))


@PROTOCOL_CARDS.passes("genuine-with-der-signature", _AUTHENTICITY, "chip-authentic-aa")
def genuine_with_der_signature(scene: Scene, holder: Person) -> VirtualChip:
    """Active Authentication by ECDSA in DER, as some chips send it, with SHA-384 and nothing said of it in DG14.

    The standard prescribes r and s, and a digest in DG14 (ICAO 9303-11, 6.1.2.3 and 9.2.4); the signature is as good.
    """
    options = replace(
        scene.options,
        chip_authentication_curve=None,
        active_authentication=ActiveAuthenticationKind.ECDSA,
        active_authentication_hash="SHA-384",
        active_authentication_der=True,
        active_authentication_announced=False,
    )
    return _chip(scene, scene.chip_data(holder, options=options))


# --- PACE -----------------------------------------------------------------------------------------------------------


class _OutsideTheSubgroup(PaceResponder):
    """Sends −g^x: an element of twice the order."""

    def map_nonce(self, reader_data: bytes) -> bytes:
        public = self.curve.decode(super().map_nonce(reader_data))
        return self.curve.encode(Point(self.curve.p - public.x))


@PROTOCOL_CARDS.raises("pace-dh-outside-the-subgroup", CardProtocolError)
def pace_dh_outside_the_subgroup(scene: Scene, holder: Person) -> VirtualChip:
    """A Diffie-Hellman key that is not in the subgroup: what comes back gives away bits of the reader's key.

    Every public key must be checked (RFC 2631, 2.1.5; ICAO 9303-11, 4.4.3.3.1).
    """
    options = replace(scene.options, pace_curve="MODP-2048-224")
    return _chip(scene, scene.chip_data(holder, options=options), pace_by(_OutsideTheSubgroup))


class _DegenerateKey(PaceResponder):
    """Sends 1: every shared secret would be 1."""

    def agree_on_key(self, reader_public: bytes) -> bytes:
        super().agree_on_key(reader_public)
        return b"\x01"


@PROTOCOL_CARDS.raises("pace-dh-key-of-one", CardProtocolError)
def pace_dh_key_of_one(scene: Scene, holder: Person) -> VirtualChip:
    """The chip's Diffie-Hellman key is 1, so that everybody knows the shared secret (RFC 2631, 2.1.5)."""
    options = replace(scene.options, pace_curve="MODP-1024-160")
    return _chip(scene, scene.chip_data(holder, options=options), pace_by(_DegenerateKey))


class _OtherNonce(PaceResponder):
    """Maps another nonce than it sent."""

    def map_nonce(self, reader_data: bytes) -> bytes:
        self._nonce = bytes(len(self._nonce))
        return super().map_nonce(reader_data)


@PROTOCOL_CARDS.raises("integrated-mapping-of-another-nonce", AccessDenied)
def integrated_mapping_of_another_nonce(scene: Scene, holder: Person) -> VirtualChip:
    """The chip does not know the CAN and so not the nonce either: the two sides map to different generators.

    From the tokens one learns only that somebody does not know the password (ICAO 9303-11, 4.4.3.4).
    """
    options = replace(scene.options, pace_mapping=PaceMapping.INTEGRATED)
    return _chip(scene, scene.chip_data(holder, options=options), pace_by(_OtherNonce))


@PROTOCOL_CARDS.fails("pace-strongest-offer-hidden", CheckName.DATA_GROUP_HASHES, "card-access-altered")
def pace_strongest_offer_hidden(scene: Scene, holder: Person) -> VirtualChip:
    """Of two offers somebody in between keeps the stronger from the reader, which then takes the weaker.

    EF.CardAccess is signed by nobody, DG14 repeats all of it (ICAO 9303-11, 9.2.11).
    """
    weak, strong = PaceParameters(_WEAK, CipherSuite.TRIPLE_DES), PaceParameters(_STRONG, CipherSuite.AES_256)
    data = scene.chip_data(holder, options=replace(scene.options, pace_curve=None, more_pace=(weak, strong)))
    files = {**data.files, "EF.CardAccess": write_card_access([weak])}
    lenient = replace(data.behaviour, requires_parameter_id=False)
    return _chip(scene, replace(data, files=files, behaviour=lenient))


# --- what else a card may lack or do --------------------------------------------------------------------------------


@PROTOCOL_CARDS.undecided("terminal-authentication-only", _AUTHENTICITY, "chip-authentication-not-supported")
def terminal_authentication_only(scene: Scene, holder: Person) -> VirtualChip:
    """The signed DG14 announces Terminal Authentication, and no key by which a copy could be told.

    Terminal Authentication proves the reader to the chip, never the chip to the reader (ICAO 9303-11, 7.1).
    """
    options = replace(scene.options, chip_authentication_curve=None, terminal_authentication=True)
    return _chip(scene, scene.chip_data(holder, options=options))


@PROTOCOL_CARDS.raises("reads-without-data", CardProtocolError)
def reads_without_data(scene: Scene, holder: Person) -> VirtualChip:
    """Every READ BINARY succeeds and brings no data: who goes on until the file is whole never stops."""
    return _chip(scene, scene.chip_data(holder), EMPTY_READS)


@PROTOCOL_CARDS.fails("refuses-in-the-clear", CheckName.DATA_GROUP_HASHES, "data-group-withheld")
def refuses_in_the_clear(scene: Scene, holder: Person) -> VirtualChip:
    """DG14 is refused without protection: it may be the chip that says so, or somebody who wants it withheld.

    Either way the SOD lists it and it was not given; the channel is over with it (ICAO 9303-11, 9.8.6).
    """
    data = scene.chip_data(holder)
    files = {name: content for name, content in data.files.items() if name != "DG14"}
    return _chip(scene, replace(data, files=files), ERRORS_IN_THE_CLEAR)


def _chip(scene: Scene, data: ChipData, *faults: Fault) -> VirtualChip:
    return VirtualChip(data, random=scene.random, faults=faults)
