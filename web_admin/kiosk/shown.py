"""What the kiosk may show: the current tap's display; a person's name and own year for a few seconds only."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from appliance.errors import ApplianceError, KeyLocked, StillOpening, WrongSecret
from appliance.kiosk.display import Display, DisplayState, OwnYear, ShownYear
from appliance.kiosk.looks import LOOKS
from appliance.kiosk.phrases import NOT_OPENED, STATES, sentence_while_closed
from appliance.lists.freshness import ListsAge
from appliance.services import Services
from web_admin.kiosk.chosen import Chosen, elapsed, of_all, of_one, reader_names, shown_for
from web_admin.lists.words import age_in_both, look_of

NAME_IS_SHOWN_FOR = timedelta(seconds=15)
"""However long the station is silent, a name leaves the screen after this time."""
OWN_YEAR_IS_SHOWN_FOR = timedelta(seconds=10)
"""However long nobody else comes, a member's year leaves the screen after this time."""
SILENT_STATION_AFTER = timedelta(seconds=30)
"""A station that gave no sign of life for so long, and the longest tap, serves nobody, whatever it showed last."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that the kiosk's page knows; it is sent as it stands."""

    state: str
    colour: str
    vi: str
    en: str
    sequence: int
    name: str | None = field(default=None, repr=False)
    detail_vi: str = ""
    detail_en: str = ""
    reader: str = ""
    """Whose display this is, where there are several readers."""
    gone: str = ""
    """The readers that are gone while another one serves."""
    own_year: OwnYear | None = field(default=None, repr=False)
    own_year_key: int = 0
    """Another one for each year that is shown, so that a browser counts the ten seconds of each once."""
    meeting: str = ""
    lists: str = ""
    lists_shape: str = ""
    lists_vi: str = ""
    lists_en: str = ""
    is_closed: bool = False
    """Whether the page that sends it has nothing else to show: a screen asks for the page anew when that changes."""


def shown_while_closed(trouble: ApplianceError) -> Shown:
    """Return what the kiosk shows while the records cannot be opened: that the keys are locked, or what is wrong."""
    sentence = sentence_while_closed(trouble)
    shown = replace(_only(_closed_state(trouble)), detail_vi=sentence.vi, detail_en=sentence.en, is_closed=True)
    if shown.state == DisplayState.SEE_OFFICER:
        shown = replace(shown, vi=NOT_OPENED.vi, en=NOT_OPENED.en)
    return shown


def shown_now(services: Services, lists: ListsAge, *, at: datetime, reader: str | None = None) -> Shown:
    """Return what the kiosk shows at this time, with the age of the lists below: all readers' screen, or one's own."""
    look, (vi, en) = look_of(lists), age_in_both(lists)
    shown = _shown(services, reader, at=at)
    return replace(shown, lists=look.light.value, lists_shape=look.shape, lists_vi=vi, lists_en=en)


def shown_version(services: Services, lists: ListsAge, *, at: datetime, reader: str | None = None) -> str:
    """Return a text that changes whenever ``shown_now`` would, without asking the store for rows."""
    chosen, year = _look(services, reader, at=at)
    sequence = 0 if chosen.display is None else chosen.display.sequence
    lingered = chosen.display is not None and _has_lingered(chosen.display, at)
    key = 0 if year is None else year.sequence
    age = f"{lists.light}{lists.age_days}{lists.at_least:d}{lists.by_hand:d}"
    gone = ",".join(chosen.gone)
    silent = _is_silent(services)
    return f"{sequence}-{lingered:d}-{key}-{gone}-{silent:d}-{services.database.data_version()}-{age}"


def _closed_state(trouble: ApplianceError) -> DisplayState:
    if isinstance(trouble, (KeyLocked, WrongSecret)):
        return DisplayState.LOCKED
    return DisplayState.STARTING if isinstance(trouble, StillOpening) else DisplayState.SEE_OFFICER


def _is_silent(services: Services) -> bool:
    """Tell whether a station served, and was killed since or lost its power; one that ended says so."""
    seconds, config = services.board.silent_for(), services.config
    longest_tap = config.session_seconds + config.result_seconds
    return seconds is not None and seconds > SILENT_STATION_AFTER.total_seconds() + longest_tap


def _shown(services: Services, reader: str | None, *, at: datetime) -> Shown:
    chosen, year = _look(services, reader, at=at)
    current = services.meetings.current()
    meeting = "" if current is None else current.title
    if _is_silent(services):
        return replace(_only(DisplayState.SEE_OFFICER), meeting=meeting)
    display, has_several = chosen.display, len(reader_names(services.config)) > 1
    return replace(
        _told(display, year, at=at),
        meeting=meeting,
        gone=", ".join(f"«{name}»" for name in chosen.gone),
        reader=display.reader if display is not None and has_several else "",
    )


def _told(display: Display | None, year: ShownYear | None, *, at: datetime) -> Shown:
    if display is None:
        return _only(DisplayState.STARTING)
    if _has_lingered(display, at):
        return _only(DisplayState.READY, sequence=display.sequence)
    return Shown(
        state=display.state.value,
        colour=LOOKS[display.state].colour,
        vi=display.vi,
        en=display.en,
        sequence=display.sequence,
        name=display.name,
        detail_vi=display.detail_vi,
        detail_en=display.detail_en,
        own_year=None if year is None else year.of,
        own_year_key=0 if year is None else year.sequence,
    )


def _look(services: Services, reader: str | None, *, at: datetime) -> tuple[Chosen, ShownYear | None]:
    """Choose what to show. A year whose time is over is taken off the board, for whoever reads it there."""
    displays = services.board.displays()
    for display in displays:
        if display.own_year is not None and _is_over(display.own_year, at):
            services.board.forget_own_year(display.own_year)
    if reader is not None:
        chosen, others = of_one(displays, reader), []
    else:
        chosen = of_all(displays, reader_names(services.config), at=at)
        others = [one for one in displays if chosen.display is not None and one.reader != chosen.display.reader]
    year = None if chosen.display is None else chosen.display.own_year
    # on a shared screen whatever another reader showed since was for somebody else
    if year is None or _is_over(year, at) or any(other.sequence > year.sequence for other in others):
        return chosen, None
    return chosen, year


def _is_over(year: ShownYear, at: datetime) -> bool:
    return elapsed(year.at, year.age_seconds, at) >= OWN_YEAR_IS_SHOWN_FOR


def _has_lingered(display: Display, at: datetime) -> bool:
    return display.name is not None and shown_for(display, at) > NAME_IS_SHOWN_FOR


def _only(state: DisplayState, *, sequence: int = 0) -> Shown:
    phrase = STATES[state]
    return Shown(state=state.value, colour=LOOKS[state].colour, vi=phrase.vi, en=phrase.en, sequence=sequence)
