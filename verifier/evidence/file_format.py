"""The evidence file, versions 1 and 2; ``docs/evidence-format.md`` describes it for other implementations.

Version 2 is version 1 with ``pace_chip_authentication`` and ``trust_lists``. Every version that was ever written stays
readable; written is the newest only. No version has optional entries, so a reader knows what it does not know.
"""

import json
import re
from typing import TYPE_CHECKING, Any, Final, TypedDict

from verifier.access.proofs import (
    AccessProtocol,
    AccessRecord,
    ActiveAuthenticationProof,
    ChipAuthenticationProof,
    PaceChipAuthenticationProof,
)
from verifier.errors import EvidenceError
from verifier.evidence import strict_json
from verifier.evidence.strict_json import JsonObject, encode_bytes, refuse
from verifier.evidence.trust_lists import TrustListVersion

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from verifier.evidence.record import Evidence

FORMAT: Final = "thechip-evidence"
VERSION: Final = 2
"""The version that is written."""
_MAX_TRUST_LISTS = 16
_PRINTABLE = re.compile(r"[ -~]{1,64}", re.ASCII)
_OID = re.compile(r"[0-9]{1,3}(\.[0-9]{1,20}){1,30}", re.ASCII)
_SHA256_LENGTH = 32


class Content(TypedDict):
    """What a file holds, by the names of ``Evidence``."""

    profile: str
    captured_at: "datetime"
    access: AccessRecord
    files: "Mapping[str, bytes]"
    refused: "Mapping[str, int]"
    chip_authentication: ChipAuthenticationProof | None
    active_authentication: ActiveAuthenticationProof | None
    pace_chip_authentication: PaceChipAuthenticationProof | None
    trust_lists: tuple[TrustListVersion, ...]


def decode(encoded: bytes) -> Content:
    """Decode a file of version 1 or 2; raise ``EvidenceError`` on anything but exactly that."""
    document = JsonObject(strict_json.parse(encoded), "the evidence file")
    if document.take("format", strict_json.text) != FORMAT:
        refuse("this is no evidence file of thechip")
    version = document.take("version", strict_json.integer)
    if not 1 <= version <= VERSION:
        refuse(f"this release reads evidence files of version 1 to {VERSION}, not {version}: a newer release may")
    content = Content(
        profile=document.take("profile", strict_json.matching(_PRINTABLE)),
        captured_at=document.take("captured_at", strict_json.utc_time),
        access=document.take("access", _access),
        files=document.take("files", strict_json.mapping_of(strict_json.base64_bytes)),
        refused=document.take("refused", strict_json.mapping_of(strict_json.status_word)),
        chip_authentication=document.take("chip_authentication", strict_json.optional(_chip_authentication)),
        active_authentication=document.take("active_authentication", strict_json.optional(_active_authentication)),
        pace_chip_authentication=None,
        trust_lists=(),
    )
    if version > 1:
        proof = strict_json.optional(_pace_chip_authentication)
        content["pace_chip_authentication"] = document.take("pace_chip_authentication", proof)
        content["trust_lists"] = document.take("trust_lists", strict_json.list_of(_trust_list, _MAX_TRUST_LISTS))
    document.finish()
    return content


def encode(evidence: "Evidence") -> bytes:
    """Encode evidence in the newest version. Whether it fits is for the caller to see by decoding it."""
    access, active = evidence.access, evidence.active_authentication
    chip, mapping = evidence.chip_authentication, evidence.pace_chip_authentication
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "profile": evidence.profile,
        "captured_at": _written(evidence.captured_at),
        "access": {
            "protocol": access.protocol.value,
            "pace_offered": access.pace_offered,
            "pace_oid": access.pace_oid,
            "pace_parameter_id": access.pace_parameter_id,
        },
        "files": {name: encode_bytes(content) for name, content in evidence.files.items()},
        "refused": {name: f"{status:04X}" for name, status in evidence.refused.items()},
        "pace_chip_authentication": None
        if mapping is None
        else {
            "oid": mapping.oid,
            "parameter_id": mapping.parameter_id,
            "mapping_public_key": encode_bytes(mapping.mapping_public_key),
            "chip_authentication_data": encode_bytes(mapping.chip_authentication_data),
        },
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
        "trust_lists": [_encode_trust_list(listed) for listed in evidence.trust_lists],
    }
    return (json.dumps(document, indent=1) + "\n").encode("ascii")


def _encode_trust_list(listed: TrustListVersion) -> dict[str, str | None]:
    return {
        "name": listed.name,
        "version": listed.version,
        "issued_at": None if listed.issued_at is None else _written(listed.issued_at),
        "sha256": None if listed.sha256 is None else encode_bytes(listed.sha256),
    }


def _written(at: "datetime") -> str:
    return at.isoformat().replace("+00:00", "Z")


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


def _pace_chip_authentication(value: Any, name: str) -> PaceChipAuthenticationProof:
    record = JsonObject(value, name)
    proof = PaceChipAuthenticationProof(
        oid=record.take("oid", strict_json.matching(_OID)),
        parameter_id=record.take("parameter_id", strict_json.integer),
        mapping_public_key=record.take("mapping_public_key", strict_json.base64_bytes),
        chip_authentication_data=record.take("chip_authentication_data", strict_json.base64_bytes),
    )
    record.finish()
    return proof


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


def _trust_list(value: Any, name: str) -> TrustListVersion:
    record = JsonObject(value, name)
    listed = TrustListVersion(
        name=record.take("name", strict_json.matching(_PRINTABLE)),
        version=record.take("version", strict_json.optional(strict_json.matching(_PRINTABLE))),
        issued_at=record.take("issued_at", strict_json.optional(strict_json.utc_time)),
        sha256=record.take("sha256", strict_json.optional(_digest)),
    )
    record.finish()
    return listed


def _digest(value: Any, name: str) -> bytes:
    digest = strict_json.base64_bytes(value, name)
    if len(digest) != _SHA256_LENGTH:
        refuse(f"{name} is no SHA-256")
    return digest
