"""What seeded sessions go through: everything that the reader carries, each in every combination that exists."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import gcd
from typing import TypeVar

from verifier.access.pace.protocols import pace_strength
from verifier.errors import InvalidInput
from verifier.sdk.testing.arithmetic.curves import CURVES
from verifier.sdk.testing.arithmetic.dh_groups import GROUPS
from verifier.sdk.testing.arithmetic.groups import Group, Random, draw_scalar
from verifier.sdk.testing.card_side.active_authentication import HASHES
from verifier.sdk.testing.card_side.chip_authentication import ChipAuthenticationKey
from verifier.sdk.testing.card_side.ciphers import CipherSuite
from verifier.sdk.testing.card_side.pace import PaceParameters
from verifier.sdk.testing.card_side.pace_mapping import PaceMapping
from verifier.sdk.testing.chip_options import ActiveAuthenticationKind, ChipOptions
from verifier.sdk.testing.writing.public_keys import KeyForm

T = TypeVar("T")
_OTHER_KEY = 7


@dataclass(frozen=True)
class PaceVariant:
    """A PACE: mapping, group, cipher, and whether the CAN or the MRZ is the password."""

    group: Group = field(repr=False)
    cipher: CipherSuite
    mapping: PaceMapping
    by_can: bool

    def __str__(self) -> str:
        return f"{self.mapping} mapping, {self.group.name}, {self.cipher.name}, {'CAN' if self.by_can else 'MRZ'}"


@dataclass(frozen=True)
class ChipAuthenticationVariant:
    """A Chip Authentication: group, cipher, how DG14 writes the key, and how keys are told apart."""

    group: Group = field(repr=False)
    cipher: CipherSuite
    form: KeyForm
    layout: str
    """``one key``, ``a numbered key``, ``several keys`` or ``no protocol``, which means 3DES."""

    def __str__(self) -> str:
        return f"{self.group.name}, {self.cipher.name}, {self.form.name}, {self.layout}"

    def options(self, random: Random) -> ChipOptions:
        """Return the card's options; a second key, where there is one, is drawn."""
        is_alone = self.layout in {"one key", "no protocol"}
        options = ChipOptions(
            pace_curve=None,
            chip_authentication_curve=self.group.name,
            chip_authentication_cipher=self.cipher,
            chip_authentication_key_id=None if is_alone else 1,
            chip_authentication_announced=self.layout != "no protocol",
            key_form=self.form,
        )
        if self.layout != "several keys":
            return options
        weakest = GROUPS["MODP-1024-160"]  # and with 3DES, so that the reader takes the first
        other = ChipAuthenticationKey(weakest, draw_scalar(weakest, random), CipherSuite.TRIPLE_DES, _OTHER_KEY)
        return replace(options, more_chip_authentication=(other,))


@dataclass(frozen=True)
class ActiveAuthenticationVariant:
    """An Active Authentication: the card's options for it, named."""

    name: str
    settings: dict[str, object] = field(repr=False)

    def __str__(self) -> str:
        return self.name

    def options(self) -> ChipOptions:
        """Return the card's options."""
        options = ChipOptions(pace_curve=None, chip_authentication_curve=None)
        return replace(options, **self.settings)  # type: ignore[arg-type]  # checked by running each of them


def pick(variants: Sequence[T], number: int) -> T:
    """Return a session's variant: all are gone through once before any comes again, in an order that mixes them."""
    step = next(step for step in range(len(variants) * 5 // 8, len(variants) + 2) if gcd(step, len(variants)) == 1)
    return variants[number * step % len(variants)]


def _pace_variants() -> list[PaceVariant]:
    candidates = product(GROUPS.values(), CipherSuite, PaceMapping, (True, False))
    return [PaceVariant(*candidate) for candidate in candidates if _is_carried(*candidate[:3])]


def _is_carried(group: Group, cipher: CipherSuite, mapping: PaceMapping) -> bool:
    try:
        offer = PaceParameters(group, cipher, mapping=mapping)
    except InvalidInput:
        return False
    return pace_strength(offer.oid, group.parameter_id) is not None


def _chip_authentication_variants() -> list[ChipAuthenticationVariant]:
    groups = [group for group in GROUPS.values() if _is_carried(group, CipherSuite.AES_128, PaceMapping.GENERIC)]
    return [
        ChipAuthenticationVariant(group, cipher, form, layout)
        for group, cipher, form, layout in product(groups, CipherSuite, KeyForm, _LAYOUTS)
        if (group.agreement == "DH" or form is not KeyForm.PKCS3) and cipher in _LAYOUTS[layout]
    ]


_AES = (CipherSuite.AES_128, CipherSuite.AES_192, CipherSuite.AES_256)
_LAYOUTS = {
    "one key": tuple(CipherSuite),
    "a numbered key": tuple(CipherSuite),
    "several keys": _AES,
    "no protocol": (CipherSuite.TRIPLE_DES,),
}


def _active_authentication_variants() -> list[ActiveAuthenticationVariant]:
    trailers = [(name, False) for name in HASHES] + [("SHA-1", True)]
    variants = []
    for (name, explicit), bits, length, smaller in product(trailers, (1024, 2048), (None, 8), (False, True)):
        settings = {
            "active_authentication": ActiveAuthenticationKind.RSA,
            "active_authentication_hash": name,
            "active_authentication_explicit_trailer": explicit,
            "active_authentication_rsa_bits": bits,
            "active_authentication_message_length": length,
            "active_authentication_smaller_root": smaller,
        }
        trailer = "33CC" if explicit else "BC" if name == "SHA-1" else "explicit trailer"
        details = f"{'padded' if length else 'full'}{', smaller root' if smaller else ''}"
        variants.append(ActiveAuthenticationVariant(f"RSA-{bits}, {name}, {trailer}, {details}", settings))
    for curve, name, der, announced in product(CURVES, HASHES, (False, True), (False, True)):
        settings = {
            "active_authentication": ActiveAuthenticationKind.ECDSA,
            "active_authentication_curve": curve,
            "active_authentication_hash": name,
            "active_authentication_der": der,
            "active_authentication_announced": announced,
        }
        details = f"{'DER' if der else 'plain'}, {'announced' if announced else 'not announced'}"
        variants.append(ActiveAuthenticationVariant(f"ECDSA {curve}, {name}, {details}", settings))
    return variants


PACE_VARIANTS = _pace_variants()
"""Every mapping with every group and cipher that it goes with and that the reader carries, with both passwords."""
CHIP_AUTHENTICATION_VARIANTS = _chip_authentication_variants()
"""Every group and cipher that the reader carries, with every form of key and every way to tell keys apart."""
ACTIVE_AUTHENTICATION_VARIANTS = _active_authentication_variants()
"""Every trailer, root and padding of RSA; every curve and digest of ECDSA, plain and in DER, announced or not."""
