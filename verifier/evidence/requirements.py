"""What may be required of a card: the vocabulary that profiles and policies share, checked as soon as it is used.

A misspelt requirement must never be one that nobody looks at, so nothing here is taken on trust.
"""

import re
from enum import StrEnum

from verifier.errors import PolicyError
from verifier.evidence.arguments import members_as_set, quoted

_STATE = re.compile(r"D|[A-Z]{3}", re.ASCII)
_DOCUMENT_TYPE = re.compile(r"[A-Z]{1,2}", re.ASCII)


class CheckName(StrEnum):
    """The checks, in the order in which a report lists them."""

    ACCESS = "access"
    SOD_SIGNATURE = "sod-signature"
    SIGNER_PATH = "signer-path"
    SIGNER_REVOCATION = "signer-revocation"
    ISSUING_STATE = "issuing-state"
    DATA_GROUP_HASHES = "data-group-hashes"
    CHIP_AUTHENTICITY = "chip-authenticity"
    DOCUMENT_VALIDITY = "document-validity"
    CARD_STATUS = "card-status"


def checks_named(names: object) -> frozenset[CheckName]:
    """Return the checks of a set of names, at least one. Raises ``PolicyError`` that names what is nearest."""
    checks = members_as_set(CheckName, names, "check")
    if not checks:
        msg = "at least one check must be required: absence never passes"
        raise PolicyError(msg)
    return checks


def states_named(states: object) -> frozenset[str] | None:
    """Return a set of states as in the MRZ (``VNM``, ``UTO``; Germany is ``D``), or ``None`` for every one.

    Raises ``PolicyError`` for an empty set, a bare text, small letters and the two letters of a certificate.
    """
    if states is None:
        return None
    if not isinstance(states, frozenset | set):
        msg = f"issuing states stand in a set, as in frozenset({{'VNM'}}), not in a {type(states).__name__}"
        raise PolicyError(msg)
    if not states:
        msg = "no issuing state at all would mean no card; use None for every state"
        raise PolicyError(msg)
    for state in states:
        if not isinstance(state, str) or not _STATE.fullmatch(state):
            msg = f"an issuing state has three capital letters as in the MRZ, such as 'VNM', and is not {quoted(state)}"
            raise PolicyError(msg)
    return frozenset(states)


def document_types_named(types: object) -> tuple[str, ...]:
    """Return a tuple of document codes of the MRZ, or of their first letters, at least one. Raises ``PolicyError``."""
    if not isinstance(types, tuple) or not types:
        msg = "document types stand in a tuple of codes, at least one, as in ('I', 'C')"
        raise PolicyError(msg)
    for code in types:
        if not isinstance(code, str) or not _DOCUMENT_TYPE.fullmatch(code):
            msg = f"a document type has one or two capital letters as in the MRZ, and is not {quoted(code)}"
            raise PolicyError(msg)
    return types
