"""What the PACE object identifiers mean (ICAO 9303-11, 9.2.3), and which offer to take."""

from dataclasses import dataclass
from typing import Final

from verifier.access.cipher_suite import CipherSuite
from verifier.access.domain_parameters import describe_parameters, is_supported, standardised_curve
from verifier.access.pace_mapping import Mapping, generic_mapping
from verifier.errors import UnsupportedFeature
from verifier.lds.security_infos import ID_PACE, PaceInfo, SecurityInfos

_VERSION = 2
_MAPPING_NAMES: Final = {
    "1": "DH with generic mapping",
    "2": "ECDH with generic mapping",
    "3": "DH with integrated mapping",
    "4": "ECDH with integrated mapping",
    "6": "ECDH with chip authentication mapping",
}
_MAPPINGS: Final[dict[str, Mapping]] = {"2": generic_mapping}
_SUITES: Final = {
    "1": CipherSuite.TRIPLE_DES,
    "2": CipherSuite.AES_128,
    "3": CipherSuite.AES_192,
    "4": CipherSuite.AES_256,
}


@dataclass(frozen=True, slots=True)
class PaceProtocol:
    """A supported protocol: how the nonce is mapped, and what the session is encrypted with."""

    mapping: Mapping
    suite: CipherSuite


def protocol_of(info: PaceInfo) -> PaceProtocol:
    """Return the protocol that an offer names; raise ``UnsupportedFeature`` with its name where it is not carried."""
    mapping, suite = _arcs(info)
    if mapping in _MAPPINGS and suite in _SUITES and info.version == _VERSION:
        return PaceProtocol(_MAPPINGS[mapping], _SUITES[suite])
    msg = f"{describe_pace(info)} is not supported"
    raise UnsupportedFeature(msg)


def describe_pace(info: PaceInfo) -> str:
    """Return the offer for people: ``PACE over ECDH with generic mapping, AES-128, brainpoolP256r1 (13)``."""
    mapping, suite = _arcs(info)
    if mapping not in _MAPPING_NAMES or suite not in _SUITES:
        return f"PACE with the unknown protocol {info.oid}"
    parts = [f"PACE over {_MAPPING_NAMES[mapping]}", _SUITES[suite].value, describe_parameters(info.parameter_id)]
    if info.version != _VERSION:
        parts.append(f"version {info.version}")
    return ", ".join(parts)


def choose_pace(infos: SecurityInfos) -> PaceInfo:
    """Return the strongest offer that is supported; among equals the card's first.

    An offer is as strong as the weaker of its curve and its cipher; then the curve decides, then the cipher.

    Raises ``UnsupportedFeature`` where there is none, naming everything that the card offers.
    """
    usable = [info for info in infos.pace if _is_supported(info)]
    if usable:
        return max(usable, key=_strength)
    offered = "; ".join(describe_pace(info) for info in infos.pace) or "no PACE at all"
    msg = f"nothing that the card offers is supported: {offered}"
    raise UnsupportedFeature(msg)


def _is_supported(info: PaceInfo) -> bool:
    mapping, suite = _arcs(info)
    return mapping in _MAPPINGS and suite in _SUITES and info.version == _VERSION and is_supported(info.parameter_id)


def _strength(info: PaceInfo) -> tuple[int, int, int]:
    curve = standardised_curve(info.parameter_id).n.bit_length() // 2
    cipher = protocol_of(info).suite.strength
    return min(curve, cipher), curve, cipher


def _arcs(info: PaceInfo) -> tuple[str, str]:
    """The last two numbers of the identifier: mapping and cipher; empty where it is no PACE protocol."""
    mapping, _, suite = info.oid.removeprefix(ID_PACE + ".").partition(".")
    return (mapping, suite) if info.oid.startswith(ID_PACE + ".") else ("", "")
