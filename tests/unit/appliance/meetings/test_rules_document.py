"""A version of the rules as a published document."""

import json
from datetime import date, timedelta

import pytest

from appliance.errors import RulesRefused
from appliance.lists.rules_document import LONGEST_DOCUMENT, decode_rules, encode_rules
from appliance.rules import BUILT_IN, RuleSet
from appliance.storage.members import MemberStatus

STRICT = RuleSet(
    version="2026-2",
    late_after=timedelta(minutes=5),
    outside_ratio=frozenset({MemberStatus.EXEMPT, MemberStatus.AWAY}),
    line_percent=90,
    in_force_from=date(2026, 7, 1),
)
FIELDS = json.loads(encode_rules(STRICT))


def changed(**fields: object) -> bytes:
    return json.dumps(FIELDS | fields).encode()


@pytest.mark.parametrize("rules", [STRICT, BUILT_IN])
def test_what_is_encoded_is_decoded_again(rules):
    assert decode_rules(encode_rules(rules)) == rules


def test_the_document_says_what_the_manual_says():
    assert FIELDS == {
        "format": "thechip-rules-1",
        "version": "2026-2",
        "late_after_minutes": 5,
        "outside_ratio": ["away", "exempt"],
        "line_percent": 90,
        "in_force_from": "2026-07-01",
    }


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 40_000,
        b'{"a":' * 9_000,
        b'{"format": "thechip-rules-1", "format": "thechip-rules-1"}',
        b" " * (LONGEST_DOCUMENT + 1),
        changed(format="thechip-rules-2"),
        changed(version="../x"),
        changed(version=""),
        changed(version=7),
        changed(late_after_minutes=-1),
        changed(late_after_minutes=241),
        changed(late_after_minutes=True),
        changed(late_after_minutes=5.0),
        changed(late_after_minutes="5"),
        changed(outside_ratio="exempt"),
        changed(outside_ratio=["active"]),
        changed(outside_ratio=["exempt", "exempt"]),
        changed(outside_ratio=["invented"]),
        changed(outside_ratio=[["exempt"]]),
        changed(outside_ratio=[None]),
        changed(line_percent=0),
        changed(line_percent=100),
        changed(line_percent=10**4000),
        changed(in_force_from="2026-02-30"),
        changed(in_force_from="20260701"),
        changed(in_force_from="1999-12-31"),
        changed(in_force_from="2200-01-01"),
        changed(in_force_from="２０２６-07-01"),
        changed(in_force_from=20260701),
        changed(unknown=1),
        json.dumps({name: value for name, value in FIELDS.items() if name != "line_percent"}).encode(),
        b'{"line_percent": NaN}',
        b'{"line_percent": ' + b"9" * 50_000 + b"}",
    ],
    ids=lambda document: repr(document[:40]),
)
def test_anything_else_is_refused(document):
    with pytest.raises(RulesRefused):
        decode_rules(document)


def test_a_built_in_version_says_what_the_release_says():
    fields = json.loads(encode_rules(BUILT_IN))
    with pytest.raises(RulesRefused, match="new version"):
        decode_rules(json.dumps(fields | {"line_percent": 50}).encode())


def test_lateness_is_published_in_whole_minutes():
    with pytest.raises(RulesRefused, match="whole minutes"):
        encode_rules(RuleSet("x", timedelta(seconds=90), frozenset(), 85, date(2026, 7, 1)))
