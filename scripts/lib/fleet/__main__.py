"""A publisher, a mirror and a fleet of appliances: a base, a month of daily deltas, then other keys.

The publisher is this process, the mirror is nginx on loopback, every appliance is a process of its own with its own
state; the days are simulated. Some appliances look every day, some were away for weeks, some get a stick once a week,
some are set up in mid-month. In the end all must have the same lists, whole, and an unchanged look must have cost at
most 5,000 bytes.
"""

import argparse
import gc
import secrets
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[1])

from fleet.appliances import Appliance, Look, Seen, SetUp, appliances  # noqa: E402 – found by the line above
from fleet.month import START, Day, Month, Publisher, Visit, habit_of  # noqa: E402 – likewise
from fleet.report import Report, VisitKey  # noqa: E402 – likewise
from fleet.web_server import WebServer, serving  # noqa: E402 – likewise

from appliance.lists.identity import RosterIdentity  # noqa: E402 – likewise


def main() -> int:
    options = _options()
    print(f"{options.appliances} appliances, {options.days} days; seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="thechip-fleet-") as name:
        return _run(options, Path(name))


def _run(options: argparse.Namespace, folder: Path) -> int:
    month = Month(options.days)
    sizes = {"issuers": options.issuers, "cards": options.cards, "changes": options.changes}
    gc.freeze()  # what the appliances share with this process stays shared
    with appliances(options.appliances, folder / "states") as fleet:
        identity = RosterIdentity.load_or_create(folder / "chi-bo")
        publisher = Publisher(folder / "desks", month, identity.recipient, **sizes, seed=options.seed)
        for one in fleet:
            one.set_up(SetUp(START, publisher.desk.first_root, identity))
        with serving(publisher.desk.public, folder / "nginx") as server:
            round_ = _Round(fleet, month, publisher, server, folder, options.leave_behind)
            for day in month:
                round_.live(day)
        ends = [one.ended() for one in fleet]
    report = Report(round_.visits, server.costs(), ends, publisher.members)
    print(report)
    for what in report.wrong():
        print(f"FAILED: {what}")
    return 1 if report.wrong() else 0


@dataclass
class _Round:
    """Day by day: something is published, whoever wants to looks, and looks again."""

    fleet: Sequence[Appliance]
    month: Month
    publisher: Publisher
    server: WebServer
    folder: Path
    left_behind: int | None
    visits: dict[VisitKey, Seen] = field(default_factory=dict)

    def live(self, day: Day) -> None:
        self.publisher.publish(day)
        coming = {one: self.month.visit(habit_of(one.number), day) for one in self.fleet}
        if day.why is Visit.ROTATED:
            coming = {one: visit for one, visit in coming.items() if one.number != self.left_behind}
        self._all_look({one: visit for one, visit in coming.items() if visit}, day)
        again = {one: Visit.UNCHANGED for one, visit in coming.items() if visit and visit is not Visit.STICK}
        self._all_look(again, day)

    def _all_look(self, visits: Mapping[Appliance, Visit], day: Day) -> None:
        """Let all of them look at once, as no schedule would let them."""
        stick = None
        if Visit.STICK in visits.values():
            stick = self.publisher.desk.copy_to(self.folder / f"stick-{day.number}")
        for one, visit in visits.items():
            is_by_stick = visit is Visit.STICK
            mirror = "" if is_by_stick else self.server.for_visit(one.number, visit, day.number)
            one.look(Look(day.at, mirror, stick if is_by_stick else None))
        for one, visit in visits.items():
            self.visits[one.number, visit, day.number] = one.seen()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/fleet", description=__doc__)
    parser.add_argument("appliances", nargs="?", type=int, default=200, help="how many (200)")
    parser.add_argument("--days", type=int, default=30, help="how many daily deltas (30)")
    parser.add_argument("--issuers", type=int, default=50, help="issuers with a CRL each (50)")
    parser.add_argument("--cards", type=int, default=20_000, help="cards that the first list names (20000)")
    parser.add_argument("--changes", type=int, default=100, help="cards that change a day (100)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="repeat an earlier run")
    parser.add_argument("--leave-behind", type=int, help="an appliance that misses the last day: the run must fail")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
