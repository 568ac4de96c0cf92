"""The limbo cases that we make ourselves, run: the file itself is in no package registry."""

from functools import cache

from conformance_suites.limbo import count
from conformance_suites.limbo_cases import CASES
from conformance_suites.results import Group, Suite


@cache
def suite() -> Suite:
    """Make and run every case."""
    groups: dict[str, Group] = {}
    for case, (expected, run) in CASES.items():
        name = case.rpartition("::")[0]
        count(groups.setdefault(name, Group(name)), case, expected, run)
    return Suite("x509-limbo, made anew", _TEXT, list(groups.values()))


_TEXT = """\
Cases of [C2SP/x509-limbo](https://github.com/C2SP/x509-limbo) by name and expected result, each made anew with our own
keys and, where the case is not about that, by the profile of ICAO 9303-12. The file itself is in no package registry; a
run with it is below."""
