"""basicConstraints: an authority says so, and that there is none below it; a signer says nothing (9303-12, Table 6)."""

from collections.abc import Iterator

from verifier.errors import MalformedData
from verifier.pki.conformity.certificate_parts import CertificateParts, ExtensionPart
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.conformity.finding import Finding
from verifier.pki.conformity.role import Role
from verifier.pki.extensions import BASIC_CONSTRAINTS, BasicConstraints, decode_basic_constraints

_FALSE = bytes.fromhex("010100")


def check_basic_constraints(parts: CertificateParts, role: Role) -> Iterator[Finding]:
    """Yield what is wrong with basicConstraints."""
    extension = parts.extension(BASIC_CONSTRAINTS)
    if extension is None:
        if role.is_authority:
            yield Finding(Deviation.BASIC_CONSTRAINTS_MISSING)
        return
    try:
        constraints = decode_basic_constraints(extension.value)
    except MalformedData:
        yield Finding(Deviation.EXTENSION_MALFORMED, "basicConstraints does not decode.")
        return
    if extension.value[2:5] == _FALSE:
        yield Finding(Deviation.DEFAULT_VALUE_ENCODED, "basicConstraints writes out that cA is FALSE.")
    if role.is_authority:
        yield from _check_authority(extension, constraints)
    elif constraints.ca:
        yield Finding(Deviation.SIGNER_IS_CA)
    else:
        yield Finding(Deviation.BASIC_CONSTRAINTS_PRESENT)


def _check_authority(extension: ExtensionPart, constraints: BasicConstraints) -> Iterator[Finding]:
    if not extension.critical:
        yield Finding(Deviation.BASIC_CONSTRAINTS_NOT_CRITICAL)
    if not constraints.ca:
        yield Finding(Deviation.BASIC_CONSTRAINTS_NOT_CA)
    elif constraints.path_length is None:
        yield Finding(Deviation.PATH_LENGTH_MISSING)
    elif constraints.path_length != 0:
        sentence = f"pathLenConstraint is {constraints.path_length} instead of 0."
        yield Finding(Deviation.PATH_LENGTH_NOT_ZERO, sentence)
