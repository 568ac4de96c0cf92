"""SecurityInfos: which access and authentication protocols a chip offers (ICAO 9303-11, 9.2).

Found bare in EF.CardAccess, signed in EF.CardSecurity, and in DG14. Decoded here byte by byte rather than with an
ASN.1 library: EF.CardAccess is read before anything about the card is known, so its bytes are the most hostile of all.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Self

from verifier.errors import MalformedData
from verifier.iso7816.object_identifier import decode_object_identifier
from verifier.iso7816.tlv import Tlv, decode_all, decode_one

ID_PK = "0.4.0.127.0.7.2.2.1"
ID_TA = "0.4.0.127.0.7.2.2.2"
ID_CA = "0.4.0.127.0.7.2.2.3"
ID_PACE = "0.4.0.127.0.7.2.2.4"
ID_AA = "2.23.136.1.1.5"
_SET, _SEQUENCE, _INTEGER, _OBJECT_IDENTIFIER = 0x31, 0x30, 0x02, 0x06
_MAX_INFOS = 64
_MAX_NUMBER = (1 << 63) - 1
"""Of versions, parameters and keys: what evidence can hold, and Python turns into text."""


@dataclass(frozen=True, slots=True)
class SecurityInfo:
    """An entry of a kind that this version does not know: its two values as encoded."""

    oid: str
    required: bytes = field(repr=False)
    optional: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PaceInfo:
    """PACEInfo (ICAO 9303-11, 9.2.1)."""

    oid: str
    version: int
    parameter_id: int | None = None
    parameters_ambiguous: bool = False
    """Whether the chip offers several sets of domain parameters, so that MSE:Set AT must name this one (4.4.4.1)."""


@dataclass(frozen=True, slots=True)
class PaceDomainParameterInfo:
    """PACEDomainParameterInfo (ICAO 9303-11, 9.2.2): proprietary parameters, an AlgorithmIdentifier in DER."""

    oid: str
    parameters: bytes = field(repr=False)
    parameter_id: int | None = None


@dataclass(frozen=True, slots=True)
class ChipAuthenticationInfo:
    """ChipAuthenticationInfo (ICAO 9303-11, 9.2.5)."""

    oid: str
    version: int
    key_id: int | None = None


@dataclass(frozen=True, slots=True)
class ChipAuthenticationDomainParameterInfo:
    """ChipAuthenticationDomainParameterInfo (TR-03110-3, A.1.1.3): an AlgorithmIdentifier in DER, for version 2."""

    oid: str
    parameters: bytes = field(repr=False)
    key_id: int | None = None


@dataclass(frozen=True, slots=True)
class ChipAuthenticationPublicKeyInfo:
    """ChipAuthenticationPublicKeyInfo (ICAO 9303-11, 9.2.6): the key as SubjectPublicKeyInfo in DER."""

    oid: str
    public_key: bytes = field(repr=False)
    key_id: int | None = None


@dataclass(frozen=True, slots=True)
class ActiveAuthenticationInfo:
    """ActiveAuthenticationInfo (ICAO 9303-11, 9.2.4): which signature and digest an ECDSA chip uses."""

    oid: str
    version: int
    signature_algorithm: str


@dataclass(frozen=True, slots=True)
class TerminalAuthenticationInfo:
    """TerminalAuthenticationInfo (ICAO 9303-11, 9.2.8); ``ef_cvca`` is the encoded file reference."""

    oid: str
    version: int
    ef_cvca: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SecurityInfos:
    """The entries by kind, each in the order of the card; unknown ones are kept in ``others``."""

    pace: tuple[PaceInfo, ...] = ()
    pace_domain_parameters: tuple[PaceDomainParameterInfo, ...] = ()
    chip_authentication: tuple[ChipAuthenticationInfo, ...] = ()
    chip_authentication_domain_parameters: tuple[ChipAuthenticationDomainParameterInfo, ...] = ()
    chip_authentication_public_keys: tuple[ChipAuthenticationPublicKeyInfo, ...] = ()
    active_authentication: tuple[ActiveAuthenticationInfo, ...] = ()
    terminal_authentication: tuple[TerminalAuthenticationInfo, ...] = ()
    others: tuple[SecurityInfo, ...] = ()

    @classmethod
    def decode(cls, der: bytes) -> Self:
        """Decode a ``SET OF SecurityInfo``; raise ``MalformedData`` where an entry of a known kind does not fit it."""
        entries = list(islice(decode_all(_expect(decode_one(der), _SET, "SecurityInfos")), _MAX_INFOS + 1))
        if len(entries) > _MAX_INFOS:
            msg = f"SecurityInfos has more than {_MAX_INFOS} entries"
            raise MalformedData(msg)
        decoded = [_decode_entry(entry) for entry in entries]
        ambiguous = _are_ambiguous(decoded)
        return cls(
            pace=tuple(
                PaceInfo(entry.oid, entry.version, entry.parameter_id, ambiguous)
                for entry in decoded
                if isinstance(entry, PaceInfo)
            ),
            pace_domain_parameters=tuple(e for e in decoded if isinstance(e, PaceDomainParameterInfo)),
            chip_authentication=tuple(e for e in decoded if isinstance(e, ChipAuthenticationInfo)),
            chip_authentication_domain_parameters=tuple(
                e for e in decoded if isinstance(e, ChipAuthenticationDomainParameterInfo)
            ),
            chip_authentication_public_keys=tuple(e for e in decoded if isinstance(e, ChipAuthenticationPublicKeyInfo)),
            active_authentication=tuple(e for e in decoded if isinstance(e, ActiveAuthenticationInfo)),
            terminal_authentication=tuple(e for e in decoded if isinstance(e, TerminalAuthenticationInfo)),
            others=tuple(e for e in decoded if isinstance(e, SecurityInfo)),
        )


AnyInfo = (
    SecurityInfo
    | PaceInfo
    | PaceDomainParameterInfo
    | ChipAuthenticationInfo
    | ChipAuthenticationDomainParameterInfo
    | ChipAuthenticationPublicKeyInfo
    | ActiveAuthenticationInfo
    | TerminalAuthenticationInfo
)


def _decode_entry(entry: Tlv) -> AnyInfo:
    fields = _Fields(_expect(entry, _SEQUENCE, "a SecurityInfo"))
    oid = decode_object_identifier(fields.next(_OBJECT_IDENTIFIER, "the protocol of a SecurityInfo"))
    arc = oid.rpartition(".")[0]
    info: AnyInfo
    if oid.startswith(ID_PACE + "."):
        if arc == ID_PACE:
            info = PaceDomainParameterInfo(oid, fields.next_encoded(_SEQUENCE), fields.optional_integer())
        else:
            info = PaceInfo(oid, fields.integer(), fields.optional_integer())
    elif arc == ID_CA:
        info = ChipAuthenticationDomainParameterInfo(oid, fields.next_encoded(_SEQUENCE), fields.optional_integer())
    elif oid.startswith(ID_CA + "."):
        info = ChipAuthenticationInfo(oid, fields.integer(), fields.optional_integer())
    elif arc == ID_PK:
        info = ChipAuthenticationPublicKeyInfo(oid, fields.next_encoded(_SEQUENCE), fields.optional_integer())
    elif oid == ID_AA:
        algorithm = fields.integer(), fields.next(_OBJECT_IDENTIFIER, "the signature algorithm")
        info = ActiveAuthenticationInfo(oid, algorithm[0], decode_object_identifier(algorithm[1]))
    elif oid == ID_TA:
        info = TerminalAuthenticationInfo(oid, fields.integer(), fields.optional_encoded())
    else:
        return SecurityInfo(oid, fields.next_encoded(None), fields.optional_encoded())
    fields.require_end(oid)
    return info


class _Fields:
    """The values of one SEQUENCE, taken one after another."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._position = 0
        self._elements: Iterator[Tlv] = decode_all(content)

    def next(self, tag: int, what: str) -> bytes:
        return _expect(self._take(), tag, what)

    def next_encoded(self, tag: int | None) -> bytes:
        start = self._position
        element = self._take()
        if tag is not None:
            _expect(element, tag, "a value of a SecurityInfo")
        return self._content[start : self._position]

    def integer(self) -> int:
        content = self.next(_INTEGER, "a number of a SecurityInfo")
        if not content or content[0] & 0x80:
            msg = "a number of a SecurityInfo is empty or negative"
            raise MalformedData(msg)
        number = int.from_bytes(content)
        if number > _MAX_NUMBER:
            msg = "a number of a SecurityInfo has more than 63 bits"
            raise MalformedData(msg)
        return number

    def optional_integer(self) -> int | None:
        return self.integer() if self._position < len(self._content) else None

    def optional_encoded(self) -> bytes | None:
        return self.next_encoded(None) if self._position < len(self._content) else None

    def require_end(self, oid: str) -> None:
        if self._position < len(self._content):
            msg = f"the SecurityInfo {oid} has more values than its kind allows"
            raise MalformedData(msg)

    def _take(self) -> Tlv:
        try:
            element = next(self._elements)
        except StopIteration:
            msg = "a SecurityInfo ends before its values"
            raise MalformedData(msg) from None
        self._position += element.size
        return element


def _expect(element: Tlv, tag: int, what: str) -> bytes:
    if element.tag != tag:
        msg = f"{what} has the tag {element.tag:02X}, not {tag:02X}"
        raise MalformedData(msg)
    return element.value


def _are_ambiguous(infos: list[AnyInfo]) -> bool:
    """Tell whether more than one set of domain parameters is available for PACE (ICAO 9303-11, 4.4.4.1)."""
    offered = {info.parameter_id for info in infos if isinstance(info, PaceInfo | PaceDomainParameterInfo)}
    return len(offered) > 1
