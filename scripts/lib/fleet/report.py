"""What the month cost, by the reason of each visit, and whether all appliances ended alike."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from fleet.appliances import Ended, Seen
from fleet.month import Visit
from fleet.web_server import Cost

MOST_UNCHANGED = 5_000
"""Bytes, both ways, headers included."""
VisitKey = tuple[int, str, int]
"""Appliance, reason of the visit, day."""
_EXPECTED = {
    Visit.UNCHANGED: "unchanged",
    Visit.FIRST: "installed",
    Visit.CHANGED: "installed",
    Visit.RETURN: "installed",
    Visit.ROTATED: "renewed",
    Visit.STICK: "installed",
}
_HEAD = "look         times  requests  bytes down      up      most  CPU, ms   most"
_LOOKS_A_DAY = 4
"""Every six hours."""


@dataclass(frozen=True)
class Report:
    """``members`` is how many the last roster has."""

    visits: Mapping[VisitKey, Seen]
    costs: Mapping[VisitKey, Cost]
    ends: Sequence[Ended]
    members: int

    def __str__(self) -> str:
        head = (
            f"{'look':11}{'times':>7}{'requests':>10}{'bytes down':>12}{'up':>7}{'most':>10}{'CPU, ms':>9}{'most':>7}"
        )
        return "\n".join((head, *self._rows(), "", *self._sums()))

    def wrong(self) -> list[str]:
        """Return what must not be, in sentences."""
        return [*self._wrong_visits(), *self._wrong_ends()]

    def _of(self, visit: Visit) -> tuple[list[Seen], list[Cost]]:
        keys = [key for key in self.visits if key[1] == visit]
        return [self.visits[key] for key in keys], [self.costs[key] for key in keys if key in self.costs]

    def _rows(self) -> Iterator[str]:
        for visit in Visit:
            seen, costs = self._of(visit)
            if not seen:
                continue
            row = f"{visit:11}{len(seen):7}"
            if costs:
                down, up = fmean(one.sent for one in costs), fmean(one.received for one in costs)
                row += f"{fmean(one.requests for one in costs):10.1f}{down:12,.0f}{up:8,.0f}"
                row += f"{max(one.bytes for one in costs):10,}"
            else:
                row += " " * 40
            cpu = [1000 * one.cpu_s for one in seen]
            yield f"{row}{fmean(cpu):9.1f}{max(cpu):7.1f}"

    def _sums(self) -> Iterator[str]:
        mean = {visit: fmean(one.bytes for one in costs) for visit in Visit if (costs := self._of(visit)[1])}
        day = mean.get(Visit.CHANGED, 0) + (_LOOKS_A_DAY - 1) * mean.get(Visit.UNCHANGED, 0)
        requests = sum(one.requests for one in self.costs.values())
        yield f"an appliance's day: one changed look, {_LOOKS_A_DAY - 1} unchanged: {day:,.0f} bytes"
        yield f"the mirror: {requests:,} requests, {sum(one.bytes for one in self.costs.values()):,} bytes"
        yield f"to open the lists: at most {max(1000 * one.opened_s for one in self.ends):.0f} ms"
        yield f"memory of an appliance: at most {max(one.peak_kb for one in self.ends) // 1024} MB"
        kinds = Counter((one.content, one.versions) for one in self.ends)
        for (content, versions), count in kinds.most_common():
            told = ", ".join(f"{role} {version}" for role, version in versions)
            yield f"{count} appliances ended with {content[:16] or 'nothing'} ({told})"

    def _wrong_visits(self) -> Iterator[str]:
        for (number, visit, day), seen in self.visits.items():
            expected = _EXPECTED[Visit(visit)]
            if seen.outcome != expected:
                why = seen.failure or f"was {seen.outcome}, not {expected}"
                yield f"appliance {number}, day {day}, {visit}: {why}"
        most = max((one.bytes for one in self._of(Visit.UNCHANGED)[1]), default=0)
        if most > MOST_UNCHANGED:
            yield f"an unchanged look cost {most:,} bytes"

    def _wrong_ends(self) -> Iterator[str]:
        if len({(one.content, one.versions) for one in self.ends}) != 1:
            yield "the appliances did not end with the same lists"
        for number, one in enumerate(self.ends):
            if not one.is_whole:
                yield f"appliance {number}: its lists are not whole"
            if one.members != self.members:
                yield f"appliance {number} knows {one.members} members, not {self.members}"
