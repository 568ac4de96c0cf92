"""A chip to test with: a virtual chip, a synthetic PKI, misbehaving cards. Shipped for integrators.

    pki = SyntheticPki(at=now)                                    # a CSCA that nobody trusts
    chip = personalise(pki.issue_document_signer(), invented_person(1))
    chip.transmit(CommandApdu(…))                                 # a CardConnection like any reader's
    pki.trust_store()                                             # what makes a verifier believe it

``ChipOptions`` says what a card offers (every PACE, Chip and Active Authentication, files), ``Behaviour`` where its
limits are, ``verifier.sdk.testing.faults`` how it misbehaves. ``SyntheticPki`` also publishes master lists, deviation
lists and a directory. ``CATALOGUE`` in ``verifier.sdk.testing.misbehaving`` holds whole cards, genuine and not, each
with what must be said of it. Nothing here is fit for real secrets: the arithmetic takes time that depends on them.
"""

from verifier.cardstatus.layout import CardState
from verifier.sdk.testing.arithmetic.curves import CURVES
from verifier.sdk.testing.arithmetic.dh_groups import GROUPS
from verifier.sdk.testing.card_side.ciphers import CipherSuite
from verifier.sdk.testing.card_side.pace import (
    PaceParameters,
    any_scalar,
    leading_zero_in_public_key,
    leading_zero_in_secret,
)
from verifier.sdk.testing.card_side.pace_mapping import PaceMapping
from verifier.sdk.testing.card_status import SyntheticCardStatus, chip_key_hash, write_card_status_list
from verifier.sdk.testing.chip import VirtualChip
from verifier.sdk.testing.chip_data import Behaviour, ChipData
from verifier.sdk.testing.faults import Fault
from verifier.sdk.testing.people import Person, invented_people, invented_person
from verifier.sdk.testing.personalise import ActiveAuthenticationKind, ChipOptions, personalise, write_chip_data
from verifier.sdk.testing.pki import Csca, DocumentSigner, ListSigner, SyntheticPki, trust_store_of
from verifier.sdk.testing.writing.mrz import DocumentType
from verifier.sdk.testing.writing.public_keys import KeyForm
from verifier.sdk.testing.writing.published_lists import Deviation, DirectoryBranch, DirectoryEntry, NamedBy
from verifier.sdk.testing.writing.signing import KeyKind

__all__ = [
    "CURVES",
    "GROUPS",
    "ActiveAuthenticationKind",
    "Behaviour",
    "CardState",
    "ChipData",
    "ChipOptions",
    "CipherSuite",
    "Csca",
    "Deviation",
    "DirectoryBranch",
    "DirectoryEntry",
    "DocumentSigner",
    "DocumentType",
    "Fault",
    "KeyForm",
    "KeyKind",
    "ListSigner",
    "NamedBy",
    "PaceMapping",
    "PaceParameters",
    "Person",
    "SyntheticCardStatus",
    "SyntheticPki",
    "VirtualChip",
    "any_scalar",
    "chip_key_hash",
    "invented_people",
    "invented_person",
    "leading_zero_in_public_key",
    "leading_zero_in_secret",
    "personalise",
    "trust_store_of",
    "write_card_status_list",
    "write_chip_data",
]
