"""A congress: invented people with chip cards arrive at the doors of one real station, and the list is checked.

The station is one process; each door's reader, scanner and chips are another, so that what is measured is the
station's. The script of arrivals follows from the seed, and the list must agree with it to the last person.
"""

import argparse
import os
import secrets
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[1])

from congress.arrivals import write_script  # noqa: E402 – found by the line above
from congress.doors import StationFailed, opened  # noqa: E402
from congress.judge import MOST_OWN_MS, ListIsWrong, judge  # noqa: E402
from congress.play import play  # noqa: E402
from crowd import Crowd  # noqa: E402

from appliance.firmware_host.simulator.chip_times import PRESETS  # noqa: E402
from appliance.firmware_host.simulator.link_model import LinkModel  # noqa: E402

_ABSENT_SHARE = 0.1
"""More members than come."""


def main() -> int:
    options = _options()
    at = datetime.now(UTC)
    script = write_script(
        people=options.people,
        doors=options.readers,
        minutes=options.minutes,
        bad_share=options.bad,
        absent=round(options.people * _ABSENT_SHARE),
        seed=options.seed,
    )
    print(f"seed {options.seed}; {os.cpu_count()} processors; speed {options.speed:g}", flush=True)
    with tempfile.TemporaryDirectory(prefix="thechip-congress-") as state:
        crowd = Crowd(Path(state), script.plan, seed=options.seed, at=at)
        crowd.found()
        link = LinkModel(chip=PRESETS[options.chip]) if options.chip else None
        began = time.monotonic()
        try:
            with opened(Path(state), script.plan, seed=options.seed, at=at, doors=options.readers, link=link) as doors:
                tapped = play(doors, script.doors, options.speed)
            verdict = judge(crowd, script, tapped)
        except (StationFailed, ListIsWrong) as error:
            print(f"FAILED: {error}", file=sys.stderr)
            return 1
    print(f"{options.people} people at {options.readers} readers in {time.monotonic() - began:.0f} s")
    print("\n".join(verdict.lines))
    if options.check and verdict.own_p99_ms > MOST_OWN_MS:
        print(f"FAILED: 99 of 100 must be within {MOST_OWN_MS:.0f} ms", file=sys.stderr)
        return 1
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/congress", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=1500, help="how many come (1500)")
    parser.add_argument("--readers", type=int, default=4, help="at how many doors (4)")
    parser.add_argument("--minutes", type=float, default=30, help="within how many minutes they arrive (30)")
    parser.add_argument("--bad", type=_share, default=0.03, help="how many have a bad tap (3%%)")
    parser.add_argument("--speed", type=float, default=1.0, help="how much faster than real time (1)")
    parser.add_argument("--chip", choices=sorted(PRESETS), help="let link and chips take their time, as this preset's")
    parser.add_argument("--check", action="store_true", help=f"fail where p99 of own time is over {MOST_OWN_MS:.0f} ms")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="repeat an earlier congress")
    return parser.parse_args()


def _share(text: str) -> float:
    share = float(text.removesuffix("%")) / 100 if text.endswith("%") else float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(text)
    return share


if __name__ == "__main__":
    sys.exit(main())
