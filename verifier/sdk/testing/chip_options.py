"""What a test card is to offer: ``ChipOptions``."""

from dataclasses import dataclass, field
from enum import StrEnum

from verifier.sdk.testing.card_side.chip_authentication import ChipAuthenticationKey
from verifier.sdk.testing.card_side.ciphers import CipherSuite
from verifier.sdk.testing.card_side.pace import PaceParameters
from verifier.sdk.testing.card_side.pace_mapping import PaceMapping
from verifier.sdk.testing.chip_data import Behaviour
from verifier.sdk.testing.writing.mrz import DocumentType
from verifier.sdk.testing.writing.public_keys import KeyForm

DEFAULT_CAN = "123456"


class ActiveAuthenticationKind(StrEnum):
    """Which key signs in Active Authentication."""

    RSA = "RSA"
    ECDSA = "ECDSA"


@dataclass(frozen=True, kw_only=True)
class ChipOptions:
    """What a chip offers. The defaults make an identity card with PACE and Chip Authentication, and BAC beside it.

    Curves and Diffie-Hellman groups are named as in ``GROUPS``; ``None`` leaves a protocol out.
    """

    document_type: DocumentType = DocumentType.TD1
    can: str | None = field(default=DEFAULT_CAN, repr=False)
    pin: str | None = field(default=None, repr=False)
    puk: str | None = field(default=None, repr=False)
    pace_curve: str | None = "brainpoolP256r1"
    pace_cipher: CipherSuite = CipherSuite.AES_128
    pace_mapping: PaceMapping = PaceMapping.GENERIC
    more_pace: tuple[PaceParameters, ...] = ()
    """Further offers. A group whose ``parameter_id`` is 32 or more is proprietary, and written out."""
    bac: bool = True
    chip_authentication_curve: str | None = "brainpoolP256r1"
    chip_authentication_cipher: CipherSuite = CipherSuite.AES_128
    chip_authentication_key_id: int | None = None
    chip_authentication_announced: bool = True
    """Old passports announce only the key, and mean 3DES."""
    more_chip_authentication: tuple[ChipAuthenticationKey, ...] = ()
    """Further keys, told apart by their identifiers."""
    key_form: KeyForm = KeyForm.NAMED
    """How DG14 says what group a key is of; ``explicit_parameters`` stands for ``KeyForm.EXPLICIT``."""
    card_security: bool = False
    """Whether there is an EF.CardSecurity; chip authentication mapping brings one anyway."""
    card_security_key_form: KeyForm = KeyForm.STANDARDISED
    terminal_authentication: bool = False
    """Whether there are groups locked behind Terminal Authentication, which DG14 then announces."""
    locked_groups: frozenset[int] = frozenset({3})
    """Which they are: DG3, DG4 or both. They are signed like all others."""
    active_authentication: ActiveAuthenticationKind | None = None
    active_authentication_hash: str = "SHA-256"
    active_authentication_curve: str = "P-256"
    active_authentication_der: bool = False
    """Whether ECDSA signatures come in DER, as some chips send them, instead of r and s."""
    active_authentication_announced: bool = True
    """Whether DG14 names the digest of an ECDSA signature."""
    active_authentication_rsa_bits: int = 2048
    """From about 1,800 bits on, the signature needs an answer of extended length."""
    active_authentication_explicit_trailer: bool = False
    """33CC instead of BC for SHA-1."""
    active_authentication_smaller_root: bool = False
    active_authentication_message_length: int | None = None
    """Bytes of the chip's part M1 of the message; ``None`` fills the signature."""
    explicit_parameters: bool = False
    """Whether DG14 writes out the curve of the Chip Authentication key."""
    hash_name: str = "sha256"
    """Digest of the data groups in EF.SOD: sha1, sha224, sha256, sha384 or sha512."""
    lds_version: int = 0
    """Version of the LDSSecurityObject: 0 or 1."""
    data_groups: frozenset[int] = frozenset()
    """Which of DG2, 7, 11, 12, 13 and 16 are there, filled with what is invented about the holder."""
    atr_info: bool = False
    """Whether there is an EF.ATR/INFO, which says whether the chip has extended length."""
    more_files: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    """Further files by name. Data groups, such as ``("DG13", …)``, are hashed into EF.SOD too."""
    behaviour: Behaviour = field(default_factory=Behaviour)
