"""The page of reasons has every code that can come out, says of each what it means and what to do, and has no other."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

from verifier.cli.output import described
from verifier.pki.sources.deviation_list import DeviationKind
from verifier.sdk import CheckName, errors
from verifier.verification import checks, chip_rulings, clock
from verifier.verification.announced import PREFIX
from verifier.verification.ruling import Ruling
from verifier.verification.rulings import all_rulings
from verifier.verification.verify import PASSED_REASON

PAGE = (Path(__file__).parents[2] / "docs" / "reasons.md").read_text(encoding="utf-8")
ENTRY = re.compile(r"^`(?P<code>[a-z0-9-]+)` — (?P<said>[A-Za-z_, ]+)\n(?P<body>(?::.*\n)+)", re.MULTILINE)
ENTRIES = {found["code"]: found for found in ENTRY.finditer(PAGE)}
SECTIONS = dict(re.findall(r"^## `([a-z-]+)`.*?\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL))


def outcomes() -> dict[str, str]:
    """Return each reason of a report with its outcomes, as the page writes them."""
    found: dict[str, list[str]] = {PASSED_REASON: ["PASSED"]}
    for ruling in all_rulings():
        found.setdefault(ruling.reason, []).append(ruling.outcome.value)
    return {reason: ", ".join(dict.fromkeys(values)) for reason, values in found.items()}


def error_names() -> dict[str, str]:
    classes = [getattr(errors, name) for name in errors.__all__]
    return {error.reason: error.__name__ for error in classes} | {described(OSError())[0]: "OSError"}


def rulings_in_modules() -> Iterator[Ruling]:
    modules = [
        importlib.import_module(f"{checks.__name__}.{found.name}") for found in pkgutil.iter_modules(checks.__path__)
    ]
    for value in (value for module in (*modules, chip_rulings, clock) for value in vars(module).values()):
        members = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
        yield from (member for member in members if isinstance(member, Ruling))


def test_every_ruling_of_every_check_is_in_the_list_of_all() -> None:
    assert set(rulings_in_modules()) == set(all_rulings())


def test_the_page_has_every_code_with_its_outcomes_or_its_error_and_no_other() -> None:
    written = {code: entry["said"] for code, entry in ENTRIES.items()}
    assert written == outcomes() | error_names()


def test_no_code_is_explained_twice() -> None:
    codes = [found["code"] for found in ENTRY.finditer(PAGE)]
    assert sorted(codes) == sorted(set(codes))


def test_each_code_says_what_it_means_and_what_to_do() -> None:
    bodies = {code: entry["body"].splitlines() for code, entry in ENTRIES.items()}
    assert {code: body for code, body in bodies.items() if len(body) != 2} == {}
    assert [line for body in bodies.values() for line in body if not line.endswith(".")] == []


def test_each_reason_stands_under_its_check() -> None:
    assert list(SECTIONS) != []
    assert set(SECTIONS) == {check.value for check in CheckName}
    for ruling in set(all_rulings()) - set(clock.RULINGS):
        assert f"\n`{ruling.reason}` — " in SECTIONS[ruling.check.value], ruling.reason
    assert f"\n`{clock.REASON}` — " in PAGE.partition("\n## The clock\n")[2].partition("\n## ")[0]


def test_the_page_has_every_kind_of_announced_deviation() -> None:
    listed = re.findall(rf"^\| `({PREFIX}[a-z-]+)` \|", PAGE, re.MULTILINE)
    assert listed == [PREFIX + kind.value for kind in DeviationKind]
