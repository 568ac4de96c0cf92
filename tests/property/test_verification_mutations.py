"""No flipped byte of what is signed passes, and no bytes at all make ``verify`` raise."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from verifier.access.password import MrzPassword
from verifier.access.proofs import (
    AccessProtocol,
    AccessRecord,
    ActiveAuthenticationProof,
    ChipAuthenticationProof,
    PaceChipAuthenticationProof,
)
from verifier.cardstatus.card_status_list import CardStatusList
from verifier.cardstatus.publishing import build_card_status_list
from verifier.evidence.record import Evidence
from verifier.iso7816 import tlv
from verifier.iso7816.exchange import perform
from verifier.lds.card_security import CardSecurity
from verifier.lds.elementary_files import ELEMENTARY_FILES
from verifier.lds.security_object import SecurityObject
from verifier.pki.cms import SignedData
from verifier.pki.trust.trust_store import TrustStore
from verifier.reading.options import ReadingOptions
from verifier.reading.plan import read_card
from verifier.reading.profiles import BUILT_IN_PROFILES
from verifier.sdk.testing import ActiveAuthenticationKind, ChipOptions, SyntheticPki, invented_person, personalise
from verifier.sdk.testing.card_side.pace_mapping import PaceMapping
from verifier.verification.policy import Policy
from verifier.verification.report import CheckName, Outcome, Report
from verifier.verification.verify import verify

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
HOLDER = invented_person(9)
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class World:
    trust: TrustStore
    card_status: CardStatusList
    cards: dict[str, Evidence]

    def verify(self, evidence: Evidence) -> Report:
        return verify(evidence, self.trust, Policy(), at=AT, card_status=self.card_status)


@cache
def the_world() -> World:
    pki = SyntheticPki(at=AT - timedelta(days=100))
    signer = pki.issue_document_signer()
    pki.issue_crl(at=AT - timedelta(days=1))
    issuer = Ed25519PrivateKey.from_private_bytes(bytes(32))
    encoded = build_card_status_list([], AT - timedelta(days=1), AT + timedelta(days=9), 1, issuer)
    options = {
        "chip authentication": ChipOptions(),
        "active authentication": ChipOptions(
            chip_authentication_curve=None, active_authentication=ActiveAuthenticationKind.ECDSA
        ),
        "chip authentication mapping": ChipOptions(pace_mapping=PaceMapping.CHIP_AUTHENTICATION),
    }
    password = MrzPassword(HOLDER.document_number, HOLDER.date_of_birth, HOLDER.date_of_expiry)
    profile = BUILT_IN_PROFILES["icao-mrtd"]
    cards = {
        name: perform(
            read_card(profile, password, reading_of(choice), random=counter(), captured_at=AT),
            personalise(signer, HOLDER, options=choice),
        )
        for name, choice in options.items()
    }
    return World(pki.trust_store(), CardStatusList.decode(encoded, issuer.public_key()), cards)


def reading_of(options: ChipOptions) -> ReadingOptions:
    mapping = options.pace_mapping is PaceMapping.CHIP_AUTHENTICATION
    return ReadingOptions(access=(AccessProtocol.PACE if mapping else AccessProtocol.BAC,))


def counter() -> Callable[[int], bytes]:
    state = iter(range(1, 1 << 20))
    return lambda count: bytes(next(state) * 7 % 251 for _ in range(count))


def with_file(evidence: Evidence, name: str, content: bytes) -> Evidence:
    return replace(evidence, files=dict(evidence.files) | {name: content})


def flipped(content: bytes, position: int, mask: int) -> bytes:
    return content[:position] + bytes([content[position] ^ mask]) + content[position + 1 :]


KINDS = ["chip authentication", "active authentication", "chip authentication mapping"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_unaltered_cards_pass(kind: str) -> None:
    assert the_world().verify(the_world().cards[kind]).outcome is Outcome.PASSED


@pytest.mark.parametrize("kind", KINDS)
def test_no_flipped_byte_of_a_data_group_passes(kind: str) -> None:
    world = the_world()
    evidence = world.cards[kind]
    for name in evidence.files.keys() - {"EF.SOD", "EF.CardAccess", "EF.CardSecurity"}:
        for position in range(len(evidence.files[name])):
            report = world.verify(with_file(evidence, name, flipped(evidence.files[name], position, 1 << position % 8)))
            assert (report.outcome, report.reason) == (Outcome.FAILED, "data-group-altered")
            assert (report.holder is None) == (name == "DG1")


@QUICK
@given(st.sampled_from(KINDS), st.data())
def test_no_flipped_byte_of_a_security_object_changes_what_passes(kind: str, data: st.DataObject) -> None:
    """Some bytes of a CMS are not signed (its version, who the signer is called); they may change, and nothing else."""
    evidence = the_world().cards[kind]
    original = evidence.files["EF.SOD"]
    position = data.draw(st.integers(0, len(original) - 1))
    damaged = flipped(original, position, data.draw(st.integers(1, 255)))

    report = the_world().verify(with_file(evidence, "EF.SOD", damaged))

    if report.outcome is Outcome.PASSED:
        assert what_is_signed(damaged) == what_is_signed(original)
    json.dumps(report.to_dict(include_holder=True))


@QUICK
@given(st.data())
def test_no_flipped_byte_of_a_card_security_changes_what_passes(data: st.DataObject) -> None:
    evidence = the_world().cards["chip authentication mapping"]
    original = evidence.files["EF.CardSecurity"]
    position = data.draw(st.integers(0, len(original) - 1))
    damaged = flipped(original, position, data.draw(st.integers(1, 255)))

    report = the_world().verify(with_file(evidence, "EF.CardSecurity", damaged))

    if report.outcome is Outcome.PASSED:
        assert what_is_signed_in(CardSecurity.decode(damaged).signed_data) == what_is_signed_in(
            CardSecurity.decode(original).signed_data
        )


def what_is_signed(sod: bytes) -> object:
    return what_is_signed_in(SecurityObject.decode(sod).signed_data)


def what_is_signed_in(signed_data: SignedData) -> object:
    signer = signed_data.signers[0]
    return signed_data.encap_content, signer.attributes, signer.signature, signed_data.certificates


@QUICK
@given(st.sampled_from(KINDS), st.sampled_from(["EF.SOD", "DG1", "DG14", "DG15"]), st.data())
def test_no_cut_doubled_or_swapped_piece_of_a_file_passes(kind: str, name: str, data: st.DataObject) -> None:
    evidence = the_world().cards[kind]
    original = evidence.files.get(name, b"")
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(original)), st.integers(0, len(original)))))
    piece = data.draw(st.sampled_from([b"", original[start:end] * 2, original[start:end][::-1], b"\x00", b"\x30\x80"]))
    changed = original[:start] + piece + original[end:]

    report = the_world().verify(with_file(evidence, name, changed))

    if changed != original:
        assert report.outcome is not Outcome.PASSED


@QUICK
@given(st.sampled_from(KINDS), st.data())
def test_no_flipped_byte_of_a_proof_passes(kind: str, data: st.DataObject) -> None:
    evidence = the_world().cards[kind]
    chip, active = evidence.chip_authentication, evidence.active_authentication
    mapping = evidence.pace_chip_authentication
    mask = data.draw(st.integers(1, 255))
    if chip is not None:
        position = data.draw(st.integers(0, len(chip.protected_response) - 1))
        chip = replace(chip, protected_response=flipped(chip.protected_response, position, mask))
    if active is not None:
        position = data.draw(st.integers(0, len(active.signature) - 1))
        active = replace(active, signature=flipped(active.signature, position, mask))
    if mapping is not None:
        name = data.draw(st.sampled_from(["mapping_public_key", "chip_authentication_data"]))
        original = getattr(mapping, name)
        mapping = replace(mapping, **{name: flipped(original, data.draw(st.integers(0, len(original) - 1)), mask)})

    altered = replace(
        evidence, chip_authentication=chip, active_authentication=active, pace_chip_authentication=mapping
    )
    report = the_world().verify(altered)

    assert (report.outcome, report.reason) == (Outcome.FAILED, "chip-not-authentic")


names = st.sampled_from([*ELEMENTARY_FILES, "DG0", "DG17", "DG", "EF.sod"]) | st.text(max_size=8)
contents = st.binary(max_size=120) | st.builds(
    tlv.encode, st.sampled_from([0x61, 0x6E, 0x6F, 0x77, 0x30]), st.binary(max_size=120)
)
chip_proofs = st.builds(
    ChipAuthenticationProof,
    oid=st.sampled_from(["0.4.0.127.0.7.2.2.3.2.2", "0.4.0.127.0.7.2.2.3.2.1", "1.2.3", "", "x"]),
    key_id=st.none() | st.integers(-1, 1 << 70),
    terminal_private_key=st.binary(max_size=80),
    protected_response=st.binary(max_size=80),
)
mapping_proofs = st.builds(
    PaceChipAuthenticationProof,
    oid=st.sampled_from(["0.4.0.127.0.7.2.2.4.6.2", "0.4.0.127.0.7.2.2.4.2.2", "", "x"]),
    parameter_id=st.sampled_from([13, 12, 0, 99, -1, 1 << 70]),
    mapping_public_key=st.binary(max_size=80),
    chip_authentication_data=st.binary(max_size=80),
)
active_proofs = st.builds(ActiveAuthenticationProof, challenge=st.binary(max_size=9), signature=st.binary(max_size=80))


@QUICK
@given(
    base=st.none() | st.sampled_from(KINDS),
    files=st.dictionaries(names, contents, max_size=6),
    dropped=st.sets(st.sampled_from(["EF.SOD", "DG1", "DG14", "DG15"])),
    refused=st.dictionaries(names | st.sampled_from(["chip-authentication"]), st.integers(0, 0xFFFF), max_size=3),
    chip=st.none() | chip_proofs,
    active=st.none() | active_proofs,
    mapping=st.none() | mapping_proofs,
    protocol=st.sampled_from(AccessProtocol),
    offered=st.none() | st.booleans(),
)
def test_verify_is_total(
    *,
    base: str | None,
    files: dict[str, bytes],
    dropped: set[str],
    refused: dict[str, int],
    chip: ChipAuthenticationProof | None,
    active: ActiveAuthenticationProof | None,
    mapping: PaceChipAuthenticationProof | None,
    protocol: AccessProtocol,
    offered: bool | None,
) -> None:
    """Files of a real card, of none, or of both mixed; proofs of nothing: always a whole report, never a pass."""
    real = {} if base is None else the_world().cards[base].files
    merged = {name: content for name, content in (dict(real) | files).items() if name not in dropped}
    access = AccessRecord(protocol, offered, None if mapping is None else mapping.oid, 13)
    evidence = Evidence("any", AT, access, merged, refused, chip, active, mapping)

    report = the_world().verify(evidence)

    assert [result.check for result in report.results] == list(CheckName)
    assert report.outcome is not Outcome.PASSED
    json.dumps(report.to_dict(include_holder=True))
