"""What the kiosk may show: the current tap's display, and a person's name for a few seconds only."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from appliance.kiosk.display import Display, DisplayState
from appliance.kiosk.phrases import STATES
from appliance.lists.freshness import ListsAge
from appliance.services import Services
from web_admin.lists.words import age_in_both, look_of

NAME_IS_SHOWN_FOR = timedelta(seconds=15)
"""However long the station is silent, a name leaves the screen after this time."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that the kiosk's page knows; it is sent as it stands."""

    state: str
    vi: str
    en: str
    sequence: int
    name: str | None = field(default=None, repr=False)
    detail_vi: str = ""
    detail_en: str = ""
    meeting: str = ""
    lists: str = ""
    lists_shape: str = ""
    lists_vi: str = ""
    lists_en: str = ""


def shown_now(services: Services, lists: ListsAge, *, at: datetime) -> Shown:
    """Return what the kiosk shows at this time, with the age of the lists below."""
    look, (vi, en) = look_of(lists), age_in_both(lists)
    shown = _shown(services, at=at)
    return replace(shown, lists=look.light.value, lists_shape=look.shape, lists_vi=vi, lists_en=en)


def _shown(services: Services, *, at: datetime) -> Shown:
    display = services.board.latest()
    meeting = services.meetings.current()
    title = "" if meeting is None else meeting.title
    if display is None:
        return _only(DisplayState.STARTING, meeting=title)
    if _has_lingered(display, at):
        return _only(DisplayState.READY, meeting=title, sequence=display.sequence)
    return Shown(
        state=display.state.value,
        vi=display.vi,
        en=display.en,
        sequence=display.sequence,
        name=display.name,
        detail_vi=display.detail_vi,
        detail_en=display.detail_en,
        meeting=title,
    )


def shown_version(services: Services, lists: ListsAge, *, at: datetime) -> str:
    """Return a text that changes whenever ``shown_now`` would, without asking the store for rows."""
    display = services.board.latest()
    sequence = 0 if display is None else display.sequence
    lingered = display is not None and _has_lingered(display, at)
    age = f"{lists.light}{lists.age_days}{lists.at_least:d}{lists.by_hand:d}"
    return f"{sequence}-{lingered:d}-{services.database.data_version()}-{age}"


def _has_lingered(display: Display, at: datetime) -> bool:
    """By either clock: the wall's may have been set back meanwhile, the steady one begins anew with the machine."""
    shown_for = max(at - display.at, timedelta(seconds=min(display.age_seconds, 86_400.0)))
    return display.name is not None and shown_for > NAME_IS_SHOWN_FOR


def _only(state: DisplayState, *, meeting: str, sequence: int = 0) -> Shown:
    phrase = STATES[state]
    return Shown(state=state.value, vi=phrase.vi, en=phrase.en, sequence=sequence, meeting=meeting)
