"""EF.SOD: the document security object, the issuer's signature over the data groups (ICAO 9303-10, 4.6.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from verifier.errors import MalformedData
from verifier.lds import elementary_files
from verifier.lds.lds_security_object import LdsSecurityObject
from verifier.lds.template import unwrap
from verifier.pki.cms import SignedData

LDS_SECURITY_OBJECT_OID: Final = "2.23.136.1.1.1"


@dataclass(frozen=True, slots=True)
class SecurityObject:
    """The decoded file. Nothing of it is true before a signature of ``signed_data`` was verified."""

    signed_data: SignedData = field(repr=False)
    hash_algorithm: str
    """As ``hashlib`` names it: ``sha256``."""
    data_group_hashes: Mapping[int, bytes]
    """Data group number (1 to 16) to hash over the whole file."""
    lds_version: str | None
    """``0108`` for version 1.8; only in version 1 of the LDS security object."""

    @classmethod
    def decode(cls, raw: bytes) -> "SecurityObject":
        """Decode tag 77 with CMS SignedData over an LDSSecurityObject.

        Raises ``MalformedData``, or ``UnsupportedFeature`` for a hash algorithm or version that is not known.
        """
        signed_data = SignedData.decode(unwrap(elementary_files.SOD, raw))
        if signed_data.content_type != LDS_SECURITY_OBJECT_OID:
            msg = f"EF.SOD signs content of type {signed_data.content_type}, which is no LDS security object"
            raise MalformedData(msg)
        content = LdsSecurityObject.decode(signed_data.encap_content)
        return cls(
            signed_data=signed_data,
            hash_algorithm=content.hash_algorithm,
            data_group_hashes=MappingProxyType(dict(content.data_group_hashes)),
            lds_version=content.lds_version,
        )
