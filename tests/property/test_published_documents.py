"""Published rules and rosters: whatever the bytes are, our own errors and nothing else."""

import contextlib
import json
from dataclasses import replace
from datetime import date, timedelta

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import RosterRefused, RulesRefused
from appliance.lists.roster_document import PublishedMember, RosterDocument
from appliance.lists.roster_envelope import open_roster, seal_roster
from appliance.lists.rules_document import decode_rules, encode_rules
from appliance.rules import RuleSet, Timing, Window
from appliance.storage.meetings import MeetingKind
from appliance.storage.members import MemberClass, MemberStatus

OURS = pyrage.x25519.Identity.generate()
MEMBER = PublishedMember("DV-1", "Mẫu Thị Sen", MemberClass.OFFICIAL, MemberStatus.ACTIVE, "", bytes(32), "700001")
ROSTER = RosterDocument("01", "mau", "Chi bộ Mẫu", bytes(32), (MEMBER,))
RULES = RuleSet("2026-2", timedelta(minutes=5), frozenset({MemberStatus.AWAY}), 90, date(2026, 7, 1))
SEALED = seal_roster(ROSTER, [str(OURS.to_public())])

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
RULES_2 = replace(
    RULES,
    window=Window(timedelta(minutes=90), timedelta(hours=5)),
    by_kind={MeetingKind.EVENT: Timing(timedelta(minutes=20))},
    event_retention=timedelta(days=7),
)
RULES_FIELDS = tuple(json.loads(encode_rules(RULES_2)))
ROSTER_FIELDS = tuple(json.loads(ROSTER.encode()))
MEMBER_FIELDS = tuple(json.loads(ROSTER.encode())["members"][0])


def refused_or_read_again(document: bytes) -> None:
    try:
        rules = decode_rules(document)
    except RulesRefused:
        pass
    else:
        assert decode_rules(encode_rules(rules)) == rules
    try:
        roster = RosterDocument.decode(document)
    except RosterRefused:
        pass
    else:
        assert RosterDocument.decode(roster.encode()) == roster


def damaged(content: bytes, position: int, change: bytes) -> bytes:
    position %= len(content)
    return content[:position] + change + content[position + len(change) :]


@given(document=st.binary(max_size=200) | VALUES.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=200, deadline=None)
def test_no_bytes_raise_anything_else(document):
    refused_or_read_again(document)


@given(position=st.integers(0, 2000), change=st.binary(max_size=8), of_rules=st.sampled_from([None, RULES, RULES_2]))
@settings(max_examples=400, deadline=None)
def test_a_damaged_document_is_refused_or_means_something(position, change, of_rules):
    refused_or_read_again(damaged(encode_rules(of_rules) if of_rules else ROSTER.encode(), position, change))


@given(name=st.sampled_from(RULES_FIELDS), value=VALUES)
@settings(max_examples=200, deadline=None)
def test_any_value_in_any_field_of_rules(name, value):
    for rules in (RULES, RULES_2):
        refused_or_read_again(json.dumps(json.loads(encode_rules(rules)) | {name: value}).encode())


@given(name=st.sampled_from(ROSTER_FIELDS), in_member=st.sampled_from(MEMBER_FIELDS), value=VALUES)
@settings(max_examples=300, deadline=None)
def test_any_value_in_any_field_of_a_roster(name, in_member, value):
    fields = json.loads(ROSTER.encode())
    refused_or_read_again(json.dumps(fields | {name: value}).encode())
    refused_or_read_again(json.dumps(fields | {"members": [fields["members"][0] | {in_member: value}]}).encode())


@given(position=st.integers(0, len(SEALED) - 1), change=st.binary(min_size=1, max_size=40), cut=st.booleans())
@settings(max_examples=300, deadline=None)
def test_a_damaged_envelope_never_opens_as_something_else(position, change, cut):
    sealed = SEALED[:position] if cut else damaged(SEALED, position, change)
    with contextlib.suppress(RosterRefused):
        assert open_roster(sealed, str(OURS), province="01", chi_bo="mau").document == ROSTER


@given(plain=st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_whatever_is_sealed_to_us_is_no_roster(plain):
    sealed = pyrage.encrypt(plain, [OURS.to_public()])
    with pytest.raises(RosterRefused):
        open_roster(sealed, str(OURS), province="01", chi_bo="mau")
