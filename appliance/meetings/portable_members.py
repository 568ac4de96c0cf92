"""Members of a meeting that two appliances hold: how one tells the other whom it means.

Numbers of members and hashes of their cards are an appliance's own. What is the same elsewhere is the line of a
published roster; where somebody is in none, their name, as long as nobody else on the roster has it, case and spacing
aside. Accents count: Lân and Lan are two people. Whoever cannot be told so is matched by an officer and never guessed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection, select

from appliance.ledger.canonical_json import JsonValue
from appliance.names import folded, spelled
from appliance.storage.members import lines_that_stayed, members

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class PortableMember:
    """Whom an appliance means: ``published_list`` (province/chi-bo) and ``published_id``, or a name alone."""

    name: str = field(repr=False)
    published_list: str | None = None
    published_id: str | None = field(default=None, repr=False)

    def as_body(self) -> dict[str, JsonValue]:
        """Return what travels."""
        return {"name": self.name, "published_list": self.published_list, "published_id": self.published_id}


def portable_members(reader: Connection) -> Mapping[int, PortableMember]:
    """Return everybody whom this appliance knows, also who left, by their number here; one query."""
    query = select(members.c.id, members.c.name, members.c.published_list, members.c.published_id)
    return {
        row.id: PortableMember(row.name, row.published_list, row.published_id)
        for row in reader.execute(query.order_by(members.c.id))
    }


def match_members(reader: Connection, others: Iterable[PortableMember]) -> Mapping[PortableMember, int]:
    """Return the lines here that another appliance's members fit; whoever cannot be told is not among them.

    A published line fits itself and nothing else, wherever this appliance has that list. Otherwise the name decides,
    if it is one person's here and one person's there. It may be a line that left for another one
    (``lines_that_stayed``); where both have the name, it is the one that stayed.
    """
    others = tuple(dict.fromkeys(others))
    ours = portable_members(reader)
    by_line = {(who.published_list, who.published_id): number for number, who in ours.items() if who.published_id}
    lists = {who.published_list for who in ours.values() if who.published_id}
    matched = {who: by_line[line] for who in others if (line := (who.published_list, who.published_id)) in by_line}
    taken = set(matched.values())
    stayed = lines_that_stayed(reader)
    here = _by_name((who, number) for number, who in ours.items() if number not in taken)
    there = _by_name((who, who) for who in others if who not in matched and who.published_list not in lists)
    for name, namesakes in there.items():
        if len(namesakes) == 1 and len({stayed.get(line, line) for line in here[name]}) == 1:
            matched[namesakes[0]] = min(here[name], key=lambda line: line in stayed)
    return matched


def alike(reader: Connection, other: PortableMember) -> Mapping[int, PortableMember]:
    """Return who here has the name of another appliance's member but for accents, strokes and case: for an officer."""
    name = folded(other.name)
    return {number: who for number, who in portable_members(reader).items() if folded(who.name) == name}


def _by_name(pairs: Iterable[tuple[PortableMember, _T]]) -> Mapping[str, list[_T]]:
    found: dict[str, list[_T]] = defaultdict(list)
    for who, one in pairs:
        found[spelled(who.name)].append(one)
    return found
