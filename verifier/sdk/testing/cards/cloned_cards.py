"""Copies of genuine cards: every file can be copied, the private key of the chip cannot (ICAO 9303-11, 6)."""

from dataclasses import replace

from verifier.sdk.testing.arithmetic.curves import draw_scalar
from verifier.sdk.testing.cards.catalogue import Catalogue
from verifier.sdk.testing.cards.scene import Scene
from verifier.sdk.testing.chip import VirtualChip
from verifier.sdk.testing.people import Person
from verifier.sdk.testing.personalise import ActiveAuthenticationKind
from verifier.verification.report import CheckName

CLONED_CARDS = Catalogue()


@CLONED_CARDS.fails("clone-with-its-own-key", CheckName.DATA_GROUP_HASHES, "data-group-altered")
def clone_with_its_own_key(scene: Scene, holder: Person) -> VirtualChip:
    """SOD and DG1 were copied; DG14 holds a key of the clone's own. Chip Authentication succeeds, the hash fails.

    Chip Authentication counts only with a key that the issuer signed (ICAO 9303-11, 6.2).
    """
    original = scene.chip_data(holder)
    other = scene.chip_data(holder)
    files = {**original.files, "DG14": other.files["DG14"]}
    clone = replace(original, files=files, chip_authentication=other.chip_authentication)
    return VirtualChip(clone, random=scene.random)


@CLONED_CARDS.fails("clone-without-the-key", CheckName.CHIP_AUTHENTICITY, "chip-not-authentic")
def clone_without_the_key(scene: Scene, holder: Person) -> VirtualChip:
    """All files were copied, DG14 too; the private key could not be. The new channel does not come up.

    Only who holds the private key can answer in the new channel (ICAO 9303-11, 6.2.2).
    """
    data = scene.chip_data(holder)
    guesses = tuple(replace(key, scalar=draw_scalar(key.curve, scene.random)) for key in data.chip_authentication)
    return VirtualChip(replace(data, chip_authentication=guesses), random=scene.random)


@CLONED_CARDS.fails("clone-that-drops-its-key", CheckName.DATA_GROUP_HASHES, "data-group-withheld")
def clone_that_drops_its_key(scene: Scene, holder: Person) -> VirtualChip:
    """The "imperfect clone": DG14 and DG15 answer 6A82, so that a careless reader skips chip authentication.

    The SOD lists them, so their absence is a finding (ICAO 9303-11, 5.1 and 6).
    """
    options = replace(scene.options, active_authentication=ActiveAuthenticationKind.ECDSA)
    data = scene.chip_data(holder, options=options)
    kept = {name: content for name, content in data.files.items() if name not in {"DG14", "DG15"}}
    return VirtualChip(
        replace(data, files=kept, chip_authentication=(), active_authentication=None), random=scene.random
    )


@CLONED_CARDS.fails("clone-that-refuses", CheckName.CHIP_AUTHENTICITY, "chip-authentication-refused")
def clone_that_refuses(scene: Scene, holder: Person) -> VirtualChip:
    """All files were copied, and Chip Authentication is answered with 6A88: "no such key".

    The signed DG14 says that there is one (ICAO 9303-11, 6.2).
    """
    return VirtualChip(replace(scene.chip_data(holder), chip_authentication=()), random=scene.random)


@CLONED_CARDS.fails("clone-that-signs-with-another-key", CheckName.CHIP_AUTHENTICITY, "chip-not-authentic")
def clone_that_signs_with_another_key(scene: Scene, holder: Person) -> VirtualChip:
    """A card with Active Authentication only, copied: DG15 is the original's, the signing key is not.

    The signature over the challenge must verify with the key of DG15 (ICAO 9303-11, 6.1).
    """
    options = replace(
        scene.options, chip_authentication_curve=None, active_authentication=ActiveAuthenticationKind.ECDSA
    )
    other = scene.chip_data(holder, options=options)
    data = scene.chip_data(holder, options=options)
    return VirtualChip(replace(data, active_authentication=other.active_authentication), random=scene.random)
