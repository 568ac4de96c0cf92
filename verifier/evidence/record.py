"""Evidence and its file format, version 1; ``docs/evidence-format.md`` describes it for other implementations."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Self

from verifier.access.proofs import AccessProtocol, AccessRecord, ActiveAuthenticationProof, ChipAuthenticationProof
from verifier.errors import EvidenceError
from verifier.evidence import strict_json
from verifier.evidence.strict_json import JsonObject, encode_bytes, refuse

FORMAT = "thechip-evidence"
VERSION = 1

CHIP_AUTHENTICATION = "chip-authentication"
ACTIVE_AUTHENTICATION = "active-authentication"

_PROFILE = re.compile(r"[ -~]{1,64}", re.ASCII)
_OID = re.compile(r"[0-9]{1,3}(\.[0-9]{1,20}){1,30}", re.ASCII)


@dataclass(frozen=True)
class Evidence:
    """One reading of one card.

    ``files`` maps a file's name (``EF.SOD``, ``DG1``, ``DG14``, ``EF.CardAccess`` …) to its bytes as read.
    ``refused`` maps what was planned but not given to the card's status word: the name of a file, or
    ``chip-authentication`` or ``active-authentication`` where the chip declined to prove itself.

    A proof holds what the chip answered, right or wrong: a clone that lacks the key leaves a proof that does not
    verify, not an absent one.
    """

    profile: str
    captured_at: datetime
    access: AccessRecord
    files: Mapping[str, bytes] = field(repr=False)
    refused: Mapping[str, int] = field(default_factory=dict)
    chip_authentication: ChipAuthenticationProof | None = None
    active_authentication: ActiveAuthenticationProof | None = None

    def __post_init__(self) -> None:
        if self.captured_at.tzinfo is None:
            msg = "the time of capture needs a time zone"
            raise EvidenceError(msg)
        object.__setattr__(self, "captured_at", self.captured_at.astimezone(UTC))
        object.__setattr__(self, "files", MappingProxyType(dict(self.files)))
        object.__setattr__(self, "refused", MappingProxyType(dict(self.refused)))

    def to_bytes(self) -> bytes:
        """Return the evidence file: UTF-8 JSON, the same bytes for equal evidence with files in the same order.

        Raises ``EvidenceError`` where a name or a number does not fit the format: what is written can be read.
        """
        encoded = (json.dumps(_encode(self), indent=1) + "\n").encode("ascii")
        if self.from_bytes(encoded) != self:
            msg = "the evidence does not fit its file format"
            raise EvidenceError(msg)
        return encoded

    @classmethod
    def from_bytes(cls, encoded: bytes) -> Self:
        """Decode an evidence file; raise ``EvidenceError`` on anything but exactly this format in this version."""
        document = JsonObject(strict_json.parse(encoded), "the evidence file")
        if document.take("format", strict_json.text) != FORMAT:
            refuse("this is no evidence file of thechip")
        if (version := document.take("version", strict_json.integer)) != VERSION:
            refuse(f"this release reads evidence files of version {VERSION}, not {version}")
        evidence = cls(
            profile=document.take("profile", strict_json.matching(_PROFILE)),
            captured_at=document.take("captured_at", strict_json.utc_time),
            access=document.take("access", _access),
            files=document.take("files", strict_json.mapping_of(strict_json.base64_bytes)),
            refused=document.take("refused", strict_json.mapping_of(strict_json.status_word)),
            chip_authentication=document.take("chip_authentication", strict_json.optional(_chip_authentication)),
            active_authentication=document.take("active_authentication", strict_json.optional(_active_authentication)),
        )
        document.finish()
        return evidence


def _encode(evidence: Evidence) -> dict[str, Any]:
    access, chip, active = evidence.access, evidence.chip_authentication, evidence.active_authentication
    return {
        "format": FORMAT,
        "version": VERSION,
        "profile": evidence.profile,
        "captured_at": evidence.captured_at.isoformat().replace("+00:00", "Z"),
        "access": {
            "protocol": access.protocol.value,
            "pace_offered": access.pace_offered,
            "pace_oid": access.pace_oid,
            "pace_parameter_id": access.pace_parameter_id,
        },
        "files": {name: encode_bytes(content) for name, content in evidence.files.items()},
        "refused": {name: f"{status:04X}" for name, status in evidence.refused.items()},
        "chip_authentication": None
        if chip is None
        else {
            "oid": chip.oid,
            "key_id": chip.key_id,
            "terminal_private_key": encode_bytes(chip.terminal_private_key),
            "protected_response": encode_bytes(chip.protected_response),
        },
        "active_authentication": None
        if active is None
        else {"challenge": encode_bytes(active.challenge), "signature": encode_bytes(active.signature)},
    }


def _access(value: Any, name: str) -> AccessRecord:
    record = JsonObject(value, name)
    access = AccessRecord(
        protocol=record.take("protocol", _protocol),
        pace_offered=record.take("pace_offered", strict_json.optional(strict_json.boolean)),
        pace_oid=record.take("pace_oid", strict_json.optional(strict_json.matching(_OID))),
        pace_parameter_id=record.take("pace_parameter_id", strict_json.optional(strict_json.integer)),
    )
    record.finish()
    return access


def _protocol(value: Any, name: str) -> AccessProtocol:
    try:
        return AccessProtocol(strict_json.text(value, name))
    except ValueError as error:
        msg = f"{name} is an access protocol that this release does not know"
        raise EvidenceError(msg) from error


def _chip_authentication(value: Any, name: str) -> ChipAuthenticationProof:
    record = JsonObject(value, name)
    proof = ChipAuthenticationProof(
        oid=record.take("oid", strict_json.matching(_OID)),
        key_id=record.take("key_id", strict_json.optional(strict_json.integer)),
        terminal_private_key=record.take("terminal_private_key", strict_json.base64_bytes),
        protected_response=record.take("protected_response", strict_json.base64_bytes),
    )
    record.finish()
    return proof


def _active_authentication(value: Any, name: str) -> ActiveAuthenticationProof:
    record = JsonObject(value, name)
    proof = ActiveAuthenticationProof(
        challenge=record.take("challenge", strict_json.base64_bytes),
        signature=record.take("signature", strict_json.base64_bytes),
    )
    record.finish()
    return proof
