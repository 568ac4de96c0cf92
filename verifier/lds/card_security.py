"""EF.CardSecurity: SecurityInfos that the issuer signed, in the master file (ICAO 9303-10, 3.11.4; 9303-11, 9.2.12)."""

from dataclasses import dataclass, field
from typing import Final

from verifier.errors import MalformedData
from verifier.lds.security_infos import SecurityInfos
from verifier.pki.cms import SignedData

SECURITY_OBJECT_OID: Final = "0.4.0.127.0.7.3.2.1"
"""id-SecurityObject (TR-03110-3, A.1.2.5)."""


@dataclass(frozen=True, slots=True)
class CardSecurity:
    """The decoded file. Nothing of it is true before a signature of ``signed_data`` was verified."""

    signed_data: SignedData = field(repr=False)
    security_infos: SecurityInfos

    @classmethod
    def decode(cls, raw: bytes) -> "CardSecurity":
        """Decode CMS SignedData over SecurityInfos, without a wrapper.

        Raises ``MalformedData``, or ``UnsupportedFeature`` for CMS of another kind.
        """
        signed_data = SignedData.decode(raw)
        if signed_data.content_type != SECURITY_OBJECT_OID:
            msg = f"EF.CardSecurity signs content of type {signed_data.content_type}, which is no SecurityObject"
            raise MalformedData(msg)
        return cls(signed_data, SecurityInfos.decode(signed_data.encap_content))
