"""A version of the rules as a published document."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from appliance.errors import RulesRefused
from appliance.lists.rules_document import LONGEST_DOCUMENT, decode_rules, encode_rules
from appliance.rules import BUILT_IN, BUILT_INS, RuleSet, Timing, Window
from appliance.storage.meetings import MeetingKind
from appliance.storage.members import MemberStatus

STRICT = RuleSet(
    version="2026-2",
    late_after=timedelta(minutes=5),
    outside_ratio=frozenset({MemberStatus.EXEMPT, MemberStatus.AWAY}),
    line_percent=90,
    in_force_from=date(2026, 7, 1),
)
FIELDS = json.loads(encode_rules(STRICT))
WHOLE = replace(
    STRICT,
    version="2026-3",
    window=Window(timedelta(minutes=90), timedelta(hours=5)),
    by_kind={
        MeetingKind.CONGRESS: Timing(timedelta(0), Window(timedelta(0), timedelta(minutes=4_320))),
        MeetingKind.EVENT: Timing(timedelta(minutes=20)),
    },
    in_year=frozenset({MeetingKind.REGULAR}),
    excused_running=2,
    check_out_after=timedelta(minutes=30),
    event_retention=timedelta(days=7),
)
FIRST_BUILT_IN = b"""{
 "format": "thechip-rules-1",
 "version": "built-in-1",
 "late_after_minutes": 15,
 "outside_ratio": [
  "exempt",
  "special-duty"
 ],
 "line_percent": 85,
 "in_force_from": "2000-01-01"
}
"""
WHOLE_FIELDS = json.loads(encode_rules(WHOLE))


def changed(**fields: object) -> bytes:
    return json.dumps(FIELDS | fields).encode()


def changed_2(**fields: object) -> bytes:
    return json.dumps(WHOLE_FIELDS | fields).encode()


@pytest.mark.parametrize("rules", [STRICT, WHOLE, *BUILT_INS.values()], ids=lambda rules: rules.version)
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


def test_the_newer_document_says_what_the_manual_says():
    assert WHOLE_FIELDS == {
        "format": "thechip-rules-2",
        "version": "2026-3",
        "late_after_minutes": 5,
        "window": {"minutes_before": 90, "minutes_after": 300},
        "by_kind": {
            "congress": {"late_after_minutes": 0, "window": {"minutes_before": 0, "minutes_after": 4_320}},
            "event": {"late_after_minutes": 20, "window": None},
        },
        "outside_ratio": ["away", "exempt"],
        "line_percent": 90,
        "in_year": ["regular"],
        "excused_running": 2,
        "check_out_after_minutes": 30,
        "event_retention_days": 7,
        "in_force_from": "2026-07-01",
    }


def test_what_the_older_format_means_is_fixed_for_ever():
    rules = decode_rules(json.dumps(FIELDS).encode())
    assert (rules.window, rules.by_kind, rules.event_retention) == (None, {}, None)
    assert rules.in_year == {MeetingKind.REGULAR, MeetingKind.THEMATIC}
    assert (rules.excused_running, rules.check_out_after) == (3, timedelta(minutes=10))
    assert {rules.timing_of(kind) for kind in MeetingKind} == {Timing(timedelta(minutes=5))}


def test_rules_that_say_no_more_than_the_older_format_are_written_in_it():
    older = json.loads(encode_rules(decode_rules(json.dumps(FIELDS).encode())))
    newer = (
        WHOLE_FIELDS
        | FIELDS
        | {
            "format": "thechip-rules-2",
            "window": None,
            "by_kind": {},
            "in_year": ["thematic", "regular"],
            "excused_running": 3,
            "check_out_after_minutes": 10,
            "event_retention_days": None,
        }
    )
    assert json.loads(encode_rules(decode_rules(json.dumps(newer).encode()))) == older == FIELDS


def test_a_kind_has_its_own_timing_or_that_of_all():
    assert WHOLE.timing_of(MeetingKind.REGULAR) == Timing(WHOLE.late_after, WHOLE.window)
    assert WHOLE.timing_of(MeetingKind.EVENT) == Timing(timedelta(minutes=20), None)


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
        changed(window=None),
        changed_2(format="thechip-rules-1"),
        changed_2(format="thechip-rules-3"),
        changed_2(format=["thechip-rules-2"]),
        changed_2(window=7),
        changed_2(window={}),
        changed_2(window={"minutes_before": 1, "minutes_after": 4_321}),
        changed_2(window={"minutes_before": -1, "minutes_after": 1}),
        changed_2(window={"minutes_before": 1, "minutes_after": 1, "more": 1}),
        changed_2(by_kind=[]),
        changed_2(by_kind={"party": {"late_after_minutes": 0, "window": None}}),
        changed_2(by_kind={"event": None}),
        changed_2(by_kind={"event": {"late_after_minutes": 0}}),
        changed_2(by_kind={"event": {"late_after_minutes": 241, "window": None}}),
        changed_2(in_year="regular"),
        changed_2(in_year=["regular", "regular"]),
        changed_2(in_year=["party"]),
        changed_2(excused_running=0),
        changed_2(excused_running=None),
        changed_2(check_out_after_minutes=241),
        changed_2(event_retention_days=0),
        changed_2(event_retention_days=1.5),
        json.dumps({name: value for name, value in WHOLE_FIELDS.items() if name != "in_year"}).encode(),
        b'{"line_percent": NaN}',
        b'{"line_percent": ' + b"9" * 50_000 + b"}",
    ],
    ids=lambda document: repr(document[:40]),
)
def test_anything_else_is_refused(document):
    with pytest.raises(RulesRefused):
        decode_rules(document)


@pytest.mark.parametrize("version", BUILT_INS)
def test_a_built_in_version_says_what_the_release_says(version):
    fields = json.loads(encode_rules(BUILT_INS[version]))
    with pytest.raises(RulesRefused, match="new version"):
        decode_rules(json.dumps(fields | {"line_percent": 50}).encode())


@pytest.mark.parametrize(
    "details",
    [
        {"late_after": timedelta(seconds=90)},
        {"window": Window(timedelta(seconds=90), timedelta(0))},
        {"check_out_after": timedelta(seconds=90)},
        {"event_retention": timedelta(hours=36)},
    ],
)
def test_times_are_published_in_whole_minutes_and_retention_in_days(details):
    with pytest.raises(RulesRefused, match="whole minutes"):
        encode_rules(replace(WHOLE, **details))


def test_the_versions_that_were_built_in_mean_what_they_meant():
    first = BUILT_INS["built-in-1"]
    assert encode_rules(first) == FIRST_BUILT_IN
    assert {first.timing_of(kind) for kind in MeetingKind} == {Timing(timedelta(minutes=15))}
    assert BUILT_IN is BUILT_INS["built-in-2"]
