"""The case: what is to be judged, and what the checks so far have established. Later checks use nothing else."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from verifier.cardstatus.card_status_list import CardStatusList
from verifier.errors import MalformedData
from verifier.evidence.record import Evidence
from verifier.lds.dg1 import DataGroup1
from verifier.lds.dg14 import DataGroup14
from verifier.lds.dg15 import DataGroup15
from verifier.lds.elementary_files import ELEMENTARY_FILES
from verifier.lds.security_object import SecurityObject
from verifier.pki.certificate import Certificate
from verifier.pki.conformity.catalogue import entry_of
from verifier.pki.conformity.deviation import Deviation
from verifier.pki.path import Observation
from verifier.pki.trust.trust_store import TrustStore
from verifier.verification.policy import Policy
from verifier.verification.report import Tolerated


@dataclass(frozen=True, slots=True)
class TrustedData:
    """What may be believed once the SOD's signature is valid and its signer's path leads to an anchor.

    A data group is here only when it was read, its hash is the signed one, and it decodes.
    """

    paths: tuple[tuple[Certificate, ...], ...]
    """One for each trusted signer, nearly always one: the document signer first, the trust anchor last."""
    dg1: DataGroup1 | None = field(default=None, repr=False)
    dg14: DataGroup14 | None = field(default=None, repr=False)
    dg15: DataGroup15 | None = field(default=None, repr=False)
    malformed: frozenset[str] = frozenset()
    """Names of data groups that were signed as they are and still do not decode."""

    @property
    def chip_keys(self) -> tuple[bytes, ...]:
        """Every public key that the issuer signed for this chip: SubjectPublicKeyInfo in DER."""
        agreement = () if self.dg14 is None else self.dg14.security_infos.chip_authentication_public_keys
        signature = () if self.dg15 is None else (self.dg15.public_key,)
        return (*(info.public_key for info in agreement), *signature)


@dataclass(frozen=True, slots=True)
class Case:
    """One verification under way. Each check gets one and returns one, usually the same."""

    evidence: Evidence = field(repr=False)
    trust: TrustStore = field(repr=False)
    policy: Policy
    at: datetime
    card_status: CardStatusList | None = field(default=None, repr=False)
    clock_trusted: bool = True
    """Whether it is ``at``; else it is then or later, and a check looks at whether it could be so."""
    security_object: SecurityObject | None = field(default=None, repr=False)
    """Decoded, whether or not its signature is valid."""
    hash_matches: Mapping[str, bool] = field(default_factory=dict)
    """For every data group that was read: whether the SOD lists it with the hash that it has."""
    signers: tuple[Certificate, ...] = ()
    """The certificates under whose keys the SOD's signature is valid."""
    trusted: TrustedData | None = field(default=None, repr=False)
    proven_key: bytes | None = field(default=None, repr=False)
    """The signed public key whose private half the chip has shown: SubjectPublicKeyInfo in DER."""
    tolerated: tuple[Tolerated, ...] = ()
    """Deviations that the policy had to tolerate so far."""
    remarks: tuple[Tolerated, ...] = ()
    """Deviations that nobody minds, and those that the issuing state admits."""

    def tolerates(self, code: Deviation, certificate: Certificate) -> bool:
        """Whether the policy tolerates a deviation of that certificate: by its country, or its issuer's if it has none.

        Before the certificate's path is found its country is only a claim; but the path fails where it is a lie.
        """
        return self.policy.tolerates(code, certificate.country or certificate.issuer.country)

    def noting(self, tolerated: Iterable[Observation] = (), remarks: Iterable[Observation] = ()) -> "Case":
        """Return the case with deviations that were met, each once."""
        tolerated, remarks = tuple(tolerated), tuple(remarks)
        if not (tolerated or remarks):
            return self
        return replace(
            self,
            tolerated=tuple(dict.fromkeys((*self.tolerated, *(_plain(one) for one in tolerated)))),
            remarks=tuple(dict.fromkeys((*self.remarks, *(_plain(one) for one in remarks)))),
        )

    def with_security_object(self, security_object: SecurityObject) -> "Case":
        """Return the case with the SOD decoded and every data group that was read compared with it."""
        matches = {}
        for name, content in self.evidence.files.items():
            file = ELEMENTARY_FILES.get(name)
            if file is not None and file.data_group is not None:
                digest = hashlib.new(security_object.hash_algorithm, content).digest()
                matches[name] = security_object.data_group_hashes.get(file.data_group) == digest
        return replace(self, security_object=security_object, hash_matches=MappingProxyType(matches))

    def with_signers(self, signers: tuple[Certificate, ...]) -> "Case":
        """Return the case with those whose signature over the SOD is valid."""
        return replace(self, signers=signers)

    def with_paths(self, paths: tuple[tuple[Certificate, ...], ...]) -> "Case":
        """Return the case with trusted signers, and so with trusted data: here the data groups are decoded, once."""
        dg1, dg14, dg15 = self._authentic("DG1"), self._authentic("DG14"), self._authentic("DG15")
        malformed = set()
        decoded1 = decoded14 = decoded15 = None
        try:
            decoded1 = None if dg1 is None else DataGroup1.decode(dg1)
        except MalformedData:
            malformed.add("DG1")
        try:
            decoded14 = None if dg14 is None else DataGroup14.decode(dg14)
        except MalformedData:
            malformed.add("DG14")
        try:
            decoded15 = None if dg15 is None else DataGroup15.decode(dg15)
        except MalformedData:
            malformed.add("DG15")
        return replace(self, trusted=TrustedData(paths, decoded1, decoded14, decoded15, frozenset(malformed)))

    def with_proven_key(self, key: bytes) -> "Case":
        """Return the case with a chip that has shown the private half of a signed key."""
        return replace(self, proven_key=key)

    def _authentic(self, name: str) -> bytes | None:
        return self.evidence.files[name] if self.hash_matches.get(name) else None


def _plain(observation: Observation) -> Tolerated:
    code = observation.code
    return Tolerated(code.value, str(observation.certificate.subject), entry_of(code).meaning)
