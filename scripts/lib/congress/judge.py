"""The list against the script: to the last person."""

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from congress.arrivals import Mishap, Script
from congress.doors import Tapped
from congress.hand import How
from crowd import Crowd, person

from appliance.checkin.service import Decision
from appliance.minutes.attendance import AttendanceList, AttendanceService
from appliance.rules import AttendanceState
from appliance.services import Services

MOST_OWN_MS = 150.0
"""From the end of card traffic to the answer, for 99 of 100."""
_ASKED_AGAIN = {How.PULLED_EARLY, How.WRONG_SCAN}
_PRESENT = {AttendanceState.PRESENT, AttendanceState.LATE}


class ListIsWrong(Exception):
    """The list is not what the script says."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, for people."""

    lines: tuple[str, ...]
    own_p99_ms: float


def judge(crowd: Crowd, script: Script, tapped: Sequence[Tapped]) -> Verdict:
    """Compare list, ledger and every single answer with the script. Raises ``ListIsWrong``."""
    services = Services.open(crowd.config)
    try:
        meeting = services.meetings.current()
        if meeting is None:
            msg = "no meeting is open any more"
            raise ListIsWrong(msg)
        attendance = AttendanceService(services.database, services.ledger).attendance_of(meeting.id)
        _list_is_right(attendance, script)
        _answers_are_right(script, tapped)
        ledger = services.ledger.verify()
        if not ledger.ok:
            raise ListIsWrong(ledger.sentence)
        own = [one.result.own_ms for one in tapped if one.result.own_ms is not None]
        return Verdict(tuple(_said(script, tapped, own, attendance, ledger.entries)), _percentile(own, 99))
    finally:
        services.database.close()


def _list_is_right(attendance: AttendanceList, script: Script) -> None:
    numbers = {person(number).display_name: number for number in range(1, script.plan.members + 1)}
    on_list = Counter(numbers[row.name] for row in attendance.rows if row.state in _PRESENT)
    missing, strangers = script.present - on_list.keys(), on_list.keys() - script.present
    if missing or strangers or max(on_list.values(), default=0) > 1 or attendance.visitors:
        msg = f"{len(missing)} are missing, {len(strangers)} should not be there; {len(attendance.visitors)} visitors"
        raise ListIsWrong(msg)
    if attendance.refused != script.refused:
        msg = f"{attendance.refused} refusals are on record, and there were {script.refused}"
        raise ListIsWrong(msg)


def _answers_are_right(script: Script, tapped: Sequence[Tapped]) -> None:
    if len(tapped) != script.taps:
        msg = f"{len(tapped)} taps were answered of {script.taps}"
        raise ListIsWrong(msg)
    recorded: Counter[int] = Counter()
    for one in tapped:
        mishap, decision = script.mishaps.get(one.order.person), one.result.decision
        recorded[one.order.person] += decision in {Decision.PRESENT, Decision.PRESENT_LATE}
        if decision not in _allowed(mishap, one.order.how):
            msg = f"a card ({mishap or 'good'}, {one.order.how}) was answered with {decision}, {one.result.reason}"
            raise ListIsWrong(msg)
    if any(count != 1 for count in recorded.values() if count) or sum(recorded.values()) != len(script.present):
        msg = "somebody was told twice, or never, that they are on the list"
        raise ListIsWrong(msg)


def _allowed(mishap: Mishap | None, how: How) -> set[Decision]:
    if how in _ASKED_AGAIN:
        return {Decision.TRY_AGAIN}
    if mishap in {Mishap.EXPIRED, Mishap.REVOKED, Mishap.CLONE}:
        return {Decision.REFUSED}
    if mishap is Mishap.TWO_DOORS:
        return {Decision.PRESENT, Decision.PRESENT_LATE, Decision.ALREADY_PRESENT}
    return {Decision.PRESENT, Decision.PRESENT_LATE}


def _said(
    script: Script, tapped: Sequence[Tapped], own: Sequence[float], attendance: AttendanceList, entries: int
) -> list[str]:
    mishaps = Counter(mishap.value for mishap in script.mishaps.values())
    stood = [one.not_ready_s for one in tapped]
    return [
        f"{len(attendance.rows)} members, {len(script.present)} present, each once; {script.refused} refused",
        f"{len(script.mishaps)} mishaps: " + ", ".join(f"{count} {name}" for name, count in mishaps.most_common()),
        f"{len(tapped)} taps answered as they must be; {entries} ledger entries, chained and signed",
        f"own time, from the card's last answer to ours: median {statistics.median(own):.1f} ms, "
        f"99 of 100 within {_percentile(own, 99):.1f} ms, longest {max(own):.1f} ms",
        f"a person stood before a door that was not ready: median {statistics.median(stood):.2f} s, "
        f"99 of 100 within {_percentile(stood, 99):.2f} s",
    ]


def _percentile(values: Sequence[float], hundredth: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[hundredth - 1]
