"""Run seeded sessions of PACE, Chip Authentication and Active Authentication, and count what they met."""

import argparse
import secrets
import sys
from collections import Counter
from datetime import UTC, datetime

from verifier.sdk.errors import VerifierError
from verifier.sdk.testing.sessions import SeededSessions, SessionFailed, SessionKind

AT = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = {"pace": SessionKind.PACE, "ca": SessionKind.CHIP_AUTHENTICATION, "aa": SessionKind.ACTIVE_AUTHENTICATION}


def main() -> int:
    options = _options()
    sessions = SeededSessions(seed=options.seed, at=AT)
    print(f"seed {options.seed}, {options.count} sessions of each kind, from number {options.first}")
    failures = 0
    for name in options.kind or KINDS:
        failures += _run(sessions, name, range(options.first, options.first + options.count))
    print("all succeeded" if not failures else f"{failures} failed")
    return 1 if failures else 0


def _run(sessions: SeededSessions, name: str, numbers: range) -> int:
    kind = KINDS[name]
    variants, zeros = set(), Counter[str]()
    failures = with_zeros = 0
    for number in numbers:
        try:
            session = sessions.run(kind, number)
        except (SessionFailed, VerifierError) as error:
            failures += 1
            print(f"FAILED: {type(error).__name__}: {error}")
            print(f"  repeat: scripts/sessions 1 --seed {sessions.seed} --first {number} --kind {name}")
            continue
        variants.add(session.variant)
        zeros.update(session.leading_zeros)
        with_zeros += bool(session.leading_zeros)
    print(f"{kind}: {len(numbers) - failures} of {len(numbers)} succeeded, in {len(variants)} variants")
    print(f"  {with_zeros} of them with a leading zero byte, as seen in:")
    for what, count in sorted(zeros.items()):
        print(f"    {count:5d}  {what}")
    return failures


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/sessions", description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=1000, help="sessions of each kind (1000)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="repeat an earlier run")
    parser.add_argument("--first", type=int, default=0, help="number of the first session (0)")
    parser.add_argument("--kind", action="append", choices=KINDS, help="only this kind; may be given again")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
