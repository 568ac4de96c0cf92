"""The object identifiers that a chip speaks of (ICAO 9303-11, 9.2; BSI TR-03110-3; BSI TR-03111)."""

PACE = "0.4.0.127.0.7.2.2.4"
CHIP_AUTHENTICATION = "0.4.0.127.0.7.2.2.3"
CHIP_AUTHENTICATION_PUBLIC_KEY = "0.4.0.127.0.7.2.2.1"
AGREEMENT_ARCS = {"DH": 1, "ECDH": 2}
"""Arc of the key agreement below the two identifiers of Chip Authentication."""
TERMINAL_AUTHENTICATION = "0.4.0.127.0.7.2.2.2"
STANDARDISED_DOMAIN_PARAMETERS = "0.4.0.127.0.7.1.2"
ACTIVE_AUTHENTICATION = "2.23.136.1.1.5"
ECDSA_PLAIN = "0.4.0.127.0.7.1.1.4.1"
"""ecdsa-plain-signatures; its arcs 1 to 5 are SHA-1, SHA-224, SHA-256, SHA-384 and SHA-512."""
LDS_SECURITY_OBJECT = "2.23.136.1.1.1"
CARD_SECURITY_OBJECT = "0.4.0.127.0.7.3.2.1"
"""id-SecurityObject: what EF.CardSecurity signs (ICAO 9303-10, 3.11.4)."""
MASTER_LIST = "2.23.136.1.1.2"
MASTER_LIST_SIGNER = "2.23.136.1.1.3"
DEVIATION_LIST = "2.23.136.1.1.7"
DEVIATION_LIST_SIGNER = "2.23.136.1.1.8"
DOCUMENT_TYPE_LIST = "2.23.136.1.1.6.2"
NAME_CHANGE = "2.23.136.1.1.6.1"
DH_PUBLIC_NUMBER = "1.2.840.10046.2.1"
DH_KEY_AGREEMENT = "1.2.840.113549.1.3.1"
EC_PUBLIC_KEY = "1.2.840.10045.2.1"
PRIME_FIELD = "1.2.840.10045.1.1"


def encode_oid(dotted: str) -> bytes:
    """Return the content bytes of an OBJECT IDENTIFIER, without tag and length.

    >>> encode_oid("2.23.136.1.1.1").hex()
    '678108010101'
    """
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return b"".join(_base_128(arc) for arc in (40 * first + second, *rest))


def _base_128(arc: int) -> bytes:
    septets = [arc & 0x7F]
    while arc := arc >> 7:
        septets.append(arc & 0x7F | 0x80)
    return bytes(reversed(septets))
