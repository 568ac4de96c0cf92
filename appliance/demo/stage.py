"""The stage: a state directory with the demo's lists, roster and open meeting, made anew at each start."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from appliance.config import Config
from appliance.demo.cards import DemoCard, tray
from appliance.demo.people import CHI_BO, WITH_KNOWN_CAN, chi_bo
from appliance.demo.pki import DemoPki
from appliance.demo.playground import lay_out_playground
from appliance.meetings import MeetingKind
from appliance.services import Services
from verifier.sdk import CanPassword

FIRST_OFFICER = "Mẫu Cán Bộ Một"
SECOND_OFFICER = "Mẫu Cán Bộ Hai"


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that the demo plays on."""

    services: Services
    cards: tuple[DemoCard, ...]

    @classmethod
    def set_up(cls, state_directory: Path, *, at: datetime, open_meeting: bool) -> Self:
        """Write configuration, lists and roster into an empty directory, plan a meeting, and lay out the tray.

        Raises ``ConfigError`` where the directory cannot be used or holds anything: it might be somebody's roster.
        """
        config = Config.load(lay_out_playground(state_directory))
        pki = DemoPki.make(at)
        pki.publish(config, at)
        services = Services.open(config)
        _fill_roster(services)
        _plan_meeting(services, at, open_meeting=open_meeting)
        stage = cls(services, tuple(tray(pki)))
        stage.lay_out_again()
        return stage

    def lay_out_again(self) -> None:
        """Lay out the tray where there is none: the board was made anew. Raises ``StorageError``."""
        if not self.services.board.tray():
            self.services.board.lay_out([card.on_board() for card in self.cards])


def _fill_roster(services: Services) -> None:
    for plant, member in chi_bo().items():
        services.roster.add(
            member.person.display_name,
            member.member_class,
            identifier=member.person.personal_number,
            status=member.status,
            password=CanPassword(member.can) if plant in WITH_KNOWN_CAN else None,
        )


def _plan_meeting(services: Services, at: datetime, *, open_meeting: bool) -> None:
    month = at.astimezone(ZoneInfo(services.config.time_zone)).strftime("%m/%Y")
    meeting = services.meetings.create(
        kind=MeetingKind.REGULAR,
        title=f"Sinh hoạt thường kỳ tháng {month}",
        place=CHI_BO,
        starts_at=at + timedelta(minutes=5),
    )
    if open_meeting:
        services.meetings.open(meeting.id, at=at, officer=FIRST_OFFICER)
