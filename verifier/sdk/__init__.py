"""The public door of the SDK: everything that an integrator needs, and nothing deeper.

Reading and verifying: ``inspect``, or ``read`` and later ``verify``. What to believe: ``TrustStore``, ``Policy``,
``CardStatusList``. What kind of card, and read for what: ``load_profile``, ``CardProfile``, ``ReadingPurpose``. What
came out: ``Inspection``, ``Evidence``, ``Report``. A reader of one's own is a ``CardConnection``. All errors are in
``verifier.sdk.errors``, a virtual chip to test with in ``verifier.sdk.testing``, and what fewer need behind a door of
its own: ``batch``, ``card_status``, ``evidence``, ``lds``, ``profiles``, ``publishing``, ``readers``, ``recording``,
``trust``.

A name is loaded when it is first asked for, so that a program which only verifies does not wait for what reads cards.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from verifier.access.password import CanPassword, MrzPassword, Password
    from verifier.access.proofs import AccessProtocol
    from verifier.cardstatus.card_status_list import CardStatusList
    from verifier.evidence.record import Evidence
    from verifier.evidence.tolerances import Tolerance
    from verifier.iso7816.apdu import CommandApdu, ResponseApdu
    from verifier.iso7816.exchange import CardConnection
    from verifier.pki.trust.trust_store import TrustStore
    from verifier.reading.options import ReadingOptions, ReadingStep
    from verifier.reading.profile import CardProfile
    from verifier.reading.purpose import ReadingPurpose
    from verifier.sdk import errors
    from verifier.sdk.inspection import Inspection, inspect, read
    from verifier.sdk.profiles import load_profile, policy_for
    from verifier.transport.recorded import RecordingConnection, ReplayConnection
    from verifier.verification.policy import Policy
    from verifier.verification.report import CheckName, CheckResult, Holder, Outcome, Report
    from verifier.verification.verify import verify

_HOMES: Final = {
    "verifier.access.password": ("CanPassword", "MrzPassword", "Password"),
    "verifier.access.proofs": ("AccessProtocol",),
    "verifier.cardstatus.card_status_list": ("CardStatusList",),
    "verifier.evidence.record": ("Evidence",),
    "verifier.evidence.tolerances": ("Tolerance",),
    "verifier.iso7816.apdu": ("CommandApdu", "ResponseApdu"),
    "verifier.iso7816.exchange": ("CardConnection",),
    "verifier.pki.trust.trust_store": ("TrustStore",),
    "verifier.reading.options": ("ReadingOptions", "ReadingStep"),
    "verifier.reading.profile": ("CardProfile",),
    "verifier.reading.purpose": ("ReadingPurpose",),
    "verifier.sdk.inspection": ("Inspection", "inspect", "read"),
    "verifier.sdk.profiles": ("load_profile", "policy_for"),
    "verifier.transport.recorded": ("RecordingConnection", "ReplayConnection"),
    "verifier.verification.policy": ("Policy",),
    "verifier.verification.report": ("CheckName", "CheckResult", "Holder", "Outcome", "Report"),
    "verifier.verification.verify": ("verify",),
}
"""Where each name lives: the imports above, which only type checkers make, once more for the interpreter."""

_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}

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
    "ReadingPurpose",
    "ReadingStep",
    "RecordingConnection",
    "ReplayConnection",
    "Report",
    "ResponseApdu",
    "Tolerance",
    "TrustStore",
    "errors",
    "inspect",
    "load_profile",
    "policy_for",
    "read",
    "verify",
]


def __getattr__(name: str) -> object:
    """Load a public name from its home, once."""
    if name == "errors":
        return import_module("verifier.sdk.errors")
    if name not in _HOME_OF:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})
