"""The public door of the SDK: everything that an integrator needs, and nothing deeper.

Reading and verifying: ``inspect``, or ``read`` and later ``verify``. What to believe: ``TrustStore``, ``Policy``,
``CardStatusList``. What kind of card: ``load_profile``, ``CardProfile``. What came out: ``Inspection``, ``Evidence``,
``Report``. A reader of one's own is a ``CardConnection``. All errors are in ``verifier.sdk.errors``; a virtual chip to
test with is in ``verifier.sdk.testing``.
"""

from verifier.access.password import CanPassword, MrzPassword, Password
from verifier.access.proofs import AccessProtocol
from verifier.cardstatus.card_status_list import CardStatusList
from verifier.evidence import Evidence
from verifier.iso7816.apdu import CommandApdu, ResponseApdu
from verifier.iso7816.exchange import CardConnection
from verifier.pki.trust_store import TrustStore
from verifier.reading.options import ReadingOptions, ReadingStep
from verifier.reading.profile import CardProfile
from verifier.sdk import errors
from verifier.sdk.inspection import Inspection, inspect, read
from verifier.sdk.profiles import load_profile, policy_for
from verifier.transport.recorded import RecordingConnection, ReplayConnection
from verifier.verification.policy import Policy
from verifier.verification.report import CheckName, CheckResult, Holder, Outcome, Report
from verifier.verification.verify import verify

__all__ = [
    "AccessProtocol",
    "CanPassword",
    "CardConnection",
    "CardProfile",
    "CardStatusList",
    "CheckName",
    "CheckResult",
    "CommandApdu",
    "Evidence",
    "Holder",
    "Inspection",
    "MrzPassword",
    "Outcome",
    "Password",
    "Policy",
    "ReadingOptions",
    "ReadingStep",
    "RecordingConnection",
    "ReplayConnection",
    "Report",
    "ResponseApdu",
    "TrustStore",
    "errors",
    "inspect",
    "load_profile",
    "policy_for",
    "read",
    "verify",
]
