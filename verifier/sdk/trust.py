"""The door for those who look after trust: certificates and lists, who may vouch for them, and what is odd about them.

``TrustStore`` takes a folder, or certificates and CRLs that were decoded from DER. ``ListSigners`` says who may vouch
for signed lists, and ``decode_signed_list`` looks into one that nobody vouches for. ``lint`` names every ``Deviation``
of a certificate, a CRL, a list or an EF.SOD from ICAO 9303-12; a ``Tolerance`` bears with one by its code, and
``Tolerated`` is how a report tells of it. ``docs/trust.md`` and ``docs/deviations.md`` show both.
"""

from verifier.evidence.tolerances import Tolerance
from verifier.pki.certificate import Certificate
from verifier.pki.conformity.catalogue import Entry
from verifier.pki.conformity.deviation import Deviation, Severity, Treatment
from verifier.pki.conformity.finding import Finding
from verifier.pki.conformity.lint import Linted, ObjectKind, lint
from verifier.pki.crl import CertificateRevocationList
from verifier.pki.names import Name
from verifier.pki.sources.deviation_list import DeviationKind, DeviationList, KnownDeviation
from verifier.pki.sources.master_list import MasterList
from verifier.pki.sources.pkd import PkdRemark
from verifier.pki.sources.signed_list import ListKind, ListSigners, Voucher, decode_signed_list
from verifier.pki.trust.trust_store import TrustStore
from verifier.verification.report import Tolerated

__all__ = [
    "Certificate",
    "CertificateRevocationList",
    "Deviation",
    "DeviationKind",
    "DeviationList",
    "Entry",
    "Finding",
    "KnownDeviation",
    "Linted",
    "ListKind",
    "ListSigners",
    "MasterList",
    "Name",
    "ObjectKind",
    "PkdRemark",
    "Severity",
    "Tolerance",
    "Tolerated",
    "Treatment",
    "TrustStore",
    "Voucher",
    "decode_signed_list",
    "lint",
]
