"""The plan's world: a state with document signers of every kind, its passports, and an inspection system: ours."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from random import Random
from typing import Final

from asn1crypto.x509 import Name

from conformance_suites.tr03105.case import FAILURE, SUCCESS, Seen
from conformance_suites.tr03105.keys import PlanKey, PlanScheme, plan_key
from verifier.access.password import MrzPassword
from verifier.errors import VerifierError
from verifier.evidence.record import Evidence
from verifier.lds.atr_info import AtrInfo
from verifier.lds.card_access import CardAccess
from verifier.lds.card_security import CardSecurity
from verifier.lds.com import CommonData
from verifier.lds.dg1 import DataGroup1
from verifier.lds.dg2 import DataGroup2
from verifier.lds.dg14 import DataGroup14
from verifier.lds.dg15 import DataGroup15
from verifier.lds.security_object import SecurityObject
from verifier.pki.certificate import Certificate
from verifier.pki.conformity.certificate_lint import lint_certificate
from verifier.pki.conformity.lint import lint_security_object
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.trust.trust_store import TrustStore
from verifier.reading.options import ReadingOptions
from verifier.reading.purpose import ReadingPurpose
from verifier.sdk.inspection import Inspection, inspect
from verifier.sdk.profiles import load_profile, policy_for
from verifier.sdk.testing import ChipData, ChipOptions, CipherSuite, DocumentSigner, DocumentType, VirtualChip
from verifier.sdk.testing.authority import Csca
from verifier.sdk.testing.faults import Fault
from verifier.sdk.testing.people import invented_person
from verifier.sdk.testing.personalise import write_chip_data
from verifier.sdk.testing.writing.certificates import (
    Entity,
    Validity,
    distinguished_name,
    write_crl,
    write_csca_certificate,
    write_signer_certificate,
)
from verifier.sdk.testing.writing.security_object import write_lds_security_object, write_security_object
from verifier.verification.policy import Policy, Tolerance
from verifier.verification.report import CheckName

AT: Final = datetime(2026, 6, 1, tzinfo=UTC)
_VALIDITY: Final = Validity(AT - timedelta(days=400), AT + timedelta(days=3000))
_COUNTRY, _STATE = "VN", "VNM"
_ISSUER: Final = distinguished_name(_COUNTRY, "Synthetic test material", "Test plan CSCA – not a real issuer")
_NOWHERE: Final = Name.build({"common_name": "A CSCA of no country – not a real issuer"})
_SUBJECT: Final = distinguished_name(_COUNTRY, "Synthetic test material", "Test plan DS – not a real issuer")

PLAIN: Final = ChipOptions(
    document_type=DocumentType.TD3,
    bac=False,
    pace_curve=None,
    chip_authentication_curve=None,
    data_groups=frozenset({2}),
)
"""CFG.DFLT.PLAIN."""
BAC: Final = replace(PLAIN, bac=True)
"""CFG.DFLT.BAC."""
EAC: Final = replace(
    BAC,
    chip_authentication_curve="P-224",
    chip_authentication_cipher=CipherSuite.TRIPLE_DES,
    terminal_authentication=True,
    locked_groups=frozenset({3, 4}),
)
"""CFG.DFLT.EAC: Chip Authentication with 3DES over 224 bits, DG3 and DG4 behind Terminal Authentication."""
PACE: Final = replace(PLAIN, pace_curve="brainpoolP256r1", pace_cipher=CipherSuite.TRIPLE_DES)
"""CFG.DFLT.PACE: without BAC, since the plan's tester refuses the application until PACE has run."""

_DECODERS: Final[Mapping[str, Callable[[bytes], object]]] = {
    "EF.ATR/INFO": AtrInfo.decode,
    "EF.CardAccess": CardAccess.decode,
    "EF.CardSecurity": CardSecurity.decode,
    "EF.COM": CommonData.decode,
    "EF.SOD": SecurityObject.decode,
    "DG1": DataGroup1.decode,
    "DG2": DataGroup2.decode,
    "DG14": DataGroup14.decode,
    "DG15": DataGroup15.decode,
}
_SHA1: Final = (Tolerance("deprecated-hash-sha1"),)  # type: ignore[arg-type]


@dataclass(frozen=True)
class State:
    """A signing authority with one document signer."""

    csca: Csca
    signer: DocumentSigner
    crl: bytes = field(repr=False)
    csca_key: PlanKey
    signer_key: PlanKey

    @property
    def trust(self) -> TrustStore:
        """What an inspection system believes that trusts this state."""
        crls = [CertificateRevocationList.decode(self.crl)]
        return TrustStore.from_certificates([Certificate.decode(self.csca.certificate)], crls)


@cache
def state(csca_key: PlanKey, signer_key: PlanKey, revoked: bool = False, issuer_has_country: bool = True) -> State:
    """Return the state whose authority and signer have these keys."""
    authority, serial = Entity(_ISSUER if issuer_has_country else _NOWHERE, csca_key), 4711
    own = write_csca_certificate(authority, authority, 1, _VALIDITY, _STATE)
    csca = Csca(own, authority, _VALIDITY)
    certificate = write_signer_certificate(Entity(_SUBJECT, signer_key), authority, serial, _VALIDITY, _STATE)
    crl = write_crl(authority, 1, AT - timedelta(days=1), AT + timedelta(days=30), [serial] if revoked else [])
    return State(csca, DocumentSigner(certificate, signer_key, serial, csca), crl, csca_key, signer_key)


