"""docs/conformance.md: the suites as Markdown."""

from collections.abc import Iterable

from conformance_suites.results import Group, Suite

_HEAD = """\
# Conformance

Other people's test suites, put to our functions. This page is made by `scripts/conformance`; a test compares it with a
fresh run, so it says what the code of this commit does.

- **run**: cases put to our code.
- **passed**: came out as the suite has it.
- **deviating**: came out otherwise, on purpose, for the reason given. A test holds them to it.
- **excluded**: not run, for the reason given. Nothing is skipped without one.

```sh
scripts/conformance                        # run everything, write this page
scripts/conformance --check                # run everything, compare
scripts/conformance --limbo FILE           # the cases of a limbo.json, see below
scripts/conformance --wycheproof FOLDER    # a checkout's testvectors_v1, see below
```
"""
_COLUMNS = "| {} | run | passed | deviating | excluded |\n| --- | ---: | ---: | ---: | ---: |\n"


def page(suites: Iterable[Suite], by_hand: Iterable[Suite]) -> str:
    """Return the whole page."""
    every, recorded = list(suites), list(by_hand)
    parts = [_HEAD, "## All together\n", _overview([*every, *recorded])]
    parts += [_section(suite) for suite in every]
    parts.append(_BY_HAND)
    parts += [_section(suite) for suite in recorded]
    return "\n".join(parts).rstrip() + "\n"


def _overview(suites: list[Suite]) -> str:
    lines = [_line(f"[{suite.title}](#{_anchor(suite.title)})", suite.total) for suite in suites]
    return _COLUMNS.format("suite") + "".join(lines)


def _section(suite: Suite) -> str:
    lines = "".join(_line(group.name, group) for group in suite.groups)
    parts = [f"## {suite.title}\n", f"{suite.text}\n", _COLUMNS.format("cases") + lines]
    parts += [_reasons("Deviating", [(group.name, group.notes) for group in suite.groups])]
    parts += [_reasons("Excluded", [(group.name, group.reasons) for group in suite.groups])]
    parts += [_reported(suite)]
    if suite.footnotes:
        parts.append(f"{suite.footnotes}\n")
    return "\n".join(part for part in parts if part)


def _line(name: str, counts: Group) -> str:
    return f"| {name} | {counts.run} | {counts.passed} | {counts.deviating} | {counts.excluded} |\n"


def _reasons(title: str, named: list[tuple[str, list[str]]]) -> str:
    """The same reason is said once, with all that it is for."""
    groups: dict[str, list[str]] = {}
    for name, reasons in named:
        for reason in reasons:
            groups.setdefault(reason, []).append(name)
    lines = "".join(f"- {', '.join(names)}: {reason}.\n" for reason, names in groups.items())
    return f"{title}:\n\n{lines}" if lines else ""


def _reported(suite: Suite) -> str:
    counts = sorted(suite.total.reported.items())
    return "".join(f"Accepted and reported as `{deviation}`: {count}.\n" for deviation, count in counts)


def _anchor(title: str) -> str:
    kept = "".join(character for character in title.lower() if character.isalnum() or character in " -")
    return kept.replace(" ", "-")


_BY_HAND = """\
## Run by hand

What no package registry carries is run by a person who has it, and the counts are written down with its version:
`scripts/conformance --limbo FILE --record "…"`.
"""
