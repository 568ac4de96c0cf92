"""What the PACE object identifiers mean (ICAO 9303-11, 9.2.3), and which offer to take."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from verifier.access.cipher_suite import CipherSuite
from verifier.access.groups.curve_group import CurveGroup
from verifier.access.groups.domain_parameters import describe_parameters
from verifier.access.groups.group import AnyGroup
from verifier.access.groups.modp_group import ModpGroup
from verifier.access.groups.standardised import is_supported, standardised_group
from verifier.access.pace.explicit_parameters import describe_explicit
from verifier.access.pace.mapping import Mapping, generic_mapping, integrated_mapping
from verifier.errors import UnsupportedFeature
from verifier.iso7816.apdu import SHORT_MAX_LE
from verifier.lds.security_infos import ID_PACE, PaceDomainParameterInfo, PaceInfo, SecurityInfos

_VERSION = 2
_SUITES: Final = {
    "1": CipherSuite.TRIPLE_DES,
    "2": CipherSuite.AES_128,
    "3": CipherSuite.AES_192,
    "4": CipherSuite.AES_256,
}
_TEMPLATE_BYTES = 8
"""What the data objects around a public key of more than 247 bytes take."""


class _Family(NamedTuple):
    """The last but one number of an identifier: kind of group and mapping."""

    name: str
    group: type[CurveGroup | ModpGroup]
    mapping: Mapping
    chip_authentication: bool = False


_FAMILIES: Final = {
    "1": _Family("DH with generic mapping", ModpGroup, generic_mapping),
    "2": _Family("ECDH with generic mapping", CurveGroup, generic_mapping),
    "3": _Family("DH with integrated mapping", ModpGroup, integrated_mapping),
    "4": _Family("ECDH with integrated mapping", CurveGroup, integrated_mapping),
    "6": _Family("ECDH with chip authentication mapping", CurveGroup, generic_mapping, chip_authentication=True),
}


@dataclass(frozen=True, slots=True)
class PaceProtocol:
    """A supported protocol: in which group, how the nonce is mapped, and what the session is encrypted with."""

    group: AnyGroup
    mapping: Mapping
    suite: CipherSuite
    chip_authentication: bool
    """Whether the chip adds what proves its static key (chip authentication mapping)."""

    @property
    def needs_extended_length(self) -> bool:
        """Whether the public keys do not fit into commands and answers of short length."""
        return self.group.longest_public_key + _TEMPLATE_BYTES > SHORT_MAX_LE

    @property
    def strength(self) -> int:
        """Bits of security: those of the weaker of group and cipher."""
        return min(self.group.strength, self.suite.strength)


def protocol_of(info: PaceInfo) -> PaceProtocol:
    """Return the protocol that an offer names; raise ``UnsupportedFeature`` with its name where it is not carried."""
    protocol = _protocol(info)
    if protocol is None:
        msg = f"{describe_pace(info)} is not supported"
        raise UnsupportedFeature(msg)
    return protocol


def describe_pace(info: PaceInfo, infos: SecurityInfos | None = None) -> str:
    """Return the offer for people: ``PACE over ECDH with generic mapping, AES-128, brainpoolP256r1 (13)``.

    ``infos`` is what the card offers besides: from there come the names of domain parameters of its own (9.2.2).
    """
    family, suite = _arcs(info)
    if not _is_known(family, suite):
        return f"PACE with the unknown protocol {info.oid}"
    own = _own_parameters(info, infos)
    parameters = describe_parameters(info.parameter_id) if own is None else describe_explicit(own)
    parts = [f"PACE over {_FAMILIES[family].name}", _SUITES[suite].value, parameters]
    if info.version != _VERSION:
        parts.append(f"version {info.version}")
    return ", ".join(parts)


def choose_pace(infos: SecurityInfos, *, extended_length: bool = True) -> PaceInfo:
    """Return the strongest offer that is supported; among equals the card's first.

    An offer is as strong as the weaker of its group and its cipher, in bits of security: 80 for the 1024-bit MODP
    group, 96 for P-192, 112 for the 2048-bit groups, P-224 and 3DES, 128 for P-256 with AES-128, and so on; the
    mappings are equally strong. Among offers of the same strength, chip authentication mapping comes first, since it
    saves Chip Authentication (Appendix J); then the stronger group, then the stronger cipher.

    ``extended_length`` is whether reader and card carry it: the 2048-bit MODP groups do not go without.

    Raises ``UnsupportedFeature`` where there is none, naming everything that the card offers.
    """
    usable = [
        (info, protocol)
        for info in infos.pace
        if (protocol := _protocol(info)) is not None and (extended_length or not protocol.needs_extended_length)
    ]
    if usable:
        return max(usable, key=lambda offer: _rank(offer[1]))[0]
    offered = "; ".join(describe_pace(info, infos) + _remark(info) for info in infos.pace) or "no PACE at all"
    msg = f"nothing that the card offers is supported: {offered}"
    raise UnsupportedFeature(msg)


def pace_strength(oid: str, parameter_id: int | None) -> int | None:
    """Return the bits of security of a protocol and its domain parameters; ``None`` where this release lacks them."""
    protocol = _protocol(PaceInfo(oid, _VERSION, parameter_id))
    return None if protocol is None else protocol.strength


def _remark(info: PaceInfo) -> str:
    """Where nothing is usable, an offer that is carried is one for which there is no room."""
    return "" if _protocol(info) is None else ", which needs extended length"


def _rank(protocol: PaceProtocol) -> tuple[int, bool, int, int]:
    return protocol.strength, protocol.chip_authentication, protocol.group.strength, protocol.suite.strength


def _protocol(info: PaceInfo) -> PaceProtocol | None:
    arcs = _arcs(info)
    if info.version != _VERSION or not _is_known(*arcs) or not is_supported(info.parameter_id):
        return None
    family, suite, group = _FAMILIES[arcs[0]], _SUITES[arcs[1]], standardised_group(info.parameter_id)
    if not isinstance(group, family.group):
        return None
    if family.mapping is integrated_mapping and isinstance(group, CurveGroup) and not group.can_map_numbers:
        return None
    return PaceProtocol(group, family.mapping, suite, family.chip_authentication)


def _is_known(family: str, suite: str) -> bool:
    """There is no chip authentication mapping with 3DES (9.2.3)."""
    known = family in _FAMILIES and suite in _SUITES
    return known and not (_FAMILIES[family].chip_authentication and _SUITES[suite] is CipherSuite.TRIPLE_DES)


def _own_parameters(info: PaceInfo, infos: SecurityInfos | None) -> PaceDomainParameterInfo | None:
    """Return the card's own domain parameters that an offer refers to, by number and family."""
    family = info.oid.rpartition(".")[0]
    for own in () if infos is None else infos.pace_domain_parameters:
        if own.oid == family and own.parameter_id == info.parameter_id:
            return own
    return None


def _arcs(info: PaceInfo) -> tuple[str, str]:
    """The last two numbers of the identifier: mapping and cipher; empty where it is no PACE protocol."""
    mapping, _, suite = info.oid.removeprefix(ID_PACE + ".").partition(".")
    return (mapping, suite) if info.oid.startswith(ID_PACE + ".") else ("", "")