def usual_state(*, revoked: bool = False) -> State:
    """Return the plan's default: RSASSA-PSS with SHA-256, 3072 bits above and 2048 below."""
    scheme = PlanScheme.RSA_PSS
    above, below = plan_key(scheme, "sha256", 3072, "CSCA"), plan_key(scheme, "sha256", 2048, "DS")
    return state(above, below, revoked)


class World:
    """Where the plan's cards are made and inspected; every card has its own seed, so each run is the same."""

    def __init__(self) -> None:
        self.state = usual_state()
        self._profile = load_profile("icao-mrtd")
        self._made: dict[tuple[ChipOptions, bytes], ChipData] = {}

    def random(self, case: str) -> Callable[[int], bytes]:
        """Return a case's randomness."""
        return Random(case).randbytes  # noqa: S311 - the same cards in each run are meant

    def data(self, options: ChipOptions, *, signer: DocumentSigner | None = None) -> ChipData:
        """Return a genuine card's data, made once."""
        by, holder = signer or self.state.signer, invented_person(1)
        if (options, by.certificate) not in self._made:
            made = write_chip_data(by, holder, options=options, random=self.random("a card"))
            self._made[options, by.certificate] = made
        return self._made[options, by.certificate]

    def chip(self, data: ChipData, faults: Iterable[Fault] = ()) -> VirtualChip:
        """Return the card."""
        return VirtualChip(data, random=self.random("a chip"), faults=tuple(faults))

    @cached_property
    def standard(self) -> Policy:
        """The standard inspection procedure: what travel documents must show, and no chip's key."""
        return policy_for(self._profile)

    @cached_property
    def advanced(self) -> Policy:
        """The advanced inspection procedure, in which Chip Authentication is required (TR-03105-5.1, 2.1)."""
        required = frozenset({*self.standard.required, CheckName.CHIP_AUTHENTICITY})
        return replace(self.standard, required=required)

    def inspect(
        self,
        card: VirtualChip,
        policy: Policy | None = None,
        *,
        trust: TrustStore | None = None,
        bears_sha1: bool = False,
        beside: Iterable[str] = (),
        options: ReadingOptions | None = None,
        random: Callable[[int], bytes] | None = None,
    ) -> Seen:
        """Read everything that is not protected, verify it, and decode it, as the plan's inspection system does.

        ``beside`` are files that an inspection does not read, but whose decoder is asked too.
        """
        judged_by = policy or self.standard
        if bears_sha1:
            judged_by = replace(judged_by, tolerances=_SHA1)
        try:
            inspection = inspect(
                card,
                trust or self.state.trust,
                profile=self._profile,
                password=MrzPassword.from_mrz(card.data.mrz_information.decode()),
                at=AT,
                policy=judged_by,
                options=options or ReadingOptions(purpose=ReadingPurpose.FULL),
                random=random or self.random("a reader"),
            )
        except VerifierError as error:
            return Seen(FAILURE, error.reason)
        report = inspection.report
        if not report.passed:
            return Seen(FAILURE, report.reason)
        failure = self._decoded(inspection.evidence, card, beside)
        return failure or Seen(SUCCESS, report.reason, self._named(inspection))

    def _named(self, inspection: Inspection) -> tuple[str, ...]:
        """Return what the report names, or the lint on EF.SOD and its signer, and not on the usual ones."""
        found = {noted.code for noted in (*inspection.report.tolerated, *inspection.report.remarks)}
        found |= _codes(inspection.evidence.files["EF.SOD"]) - _codes(self.data(PLAIN).files["EF.SOD"])
        return tuple(sorted(found))

    def _decoded(self, evidence: Evidence, card: VirtualChip, beside: Iterable[str]) -> Seen | None:
        files = {**evidence.files, **{name: card.data.files[name] for name in beside if name in card.data.files}}
        for name, content in sorted(files.items()):
            try:
                _DECODERS[name](content)
            except VerifierError as error:
                return Seen(FAILURE, f"{name} {error.reason}")
        return None


@cache
def _codes(sod: bytes) -> frozenset[str]:
    certificates = SecurityObject.decode(sod).signed_data.certificates
    found = [finding for certificate in certificates for finding in lint_certificate(certificate.der)]
    return frozenset(finding.code.value for finding in (*found, *lint_security_object(sod)))


def with_files(data: ChipData, **files: bytes | None) -> ChipData:
    """Return the card with files replaced, or removed, whatever was signed; ``EF_COM`` stands for EF.COM."""
    named = {name.replace("EF_", "EF."): content for name, content in files.items()}
    kept = {name: content for name, content in {**data.files, **named}.items() if content is not None}
    return replace(data, files=kept)


def signed_again(data: ChipData, signer: DocumentSigner, *, hash_name: str = "sha256", version: int = 0) -> ChipData:
    """Return the card with EF.SOD made over the data groups that it has now: a spoilt card, and authentic."""
    content = write_lds_security_object(data_groups(data), hash_name=hash_name, version=version)
    return with_files(data, EF_SOD=write_security_object(content, signer.key, signer.certificate))


def data_groups(data: ChipData) -> dict[int, bytes]:
    """Return the data groups of a card by number."""
    return {int(name[2:]): content for name, content in data.files.items() if name.startswith("DG")}
