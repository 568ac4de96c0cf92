"""What an access or authentication protocol leaves behind, so that it can be judged later and elsewhere."""

from dataclasses import dataclass, field
from enum import StrEnum


class AccessProtocol(StrEnum):
    """How the reader was let in (ICAO 9303-11, 4.2)."""

    PACE = "PACE"
    BAC = "BAC"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class AccessRecord:
    """How a session was opened, and what else the card offered.

    ``pace_offered`` is ``None`` where EF.CardAccess was not looked at, so that nobody can tell.
    """

    protocol: AccessProtocol
    pace_offered: bool | None = None
    pace_oid: str | None = None
    """The PACE protocol's object identifier in dotted form, where PACE ran."""
    pace_parameter_id: int | None = None
    """The standardised domain parameter identifier (ICAO 9303-11, 9.5.1), where PACE ran."""


@dataclass(frozen=True, slots=True)
class ChipAuthenticationProof:
    """A Chip Authentication session (ICAO 9303-11, 6.2) that can be checked again.

    Chip Authentication signs nothing: the chip proves its private key by answering under the new session keys. The
    proof is therefore the reader's ephemeral key and the first answer's authenticated bytes; ``verification``
    derives the session keys from them and from the chip's public key in DG14, and checks the answer's MAC. Who holds
    this proof can compute such answers too: it convinces the one who ran the session, and those who trust them.
    """

    oid: str
    """The protocol's object identifier in dotted form."""
    key_id: int | None
    terminal_private_key: bytes = field(repr=False)
    """The reader's ephemeral private key: PKCS #8 DER."""
    protected_response: bytes = field(repr=False)
    """The first response inside the new channel as received: DO'87'/'85', DO'99', DO'8E', without the status word."""


@dataclass(frozen=True, slots=True)
class PaceChipAuthenticationProof:
    """What PACE with chip authentication mapping leaves behind (ICAO 9303-11, 4.4.3.5).

    The chip shows that it knows how its ephemeral mapping key and its static key are related:
    ``PK_Map,IC = CA_IC * PK_IC``, with PK_IC from EF.CardSecurity. Whoever sees this proof is convinced only if the key
    is the issuer's and if the mapping key was drawn for the session that the proof comes from.
    """

    oid: str
    """The protocol's object identifier in dotted form."""
    parameter_id: int
    """The standardised domain parameter identifier (ICAO 9303-11, 9.5.1)."""
    mapping_public_key: bytes = field(repr=False)
    """PK_Map,IC as the chip sent it: an uncompressed point."""
    chip_authentication_data: bytes = field(repr=False)
    """CA_IC, decrypted: a number below the order of the curve, big-endian."""


@dataclass(frozen=True, slots=True)
class ActiveAuthenticationProof:
    """An Active Authentication answer (ICAO 9303-11, 6.1): checked against the public key in DG15."""

    challenge: bytes = field(repr=False)
    """RND.IFD: 8 bytes that the reader chose."""
    signature: bytes = field(repr=False)
