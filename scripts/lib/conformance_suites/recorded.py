"""Runs that a person made with files that are not here: their counts, with the version of what was run."""

import json
from collections import Counter
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from conformance_suites.results import Group, Suite

FILE = Path(__file__).with_name("recorded.json")


def load() -> list[Suite]:
    """Return what was recorded."""
    if not FILE.exists():
        return []
    return [
        Suite(title, kept["text"], [_group(group) for group in kept["groups"]])
        for title, kept in sorted(json.loads(FILE.read_text()).items())
    ]


def _group(kept: dict[str, Any]) -> Group:
    return Group(**kept | {"reported": Counter(kept["reported"])})


def record(suite: Suite, version: str) -> None:
    """Keep the counts of a run."""
    kept = json.loads(FILE.read_text()) if FILE.exists() else {}
    names = [field.name for field in fields(Group) if field.name != "failures"]
    groups = [{name: asdict(group)[name] for name in names} for group in suite.groups]
    kept[suite.title] = {"text": f"{suite.text}\n\nRun with {version}.", "groups": groups}
    FILE.write_text(json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
