"""Cards with chip authentication mapping, genuine and copied: PACE proves the key of EF.CardSecurity on the way."""

from dataclasses import replace

from verifier.errors import CardProtocolError
from verifier.sdk.testing.arithmetic.curves import CURVES
from verifier.sdk.testing.arithmetic.groups import draw_scalar
from verifier.sdk.testing.card_side.pace import PaceResponder
from verifier.sdk.testing.card_side.pace_mapping import PaceMapping
from verifier.sdk.testing.cards.catalogue import Catalogue
from verifier.sdk.testing.cards.scene import Scene
from verifier.sdk.testing.chip import VirtualChip
from verifier.sdk.testing.chip_data import ChipData
from verifier.sdk.testing.chip_options import ChipOptions
from verifier.sdk.testing.faults import Fault, pace_by
from verifier.sdk.testing.people import Person
from verifier.sdk.testing.pki import DocumentSigner
from verifier.verification.report import CheckName

MAPPING_CARDS = Catalogue()
_AUTHENTICITY = CheckName.CHIP_AUTHENTICITY


@MAPPING_CARDS.passes("genuine-pace-cam", _AUTHENTICITY, "chip-authentic-pace-cam")
def genuine_pace_cam(scene: Scene, holder: Person) -> VirtualChip:
    """PACE proves the chip's key of a signed EF.CardSecurity on the way; the card has no other key.

    The proof counts as Chip Authentication does (ICAO 9303-11, 4.4.3.5).
    """
    return _chip(scene, scene.chip_data(holder, options=_mapping_options(scene)))


@MAPPING_CARDS.fails("cam-clone", _AUTHENTICITY, "chip-not-authentic")
def cam_clone(scene: Scene, holder: Person) -> VirtualChip:
    """All files were copied, EF.CardSecurity too; the private key could not be, so the proof is made with a guess.

    The proof times the signed key must be the mapping's key (ICAO 9303-11, 4.4.3.5.2).
    """
    data = scene.chip_data(holder, options=_mapping_options(scene))
    guesses = tuple(replace(offer, static_scalar=draw_scalar(offer.curve, scene.random)) for offer in data.pace)
    return _chip(scene, replace(data, pace=guesses))


class _WithoutProof(PaceResponder):
    """Leaves DO'8A' out."""

    def further_data(self) -> bytes:
        return b""


@MAPPING_CARDS.raises("cam-without-proof", CardProtocolError)
def cam_without_proof(scene: Scene, holder: Person) -> VirtualChip:
    """The chip chose chip authentication mapping and sends no Chip Authentication Data (ICAO 9303-11, 4.4.5).

    A copy that knows the CAN could do that much.
    """
    return _chip(scene, scene.chip_data(holder, options=_mapping_options(scene)), pace_by(_WithoutProof))


@MAPPING_CARDS.undecided("cam-signed-by-a-stranger", _AUTHENTICITY, "card-security-not-trusted")
def cam_signed_by_a_stranger(scene: Scene, holder: Person) -> VirtualChip:
    """A copy with a key of its own, which EF.CardSecurity holds; its signer is in no trust store.

    EF.CardSecurity is believed as EF.SOD is, or not at all (ICAO 9303-11, 4.4.3.5.2). It stays undecided, and
    passes nowhere: an authority of the same state may be missing in the store.
    """
    return _chip(scene, _with_card_security_of(scene, holder, scene.unknown_signer))


@MAPPING_CARDS.fails("cam-signed-by-another-state", _AUTHENTICITY, "card-security-foreign")
def cam_signed_by_another_state(scene: Scene, holder: Person) -> VirtualChip:
    """A copy with a key of its own, in an EF.CardSecurity that a genuine signer of Utopia signed.

    Both files must come from one state (ICAO 9303-12, 2).
    """
    return _chip(scene, _with_card_security_of(scene, holder, scene.foreign_signer))


@MAPPING_CARDS.fails("cam-signer-revoked", _AUTHENTICITY, "card-security-signer-revoked")
def cam_signer_revoked(scene: Scene, holder: Person) -> VirtualChip:
    """A copy with a key of its own, in an EF.CardSecurity whose signer's key was stolen, and revoked."""
    return _chip(scene, _with_card_security_of(scene, holder, scene.revoked_signer))


@MAPPING_CARDS.fails("cam-card-security-altered", _AUTHENTICITY, "card-security-forged")
def cam_card_security_altered(scene: Scene, holder: Person) -> VirtualChip:
    """A copy that wrote its own key over that in EF.CardSecurity; the old signature stands beside it."""
    original, other = (scene.chip_data(holder, options=_mapping_options(scene)) for _ in range(2))
    old, new = (_mapping_key(data) for data in (original, other))
    altered = original.files["EF.CardSecurity"].replace(old, new)
    return _chip(scene, replace(original, files={**original.files, "EF.CardSecurity": altered}, pace=other.pace))


@MAPPING_CARDS.fails("cam-card-security-of-another-card", _AUTHENTICITY, "card-security-foreign")
def cam_card_security_of_another_card(scene: Scene, holder: Person) -> VirtualChip:
    """EF.CardSecurity and the chip are of one genuine card, the data of another; DG14 numbers the key 13 too.

    One number is one key (ICAO 9303-11, 9.2.6). Where the numbers differ nothing binds the two files but their state.
    """
    options = replace(
        _mapping_options(scene),
        chip_authentication_curve="brainpoolP256r1",
        chip_authentication_key_id=CURVES["brainpoolP256r1"].parameter_id,
    )
    original, other = (scene.chip_data(holder, options=options) for _ in range(2))
    files = {**original.files, "EF.CardSecurity": other.files["EF.CardSecurity"]}
    keys = other.chip_authentication
    return _chip(scene, replace(original, files=files, pace=other.pace, chip_authentication=keys))


def _chip(scene: Scene, data: ChipData, *faults: Fault) -> VirtualChip:
    return VirtualChip(data, random=scene.random, faults=faults)


def _mapping_options(scene: Scene) -> ChipOptions:
    mapping = PaceMapping.CHIP_AUTHENTICATION
    return replace(scene.options, pace_mapping=mapping, chip_authentication_curve=None)


def _with_card_security_of(scene: Scene, holder: Person, signer: DocumentSigner) -> ChipData:
    """A copy: data of the original, a key of its own, and an EF.CardSecurity by that signer to go with it."""
    original = scene.chip_data(holder, options=_mapping_options(scene))
    forged = scene.chip_data(holder, signer=signer, options=_mapping_options(scene))
    files = {**original.files, "EF.CardSecurity": forged.files["EF.CardSecurity"]}
    return replace(original, files=files, pace=forged.pace)


def _mapping_key(data: ChipData) -> bytes:
    offer = data.pace[0]
    return offer.curve.encode(offer.curve.multiply(offer.static_scalar or 1, offer.curve.generator))
