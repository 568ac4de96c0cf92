"""A small congress: sixty people at two readers; ``scripts/congress`` lets fifteen hundred come to four."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "scripts" / "lib"))

from congress import judge as judging
from congress.arrivals import NOT_LET_IN, Arrival, Mishap, Script, write_script
from congress.doors import Doors, Tapped, opened
from congress.hand import How
from congress.play import play
from crowd import Crowd

SEED = 20261129


def script(people: int = 60, *, doors: int = 2, bad_share: float = 0.2, seed: int = SEED) -> Script:
    return write_script(people=people, doors=doors, minutes=1, bad_share=bad_share, absent=6, seed=seed)


@pytest.mark.timeout(600)
def test_the_list_is_right_to_the_last_person_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    written = script()
    at = datetime.now(UTC)
    crowd = Crowd(tmp_path, written.plan, seed=SEED, at=at)
    crowd.found()
    with opened(tmp_path, written.plan, seed=SEED, at=at, doors=2) as doors:
        tapped = play(doors, written.doors, speed=120)
    verdict = judging.judge(crowd, written, tapped)
    assert "each once" in verdict.lines[0]
    assert len(written.mishaps) == 12
    for wrong in (without_somebody(written), with_somebody_more(written), with_a_good_clone(written)):
        with pytest.raises(judging.ListIsWrong):
            judging.judge(crowd, wrong, tapped)
    with pytest.raises(judging.ListIsWrong, match="were answered"):
        judging.judge(crowd, written, tapped[1:])


def without_somebody(written: Script) -> Script:
    """Whoever came first at the first door was never expected."""
    first, *others = written.doors["1"]
    return replace(written, doors={**written.doors, "1": others}, mishaps=_without(written, first.person))


def with_somebody_more(written: Script) -> Script:
    """Somebody is expected who did not come."""
    missing = min(set(range(1, written.plan.members + 1)) - written.present - written.mishaps.keys())
    arrivals = [*written.doors["1"], Arrival(61.0, missing, (How.PROPERLY,))]
    return replace(written, doors={**written.doors, "1": arrivals})


def with_a_good_clone(written: Script) -> Script:
    """A clone should have been let in."""
    (clone, *_) = [person for person, mishap in written.mishaps.items() if mishap is Mishap.CLONE]
    return replace(written, mishaps=_without(written, clone))


def _without(written: Script, person: int) -> dict[int, Mishap]:
    return {number: mishap for number, mishap in written.mishaps.items() if number != person}


# --- the script -------------------------------------------------------------------------------------------------------


def test_a_script_follows_from_its_seed() -> None:
    assert script() == script() != script(seed=1)


def test_everybody_comes_once_or_to_two_doors_in_one_second() -> None:
    written = script(1500, doors=4, bad_share=0.03)
    at: dict[int, list[tuple[str, float]]] = {}
    for door, arrivals in written.doors.items():
        assert list(arrivals) == sorted(arrivals, key=lambda arrival: arrival.at_s)
        for arrival in arrivals:
            at.setdefault(arrival.person, []).append((door, arrival.at_s))
    assert len(at) == 1500
    for person, visits in at.items():
        twice = written.mishaps.get(person) is Mishap.TWO_DOORS
        assert len({door for door, _ in visits}) == len(visits) == 1 + twice
        assert max(when for _, when in visits) - min(when for _, when in visits) < 1.0


def test_three_of_a_hundred_have_a_bad_tap_of_every_kind() -> None:
    written = script(1500, doors=4, bad_share=0.03)
    assert len(written.mishaps) == 45
    assert set(written.mishaps.values()) == set(Mishap)
    assert len(written.present) == 1500 - written.refused
    assert written.refused == sum(mishap in NOT_LET_IN for mishap in written.mishaps.values()) > 0


def test_with_one_door_nobody_comes_to_two() -> None:
    assert Mishap.TWO_DOORS not in script(100, doors=1, bad_share=0.5).mishaps.values()


def test_a_station_that_is_gone_stops_every_door() -> None:
    class Gone(Doors):
        def __init__(self) -> None:
            self.tapped = 0

        def tap(self, name: str, order: object) -> Tapped:
            self.tapped += 1
            raise judging.ListIsWrong(name)

    gone = Gone()
    arrivals: Sequence[Arrival] = [Arrival(at_s / 100, 1, (How.PROPERLY,)) for at_s in range(50)]
    with pytest.raises(judging.ListIsWrong):
        play(gone, {"1": arrivals, "2": arrivals}, speed=1)
    assert gone.tapped < 10
