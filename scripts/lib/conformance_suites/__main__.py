"""``scripts/conformance``: run the suites, write or compare docs/conformance.md."""

import argparse
import difflib
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[1])

from conformance_suites import limbo, recorded, wycheproof  # noqa: E402 – found by the line above
from conformance_suites.results import Suite  # noqa: E402 – likewise
from conformance_suites.suites import every_suite, fresh_page  # noqa: E402 – likewise

PAGE = Path(__file__).parents[3] / "docs" / "conformance.md"


def main() -> int:
    """Return 0 where everything passed, and the page is up to date if that was asked."""
    options = _options()
    if options.limbo or options.wycheproof:
        return _by_hand(options)
    failures = [f"{suite.title}: {failure}" for suite in every_suite() for failure in suite.failures]
    for failure in failures:
        print(failure, file=sys.stderr)
    page = fresh_page()
    if not options.check:
        PAGE.write_text(page)
        return bool(failures)
    checked_in = PAGE.read_text().splitlines()
    difference = list(difflib.unified_diff(checked_in, page.splitlines(), "checked in", "fresh", lineterm="", n=1))
    print(*difference, sep="\n", end="\n" if difference else "")
    return bool(failures or difference)


def _by_hand(options: argparse.Namespace) -> int:
    suites = []
    if options.limbo:
        suites.append(limbo.suite(options.limbo))
    if options.wycheproof:
        suites.append(wycheproof.brainpool_suite(options.wycheproof))
    for suite in suites:
        _print(suite)
        if options.record:
            recorded.record(suite, options.record)
    return any(suite.failures for suite in suites)


def _print(suite: Suite) -> None:
    for group in suite.groups:
        counts = f"{group.run} run, {group.passed} passed, {group.deviating} deviating, {group.excluded} excluded"
        print(f"{group.name}: {counts}")
    print(*suite.failures, sep="\n", end="\n" if suite.failures else "")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/conformance", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare the page with a fresh run, write nothing")
    parser.add_argument("--limbo", type=Path, metavar="FILE", help="run the cases of this limbo.json instead")
    parser.add_argument("--wycheproof", type=Path, metavar="FOLDER", help="run the brainpool files of testvectors_v1")
    parser.add_argument("--record", metavar="VERSION", help="keep the counts of such a run for the page")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
