"""Lists in words: ages, lights, outcomes, and a sentence for every reason code that can come up with them."""

from dataclasses import dataclass
from typing import Any, Final

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from appliance.lists.catalogue import (
    CARD_STATUS_BASE,
    CARD_STATUS_DELTA,
    CARD_STATUS_KEY,
    CRLS,
    ISSUERS,
    rules_version_of,
)
from appliance.lists.checked_against import CheckedAgainst
from appliance.lists.freshness import Light, ListsAge
from appliance.lists.history import Outcome
from appliance.lists.sources.source import SourceKind

_UNUSABLE_KEY: Final = _("A key file of this device cannot be used. Please call whoever looks after it.")
_CANNOT_WRITE: Final = _("This device could not write down what came. Please call whoever looks after it.")
_CLOCK: Final = _("These lists were signed later than the clock of this device shows. Please check the clock.")
REASONS: Final = {
    "list-refused": _("The lists are damaged, or mixed from several publications. Nothing of them was taken."),
    "lists-damaged": _("What this device keeps of its lists is damaged. Please take them up anew."),
    "list-not-signed": _(
        "The lists are not signed by those who must sign them: they may be forged. Nothing of them was taken."
    ),
    "list-rolled-back": _("The lists are older than those that this device has seen. Nothing of them was taken."),
    "list-expired": _("The signatures of the lists have run out. Look for a newer copy; what is in use stays in use."),
    "list-altered": _("A file is not the one that was signed: it was altered, or cut off. Nothing was taken."),
    "list-from-the-future": _CLOCK,
    "clock-signed-ahead": _CLOCK,
    "source-unreachable": _("The source does not answer, or went away. The next try goes on where this one ended."),
    "source-incomplete": _("There are no lists at this source, or its copy is not complete."),
    "sync-runs": _("Lists are being taken up at this moment. Please wait until that is done."),
    "lists-not-set-up": _("No root is set up on this device yet; without one it believes no lists."),
    "rules-refused": _("The rules that came with the lists cannot be used. Those in force stay in force."),
    "roster-refused": _("The roster that came with the lists is damaged. The one in use stays in use."),
    "roster-not-for-us": _(
        "The roster that came with the lists is for another device or chi bộ. The one in use stays in use."
    ),
    "config-error": _("The configuration of this device does not allow this."),
    "storage-full": _("No room is left on this device for new lists. Those in use stay in use."),
    **dict.fromkeys(
        (
            "storage-error", "storage-busy", "storage-read-only", "storage-unreachable", "storage-damaged",
            "storage-refused", "storage-version", "clock-not-kept", "ledger-damaged",
        ),
        _CANNOT_WRITE,
    ),
    **dict.fromkeys(("key-file-error", "key-lost", "key-damaged", "key-exposed"), _UNUSABLE_KEY),
    **dict.fromkeys(
        ("clock-error", "clock-before-floor", "clock-too-far-ahead"),
        _("The clock of this device is wrong. Please check the clock."),
    ),
    "error": _("Something went wrong while lists were taken up. What is in use stays in use."),
}  # fmt: skip
"""A sentence for each reason code; a test holds this complete."""

