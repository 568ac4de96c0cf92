"""Admission: who may enter an event that has no roll."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Self

from appliance.errors import PlanRefused, RuleViolation
from appliance.ledger.canonical_json import JsonValue
from appliance.lists.strict_json import StrictJson
from appliance.roster import Member
from appliance.storage.members import MemberClass
from verifier.sdk import Report

_MOST_WORDS: Final = 64
_JSON: Final = StrictJson("the rule of admission", PlanRefused)


@dataclass(frozen=True, slots=True)
class Admission:
    """A rule with at least one condition; RuleViolation for none, which would let in whoever has any card.

    The card must be of one of ``profiles`` and ``issuing_states`` (three letters as in the MRZ: ``VNM``), where they
    are given. Where ``classes`` or ``by_list`` are given, its holder must be a member of one of these classes, or be on
    the list of numbers that is kept for this event (``meetings.events``).
    """

    profiles: frozenset[str] = frozenset()
    issuing_states: frozenset[str] = frozenset()
    classes: frozenset[MemberClass] = frozenset()
    by_list: bool = False

    def __post_init__(self) -> None:
        if not (self.profiles or self.issuing_states or self.classes or self.by_list):
            msg = "a rule of admission needs a condition; without a rule every genuine card is admitted"
            raise RuleViolation(msg)

    def admits(self, report: Report, member: Member | None, *, is_listed: bool) -> bool:
        """Tell whether this rule lets in the holder of a card that passed; ``member`` is whose it is, if anybody's."""
        if self.profiles and report.profile not in self.profiles:
            return False
        issuing_state = None if report.holder is None else report.holder.issuing_state
        if self.issuing_states and issuing_state not in self.issuing_states:
            return False
        if not self.classes and not self.by_list:
            return True
        return (self.by_list and is_listed) or (member is not None and member.member_class in self.classes)

    def as_body(self) -> dict[str, JsonValue]:
        """Return the rule as plans and ledger bodies hold it."""
        return {
            "profiles": sorted(self.profiles),
            "issuing_states": sorted(self.issuing_states),
            "classes": sorted(member_class.value for member_class in self.classes),
            "by_list": self.by_list,
        }

    @classmethod
    def from_body(cls, body: Any) -> Self:
        """Read what ``as_body`` returned; PlanRefused for anything else."""
        found = _JSON.object(body)
        _JSON.require_fields(found, [item.name for item in fields(cls)])
        if not isinstance(found["by_list"], bool):
            _JSON.refuse("says neither yes nor no in 'by_list'")
        try:
            return cls(
                profiles=_texts(found, "profiles"),
                issuing_states=_texts(found, "issuing_states"),
                classes=_classes(found),
                by_list=found["by_list"],
            )
        except RuleViolation as error:
            raise PlanRefused(error.sentence) from error


def _texts(found: Mapping[str, Any], name: str) -> frozenset[str]:
    items = _JSON.items(found[name], name, most=_MOST_WORDS)
    return frozenset(_JSON.clean(item, name, longest=64) for item in items)


def _classes(found: Mapping[str, Any]) -> frozenset[MemberClass]:
    texts = _texts(found, "classes")
    known = {member_class.value: member_class for member_class in MemberClass}
    if not texts <= known.keys():
        _JSON.refuse(f"has none of {', '.join(known)} in 'classes'")
    return frozenset(known[text] for text in texts)
