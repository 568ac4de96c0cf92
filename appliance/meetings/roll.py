"""The roll of a meeting: who is expected, and the figures once the ledger has been asked.

Before a meeting closes the roll is the roster of the moment with the exemptions of the meeting's day, and whoever came
and has left the roster since: their being there stays on record. From the closing on it is what was frozen. An event
without a roll expects nobody: its roll is those members who came, or of whom one officer says so, after it as well.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

from sqlalchemy import Connection, and_, exists, func, insert, or_, select

from appliance.ledger import Bodies
from appliance.rules import Counted, Figures, RuleSet, figures
from appliance.standing.entries import member_subject
from appliance.standing.exemptions import Exemption
from appliance.standing.standing import Standing, standing_about
from appliance.storage.meetings import MeetingMode, meeting_rolls
from appliance.storage.members import MemberClass, MemberStatus, lines_of, members


@dataclass(frozen=True, slots=True)
class RollLine:
    """One member of a meeting's roll; ``status`` is that of the meeting's day."""

    member_id: int
    name: str = field(repr=False)
    member_class: MemberClass
    status: MemberStatus


def live_roll(
    reader: Connection, standing: Standing, exempt: Mapping[int, Exemption], mode: MeetingMode = MeetingMode.ROSTER
) -> tuple[RollLine, ...]:
    """Return who is expected now, in the roster's order, and whoever of those that left the roster is here.

    ``exempt`` is who is exempt on the meeting's day; for everybody else the roster's status counts.
    """
    came = standing.present_members() if mode is MeetingMode.ROSTER else named_by_an_event(standing)
    query = select(members.c.id, members.c.name, members.c.member_class, members.c.status, members.c.left_at)
    return tuple(
        RollLine(
            member_id=row.id,
            name=row.name,
            member_class=row.member_class,
            status=exempt[row.id].status if row.id in exempt else row.status,
        )
        for row in reader.execute(query.order_by(members.c.id))
        if (row.left_at is None and mode is MeetingMode.ROSTER) or row.id in came
    )


def frozen_roll(
    reader: Connection, meeting_id: int, standing: Standing, mode: MeetingMode = MeetingMode.ROSTER
) -> tuple[RollLine, ...]:
    """Return the roll of a closed meeting, in the roster's order; names are those of today.

    Whoever was added to an event without a roll after its closing has the class and the status of today.
    """
    later = named_by_an_event(standing) if mode is MeetingMode.NAMES else frozenset()
    line_of = and_(meeting_rolls.c.member_id == members.c.id, meeting_rolls.c.meeting_id == meeting_id)
    query = (
        select(
            members.c.id,
            members.c.name,
            func.coalesce(meeting_rolls.c.member_class, members.c.member_class).label("member_class"),
            func.coalesce(meeting_rolls.c.status, members.c.status).label("status"),
        )
        .outerjoin(meeting_rolls, line_of)
        .where(or_(meeting_rolls.c.member_id.is_not(None), members.c.id.in_(later)))
        .order_by(members.c.id)
    )
    return tuple(
        RollLine(member_id=row.id, name=row.name, member_class=row.member_class, status=row.status)
        for row in reader.execute(query)
    )


def named_by_an_event(standing: Standing) -> frozenset[int]:
    """Return the members who have a line at an event without a roll: they came, or one officer says so."""
    return standing.present_members() | standing.proposed_members()


def outside_roll(reader: Connection, roll: Iterable[RollLine], standing: Standing) -> tuple[RollLine, ...]:
    """Return the members who came and have no line in this roll: another appliance saw them, and they joined later."""
    outside = standing.present_members() - {line.member_id for line in roll}
    if not outside:
        return ()
    query = select(members.c.id, members.c.name, members.c.member_class, members.c.status)
    return tuple(
        RollLine(member_id=row.id, name=row.name, member_class=row.member_class, status=row.status)
        for row in reader.execute(query.where(members.c.id.in_(outside)).order_by(members.c.id))
    )


def line_of_meeting(reader: Connection, meeting_id: int, member_id: int, bodies: Bodies) -> int:
    """Return which line of a member a meeting means, where two became one: a closed one may know the other line only.

    It is the line that is present there, else the one on its frozen roll, else the one that stands for them now.
    """
    lines = lines_of(reader, member_id)
    if len(lines) == 1:
        return member_id
    present = (
        line for line in lines if standing_about(reader, meeting_id, member_subject(line), bodies).present_members()
    )
    on_roll = (line for line in lines if is_on_frozen_roll(reader, meeting_id, line))
    return next(chain(present, on_roll), lines[0])


def is_on_frozen_roll(reader: Connection, meeting_id: int, member_id: int) -> bool:
    """Tell whether a closed meeting expected a member."""
    line = (meeting_rolls.c.meeting_id == meeting_id) & (meeting_rolls.c.member_id == member_id)
    return bool(reader.scalar(select(exists().where(line))))


def freeze_roll(writer: Connection, meeting_id: int, roll: Iterable[RollLine]) -> None:
    """Keep this roll as the meeting's own."""
    rows = [
        {
            "meeting_id": meeting_id,
            "member_id": line.member_id,
            "member_class": line.member_class,
            "status": line.status,
        }
        for line in roll
    ]
    if rows:
        writer.execute(insert(meeting_rolls), rows)


def figures_of(
    rules: RuleSet, roll: Iterable[RollLine], standing: Standing, mode: MeetingMode = MeetingMode.ROSTER
) -> Figures:
    """Count a roll by the rules of its meeting, of an event that expects nobody whoever is here.

    Of whom one officer alone speaks is unconfirmed where they have a line, and so can be confirmed. A member who came
    and has no line is a visitor.
    """
    roll = tuple(roll)
    outside = standing.present_members() - {line.member_id for line in roll}
    are_expected = mode is MeetingMode.ROSTER
    counted = (Counted(line.member_class, line.status, standing.state_of(line.member_id, line.status)) for line in roll)
    return figures(
        rules,
        (line for line in counted if are_expected or line.state.is_here),
        visitors=len(standing.visitors()) + len(outside),
        guests=len(standing.guests),
        unconfirmed=sum(member_subject(line.member_id) in standing.proposals for line in roll),
        counted=standing.counted,
        are_expected=are_expected,
    )