FORGED: Final = frozenset(("list-refused", "list-not-signed", "list-altered"))
"""The reasons that are nobody's delay."""
NO_SOURCE: Final = _(
    "No mirror is configured, and no stick is plugged in. Ask those who publish the lists for a stick with the newest"
    " ones: your province’s desk, or whoever set this device up."
)
OUTCOMES: Final = {
    Outcome.INSTALLED: _("New lists are in use"),
    Outcome.RENEWED: _("The same lists, signed anew"),
    Outcome.UNCHANGED: _("Nothing is newer"),
    Outcome.FAILED: _("Nothing was taken up"),
}
OUTCOME_BADGES: Final = {
    Outcome.INSTALLED: ("good", "present"),
    Outcome.RENEWED: ("good", "present"),
    Outcome.UNCHANGED: ("", "already-present"),
    Outcome.FAILED: ("bad", "refused"),
}
"""Tone and shape."""
_LISTS: Final = {
    ISSUERS: _("Issuers of cards"),
    CRLS: _("Withdrawn keys of issuers"),
    CARD_STATUS_KEY: _("Key of the card status list"),
    CARD_STATUS_BASE: _("Card status list of the month"),
    CARD_STATUS_DELTA: _("What changed in it since"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """How a light looks: tone (colour), shape, and a word; never the colour alone. ``light`` is the kiosk's colour."""

    light: Light
    tone: str
    shape: str
    word: Any


LOOKS: Final = {
    Light.GREEN: Look(Light.GREEN, "good", "present", _("Fresh")),
    Light.AMBER: Look(Light.AMBER, "warn", "late", _("Not fresh any more")),
    Light.RED: Look(Light.RED, "bad", "reader-gone", _("Too old")),
    Light.NONE: Look(Light.NONE, "none", "no-lists", _("Age unknown")),
}
_BY_HAND: Final = Look(Light.AMBER, "warn", "late", _("Placed by hand, not signed"))


def reason_words(code: str) -> str:
    """Return the sentence of a reason code; one that is not known here is named."""
    known = REASONS.get(code)
    return str(known) if known is not None else gettext("Something else went wrong (%(code)s).", code=code)


def look_of(age: ListsAge) -> Look:
    """Return how the age of lists looks; of those that nobody signed it is never the look of good ones."""
    return _BY_HAND if age.by_hand and age.light is Light.GREEN else LOOKS[age.light]


def age_words(age: ListsAge) -> str:
    """Return how old lists are, as the page says it."""
    if age.issued is None:
        return str(gettext("No lists yet"))
    if age.at_least:
        return _at_least_words(age.age_days or 0)
    match age.age_days:
        case None:
            return str(gettext("Signed later than the clock shows"))
        case 0:
            return str(gettext("Lists of today"))
        case 1:
            return str(gettext("Lists 1 day old"))
        case days:
            return str(gettext("Lists %(days)d days old", days=days))


def _at_least_words(days: int) -> str:
    if days == 0:
        return str(gettext("Lists of unknown age"))
    if days == 1:
        return str(gettext("Lists at least 1 day old"))
    return str(gettext("Lists at least %(days)d days old", days=days))


def card_data_words(age: ListsAge) -> str:
    """Return how old lists are for a meeting's page, on which “list” is the one of those who came."""
    if age.issued is None:
        return str(gettext("Card check data: none yet"))
    if age.by_hand:
        return str(gettext("Card check data placed by hand, not signed: %(age)s", age=_days_ago(age)))
    return str(gettext("Card check data: %(age)s", age=_days_ago(age)))


def _days_ago(age: ListsAge) -> str:
    days = age.age_days
    if days is None:
        return str(gettext("signed later than the clock shows"))
    if age.at_least:
        return str(gettext("at least %(days)d days old", days=days) if days else gettext("age unknown"))
    return str(gettext("%(days)d days old", days=days) if days else gettext("of today"))


def age_in_both(age: ListsAge) -> tuple[str, str]:
    """Return how old lists are in Vietnamese and in English, short, for a screen that everybody sees.

    >>> age_in_both(ListsAge(Light.NONE))
    ('Chưa có danh sách', 'No lists')
    """
    if age.issued is None:
        return "Chưa có danh sách", "No lists"
    vi, en = ("Danh sách chép tay", "Unsigned lists") if age.by_hand else ("Danh sách", "Lists")
    days = age.age_days
    if days is None:
        return f"{vi}: xem lại giờ của máy", f"{en}: check the clock"
    at_least_vi, at_least_en = ("ít nhất ", "at least ") if age.at_least else ("", "")
    if age.light is Light.RED:
        return f"{vi} quá cũ: {at_least_vi}{days} ngày", f"{en} too old: {at_least_en}{_days(days)}"
    if days == 0:
        return (f"{vi}: chưa rõ tuổi", f"{en}: age unknown") if age.at_least else (f"{vi}: hôm nay", f"{en}: today’s")
    return f"{vi}: {at_least_vi}{days} ngày trước", f"{en}: {at_least_en}{_days(days)} old"


def elsewhere_words(used: ListsAge) -> str:
    """Return what the station checks cards against instead of the lists that were taken up."""
    if used.timestamp is not None:
        number = used.timestamp
        return str(
            gettext(
                "The station does not use these lists yet: it checks cards against number %(number)d.", number=number
            )
        )
    if used.by_hand:
        return str(gettext("The station does not use these lists yet: it checks cards against those placed by hand."))
    return str(gettext("The station does not use these lists yet: it has none."))


def at_most_words(checked: CheckedAgainst) -> str:
    """Return how old the lists were that cards were checked against."""
    match checked.age_days:
        case None:
            return str(gettext("age unknown"))
        case 0:
            return str(gettext("less than a day old"))
        case 1:
            return str(gettext("at most 1 day old"))
        case days:
            return str(gettext("at most %(days)d days old", days=days))


def checked_words(checked: CheckedAgainst) -> str:
    """Return against which lists the cards of a meeting were checked."""
    if checked.numbers is not None:
        return str(gettext("Cards were checked against lists %(numbers)s.", numbers=_span(checked.numbers)))
    if checked.card_status is not None:
        numbers = _span(checked.card_status)
        return str(gettext("Cards were checked against card status list %(numbers)s.", numbers=numbers))
    return str(gettext("Cards were checked without any list."))


def source_words(source: str) -> str:
    """Return a source for people: a mirror by its address, a stick as what it is."""
    return str(gettext("USB stick")) if source == SourceKind.STICK.value else source


def list_words(path: str) -> str:
    """Return what a published list is."""
    version = rules_version_of(path)
    if version is not None:
        return str(gettext("Rules of attendance %(version)s", version=version))
    known = _LISTS.get(path)
    return str(known) if known is not None else str(gettext("Roster"))


def in_groups(digits: str, length: int = 4) -> str:
    """Return hexadecimal digits so that two people can compare them.

    >>> in_groups("0123456789ab")
    '0123 4567 89ab'
    """
    return " ".join(digits[start : start + length] for start in range(0, len(digits), length))


def _days(days: int) -> str:
    return f"{days} day{'s' * (days != 1)}"


def _span(numbers: tuple[int, int]) -> str:
    first, last = numbers
    return str(first) if first == last else f"{first}–{last}"
