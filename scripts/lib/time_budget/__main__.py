"""A tap's time budget: what is air, what is line, what is chip, what is us.

Cards of two kinds are tapped at 106 and at 424 kbit/s on a real station over the genuine driver. The link takes virtual
time, by a model; what the station does is measured. Both are of one run, so that the share of ours means something.
"""

import argparse
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[1])

from time_budget.budget import Bar, NotABudget, bars  # noqa: E402 – found by the line above
from time_budget.chart import draw  # noqa: E402
from time_budget.table import budgets, own_parts  # noqa: E402

from appliance.firmware_host.simulator.chip_times import PRESETS  # noqa: E402
from appliance.firmware_host.simulator.link_model import LinkModel  # noqa: E402

MOST_OF_OURS = 0.10
CHARTS = Path(__file__).parents[3] / "docs" / "_static"
_FILES = {"fast chip 2020s": "time-budget-fast.svg", "old chip": "time-budget-old.svg"}


def main() -> int:
    options = _options()
    link = {name: LinkModel(options.latency / 1e3, chip=PRESETS[name]) for name in options.chip}
    try:
        measured = {name: list(bars(name, link[name], options.taps)) for name in options.chip}
    except NotABudget as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    everything = [bar for of_chip in measured.values() for bar in of_chip]
    print("\n".join([*budgets(everything), "", *own_parts(everything)]))
    if options.write:
        for name, of_chip in measured.items():
            title = f"A tap’s time, {name}"
            (CHARTS / _FILES[name]).write_text(draw(title, of_chip), encoding="utf-8")
    return _check(everything) if options.check else 0


def _check(measured: list[Bar]) -> int:
    too_much = [bar for bar in measured if bar.share > MOST_OF_OURS]
    for bar in too_much:
        message = f"ours is {bar.share:.1%} of {bar.kind.value} at {bar.rate} kbit/s, {bar.chip}"
        print(f"FAILED: {message}; it may be {MOST_OF_OURS:.0%}", file=sys.stderr)
    return 1 if too_much else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/time-budget", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--taps", type=int, default=40, help="how many of each kind at each rate (40)")
    parser.add_argument("--chip", action="append", choices=sorted(PRESETS), help="only this chip; may be repeated")
    parser.add_argument("--latency", type=float, default=1.0, help="the USB adapter's latency in ms (1)")
    parser.add_argument("--check", action="store_true", help=f"fail where ours is more than {MOST_OF_OURS:.0%}")
    parser.add_argument("--write", action="store_true", help="draw the charts of docs/time-budget.md anew")
    options = parser.parse_args()
    options.chip = options.chip or list(PRESETS)
    return options


if __name__ == "__main__":
    sys.exit(main())
