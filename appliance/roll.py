"""The roll of a meeting: who is expected, and the figures once the ledger has been asked.

Before a meeting closes the roll is the roster of the moment; from then on it is what was frozen.
"""

from dataclasses import dataclass, field

from sqlalchemy import Connection, insert, literal, select

from appliance.rules import Counted, Figures, figures, rule_set
from appliance.standing import Standing
from appliance.storage.meetings import meeting_rolls
from appliance.storage.members import MemberClass, MemberStatus, members


@dataclass(frozen=True, slots=True)
class RollLine:
    """One member of a meeting's roll."""

    member_id: int
    name: str = field(repr=False)
    member_class: MemberClass
    status: MemberStatus


def roll_of(reader: Connection, meeting_id: int, *, frozen: bool) -> tuple[RollLine, ...]:
    """Return the roll in the roster's order, from the roster of now or as it was frozen."""
    if frozen:
        query = (
            select(members.c.id, members.c.name, meeting_rolls.c.member_class, meeting_rolls.c.status)
            .join(meeting_rolls, meeting_rolls.c.member_id == members.c.id)
            .where(meeting_rolls.c.meeting_id == meeting_id)
        )
    else:
        query = select(members.c.id, members.c.name, members.c.member_class, members.c.status)
    return tuple(
        RollLine(member_id=row.id, name=row.name, member_class=row.member_class, status=row.status)
        for row in reader.execute(query.order_by(members.c.id))
    )


def freeze_roll(writer: Connection, meeting_id: int) -> None:
    """Keep the roster of this moment as the meeting's roll."""
    everybody = select(literal(meeting_id), members.c.id, members.c.member_class, members.c.status)
    columns = ("meeting_id", "member_id", "member_class", "status")
    writer.execute(insert(meeting_rolls).from_select(columns, everybody))


def figures_of(rules_version: str, roll: tuple[RollLine, ...], standing: Standing) -> Figures:
    """Count a roll by the rules of its meeting."""
    counted = (Counted(line.member_class, line.status, standing.state_of(line.member_id, line.status)) for line in roll)
    return figures(rule_set(rules_version), counted, visitors=len(standing.visitors()))
