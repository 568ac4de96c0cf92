"""Read a card, and verify what was read."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NoReturn, get_args

from verifier.access.password import Password
from verifier.cardstatus.card_status_list import CardStatusList
from verifier.errors import InvalidInput
from verifier.evidence.arguments import require_kind, require_zone
from verifier.evidence.record import Evidence
from verifier.evidence.trust_lists import trust_lists_in_use
from verifier.iso7816.exchange import CardConnection, perform
from verifier.pki.trust.trust_store import TrustStore
from verifier.reading.options import Progress, ReadingOptions, ReadingStep
from verifier.reading.plan import read_card
from verifier.reading.profile import CardProfile
from verifier.sdk.profiles import policy_for
from verifier.verification.policy import Policy
from verifier.verification.report import Report
from verifier.verification.verify import require_judgeable, verify

_PROFILE_ADVICE = "profile is a CardProfile: load_profile(name) returns one"
_DEFAULT_OPTIONS = ReadingOptions()


@dataclass(frozen=True, slots=True)
class Inspection:
    """What ``inspect`` returns: the evidence, to keep or to drop, and the report on it."""

    evidence: Evidence
    report: Report

    def __bool__(self) -> NoReturn:
        """Refuse ``if inspect(…):``, which would be true of a forged card too."""
        msg = "an inspection is not true or false; write: inspection.report.passed"
        raise TypeError(msg)


def read(
    card: CardConnection,
    *,
    profile: CardProfile,
    password: Password,
    at: datetime,
    options: ReadingOptions = _DEFAULT_OPTIONS,
    random: Callable[[int], bytes] = secrets.token_bytes,
    progress: Callable[[ReadingStep], None] | None = None,
) -> Evidence:
    """Read a card by its profile's plan, and judge nothing.

    ``at`` is the time of capture, with a time zone. ``progress`` is called with each step as it begins. A file that the
    card refuses stands in ``Evidence.refused``; a chip that fails to prove itself leaves a proof that will not verify.

    Raises:
        InvalidInput: an argument is of another kind than its type says, or ``at`` has no time zone. Nothing was sent.
        AccessDenied: the password does not fit; it was tried once. CardRemoved: the card left too early.
        CardRefused, CardProtocolError, SecureMessagingError, MalformedData, UnsupportedFeature: it cannot be read.
        ReaderError, DeadlineExceeded: whatever ``card`` raises.
    """
    require_zone(at, "a reading")
    _require_readable(card, profile, password, options)
    seen: Progress = progress or _unseen
    return perform(read_card(profile, password, options, random=random, captured_at=at, progress=seen), card)


def inspect(
    card: CardConnection,
    trust: TrustStore,
    *,
    profile: CardProfile,
    password: Password,
    at: datetime,
    policy: Policy | None = None,
    card_status: CardStatusList | None = None,
    clock_trusted: bool = True,
    options: ReadingOptions = _DEFAULT_OPTIONS,
    random: Callable[[int], bytes] = secrets.token_bytes,
    progress: Callable[[ReadingStep], None] | None = None,
    note_lists: bool = True,
) -> Inspection:
    """Read a card, then verify what was read as of ``at``: ``read`` and ``verify`` in one.

    The versions of the lists are noted in the evidence for those who judge it again one day, unless ``note_lists`` is
    false. ``policy`` is the profile's own where none is given. ``clock_trusted`` is false where ``at`` is only the
    earliest that it may be; see ``verify``. Raises what ``read`` raises; whatever could be seen of
    the card is in the report instead: a forged card is a report with outcome ``FAILED`` and no exception.
    """
    require_kind(profile, CardProfile, _PROFILE_ADVICE)
    judged_by = policy_for(profile) if policy is None else policy
    require_judgeable(trust, judged_by, card_status, clock_trusted)
    evidence = read(card, profile=profile, password=password, at=at, options=options, random=random, progress=progress)
    if note_lists:
        evidence = replace(evidence, trust_lists=trust_lists_in_use(trust, card_status))
    report = verify(evidence, trust, judged_by, at=at, card_status=card_status, clock_trusted=clock_trusted)
    return Inspection(evidence, report)


def _require_readable(card: object, profile: object, password: object, options: object) -> None:
    """Raise ``InvalidInput`` unless a reading can begin with these."""
    require_kind(profile, CardProfile, _PROFILE_ADVICE)
    require_kind(
        password, get_args(Password), "password is a CanPassword(digits) or a MrzPassword(number, birth, expiry)"
    )
    require_kind(options, ReadingOptions, "options are ReadingOptions")
    if not callable(getattr(card, "transmit", None)):
        msg = f"card is a connection, an object with transmit(command) -> response; this is a {type(card).__name__}"
        raise InvalidInput(msg)


def _unseen(_: ReadingStep) -> None:
    """Nobody watches."""
