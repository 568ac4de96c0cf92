"""personalise(): from a holder and a document signer to a chip that speaks."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec

from verifier.sdk.testing.active_authentication import ActiveAuthenticationSigner, EcdsaSigner, RsaSigner
from verifier.sdk.testing.chip import VirtualChip
from verifier.sdk.testing.chip_authentication import ChipAuthenticationKey
from verifier.sdk.testing.chip_data import Behaviour, ChipData
from verifier.sdk.testing.ciphers import CipherSuite
from verifier.sdk.testing.curves import CURVES, Random, draw_scalar
from verifier.sdk.testing.data_groups import (
    write_card_access,
    write_com,
    write_dg1,
    write_dg14,
    write_dg15,
)
from verifier.sdk.testing.mrz import DocumentType, write_mrz, write_mrz_information
from verifier.sdk.testing.pace import PaceParameters
from verifier.sdk.testing.people import Person
from verifier.sdk.testing.pki import DocumentSigner
from verifier.sdk.testing.security_object import write_lds_security_object, write_security_object
from verifier.sdk.testing.signing import CRYPTOGRAPHY_CURVES, shared_rsa_key

DEFAULT_CAN = "123456"


class ActiveAuthenticationKind(StrEnum):
    """Which key signs in Active Authentication."""

    RSA = "RSA"
    ECDSA = "ECDSA"


@dataclass(frozen=True, kw_only=True)
class ChipOptions:
    """What a chip offers. The defaults make an identity card with PACE and Chip Authentication, and BAC beside it.

    Curves are named as in ``CURVES``; ``None`` leaves a protocol out.
    """

    document_type: DocumentType = DocumentType.TD1
    can: str | None = field(default=DEFAULT_CAN, repr=False)
    pace_curve: str | None = "brainpoolP256r1"
    pace_cipher: CipherSuite = CipherSuite.AES_128
    bac: bool = True
    chip_authentication_curve: str | None = "brainpoolP256r1"
    chip_authentication_cipher: CipherSuite = CipherSuite.AES_128
    chip_authentication_key_id: int | None = None
    active_authentication: ActiveAuthenticationKind | None = None
    active_authentication_hash: str = "SHA-256"
    active_authentication_rsa_bits: int = 2048
    """From about 1,800 bits on, the signature needs an answer of extended length."""
    explicit_parameters: bool = False
    """Whether DG14 writes out the curve of the Chip Authentication key."""
    hash_name: str = "sha256"
    """Digest of the data groups in EF.SOD: sha1, sha224, sha256, sha384 or sha512."""
    lds_version: int = 0
    """Version of the LDSSecurityObject: 0 or 1."""
    more_files: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    """Further files by name. Data groups, such as ``("DG13", …)``, are hashed into EF.SOD too."""
    behaviour: Behaviour = field(default_factory=Behaviour)


def personalise(
    signer: DocumentSigner,
    holder: Person,
    *,
    options: ChipOptions | None = None,
    random: Random = secrets.token_bytes,
) -> VirtualChip:
    """Make a chip for ``holder``, signed by ``signer``. With a seeded ``random`` keys and sessions repeat.

    >>> from datetime import UTC, datetime
    >>> from verifier.sdk.testing import SyntheticPki, invented_person, personalise
    >>> pki = SyntheticPki(at=datetime(2026, 1, 1, tzinfo=UTC))
    >>> personalise(pki.issue_document_signer(), invented_person(1))
    VirtualChip(DG1, DG14, EF.COM, EF.CardAccess, EF.SOD)
    """
    return VirtualChip(write_chip_data(signer, holder, options=options, random=random), random=random)


def write_chip_data(
    signer: DocumentSigner,
    holder: Person,
    *,
    options: ChipOptions | None = None,
    random: Random = secrets.token_bytes,
) -> ChipData:
    """Return what ``personalise`` writes into the chip, for those who want to alter it first."""
    options = options or ChipOptions()
    mrz = write_mrz(holder, options.document_type)
    ca_keys = _chip_authentication_keys(options, random)
    aa_signer = _active_authentication_signer(options, random)
    more = dict(options.more_files)
    groups = {int(name[2:]): more.pop(name) for name in list(more) if name.startswith("DG")} | {1: write_dg1(mrz)}
    pace = (PaceParameters(CURVES[options.pace_curve], options.pace_cipher),) if options.pace_curve else ()
    if ca_keys or pace or isinstance(aa_signer, EcdsaSigner):
        groups[14] = write_dg14(ca_keys, aa_signer, pace, explicit_parameters=options.explicit_parameters)
    if aa_signer:
        groups[15] = write_dg15(aa_signer.public_key_der)
    content = write_lds_security_object(groups, hash_name=options.hash_name, version=options.lds_version)
    files = (
        more
        | {f"DG{number}": group for number, group in sorted(groups.items())}
        | {
            "EF.COM": write_com(groups),
            "EF.SOD": write_security_object(content, signer.key, signer.certificate),
        }
    )
    if pace:
        files["EF.CardAccess"] = write_card_access(pace)
    return ChipData(
        files=files,
        mrz=mrz,
        mrz_information=write_mrz_information(holder),
        can=options.can,
        pace=pace,
        bac=options.bac,
        chip_authentication=ca_keys,
        active_authentication=aa_signer,
        behaviour=options.behaviour,
    )


def _chip_authentication_keys(options: ChipOptions, random: Random) -> tuple[ChipAuthenticationKey, ...]:
    if options.chip_authentication_curve is None:
        return ()
    curve = CURVES[options.chip_authentication_curve]
    cipher, key_id = options.chip_authentication_cipher, options.chip_authentication_key_id
    return (ChipAuthenticationKey(curve, draw_scalar(curve, random), cipher, key_id),)


def _active_authentication_signer(options: ChipOptions, random: Random) -> ActiveAuthenticationSigner | None:
    kind = options.active_authentication
    return _ACTIVE_AUTHENTICATION[kind](options, random) if kind else None


def _rsa_signer(options: ChipOptions, _random: Random) -> ActiveAuthenticationSigner:
    key = shared_rsa_key("active authentication", options.active_authentication_rsa_bits)
    return RsaSigner(key, options.active_authentication_hash)


def _ecdsa_signer(options: ChipOptions, random: Random) -> ActiveAuthenticationSigner:
    name = "P-256"
    private = ec.derive_private_key(draw_scalar(CURVES[name], random), CRYPTOGRAPHY_CURVES[name])
    return EcdsaSigner(private, options.active_authentication_hash)


_SignerMaker: TypeAlias = Callable[[ChipOptions, Random], ActiveAuthenticationSigner]
_ACTIVE_AUTHENTICATION: dict[ActiveAuthenticationKind, _SignerMaker] = {
    ActiveAuthenticationKind.RSA: _rsa_signer,
    ActiveAuthenticationKind.ECDSA: _ecdsa_signer,
}
