"""Cut the power under the appliance's file system, at a thousand points of one recording.

The appliance takes attendance in an emulated machine, and every write and flush of its disk is recorded, with the
acknowledgements in between. Then the disk is rebuilt as it may be after a power cut at random points: what was flushed
is there, of what was not any part. After each the file system is recovered and the store opened: everything that was
acknowledged must be there, the ledger must verify, and the next entry must fit. The same is done with something left
out that must be missed; where nothing is, the run fails, because it would not have seen a loss either.
"""

import argparse
import logging
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[1])

from power_cut.controls import CONTROLS  # noqa: E402 – found by the line above
from power_cut.cutting import Cuts, Result, cut, undisturbed  # noqa: E402 – likewise
from power_cut.errors import Failed  # noqa: E402 – likewise
from power_cut.recording import Recording, record  # noqa: E402 – likewise
from power_cut.workload import Trial  # noqa: E402 – likewise

_TAPS = 160
_TAPS_OF_A_CONTROL = 20
_SHIPPED = "as shipped"


def trials(taps: int) -> list[Trial]:
    """Return what is recorded: the appliance as it is, and once without each thing that it must not do without."""
    controls = [Trial(f"without {name}", _TAPS_OF_A_CONTROL, page=False, without=name) for name in CONTROLS]
    return [Trial(_SHIPPED, taps), *controls]


def cuts_of(recording: Recording, points: int, points_of_a_control: int) -> list[Cuts]:
    """Return what is cut: each trial on an honest disk, and the appliance as it is on one that lies."""
    shipped, *controls = recording.trials
    disk = recording.disk(shipped)
    return [
        Cuts(shipped.name, disk, points),
        *(Cuts(trial.name, recording.disk(trial), points_of_a_control, must_lose=True) for trial in controls),
        Cuts("on a disk that lies", disk, points_of_a_control, disk="lying", must_lose=True),
    ]


def run(recording: Recording, all_cuts: Sequence[Cuts], seed: int, only: int | None) -> bool:
    """Cut the power as often as asked, say what came of it, and return whether it came as it must."""
    found = {}
    for trial in recording.trials:
        disk = recording.disk(trial)
        found[disk] = undisturbed(trial.name, disk)
        entries = disk.writes().entries
        writes = sum(1 for entry in entries if entry.count)
        print(f"{trial.name}: {writes} writes, {len(entries) - writes} flushes, {found[disk].entries} ledger entries")
    ok = True
    for cuts in all_cuts if only is None else all_cuts[:1]:
        began = time.monotonic()
        result = cut(cuts, found[cuts.recorded].history, seed, only)
        _tell(result, time.monotonic() - began)
        ok = ok and result.ok
    return ok


def _tell(result: Result, seconds: float) -> None:
    cuts, lost = result.cuts, sum(result.losses.values())
    why = "".join(f"; {loss}: {count}" for loss, count in result.losses.most_common())
    why += f"; {result.torn} took the second superblock" if result.torn else ""
    print(f"{cuts.name}: {len(result.each)} power cuts, {lost} cost something{why} ({seconds:.0f} s)", flush=True)
    if result.ok:
        return
    if cuts.must_lose:
        print(f"FAILED: {cuts.name}, something must be lost and nothing was: these cuts see nothing", file=sys.stderr)
    for one in [one for one in result.each if one.loss is not None][:5]:
        told = f"{one.acknowledged} acknowledgements"
        print(f"FAILED: cut {one.number}, after write {one.after}, {told}: {one.loss}: {one.sentence}", file=sys.stderr)


def main() -> int:
    options = _options()
    print(f"seed {options.seed}", flush=True)
    logging.disable(logging.WARNING)  # what stores say of the state that they are found in
    folder = options.recording or Path(tempfile.mkdtemp(prefix="thechip-power-"))
    keep = options.recording is not None or options.keep
    try:
        recording = Recording.open(folder) if options.recording else record(trials(options.taps), folder)
        print(f"recorded in {recording.seconds:.0f} s", flush=True)
        ok = run(recording, cuts_of(recording, options.points, options.controls), options.seed, options.only)
    except Failed as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    else:
        keep = keep or not ok
        if keep:
            again = f"scripts/cut-power {options.points} --recording {folder} --seed {options.seed}"
            print(f"To repeat one cut: {again} --only NUMBER", file=sys.stderr)
        return 0 if ok else 1
    finally:
        if not keep:
            shutil.rmtree(folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/cut-power", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("points", nargs="?", type=_count, default=1000, help="at how many points (1000)")
    parser.add_argument("--controls", type=_count, default=100, help="at how many points of each control (100)")
    parser.add_argument("--taps", type=_count, default=_TAPS, help=f"how many cards the station is shown ({_TAPS})")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="repeat an earlier run's points")
    parser.add_argument("--recording", type=Path, help="cut in a recording that was kept")
    parser.add_argument(
        "--keep", action="store_true", help="keep the recording; one in which something was lost is kept"
    )
    parser.add_argument("--only", type=int, help="repeat one cut of the appliance as shipped, by its number")
    return parser.parse_args()


def _count(text: str) -> int:
    """Return how many; nothing would be shown by none."""
    if not text.isdecimal() or not int(text):
        msg = f"{text!r} is not a number from 1 on"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
