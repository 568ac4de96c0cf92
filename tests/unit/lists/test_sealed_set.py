"""``set.json``: read as it was written, and every damage noticed."""

import hashlib
import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lists_world.appliances import Appliance
from lists_world.town import Town

from appliance.errors import ListRefused
from appliance.lists.sealed_set import SET_FILE, Part, PartKind, SealedSet, current_set, part_hash


@pytest.fixture
def sealed(settled: Appliance) -> SealedSet:
    return settled.sealed


def test_a_set_is_read_as_it_was_written(sealed: SealedSet) -> None:
    assert SealedSet.decode(sealed.encode()) == sealed


def test_it_says_what_it_is_made_of(sealed: SealedSet, founded: Town) -> None:
    assert set(sealed.parts) == set(PartKind)
    assert sealed.versions == {
        "root": 1, "timestamp": 2, "snapshot": 2, "targets": 2, "central": 2, "province-01": 1,
    }  # fmt: skip
    assert sealed.source == "stick"
    assert sealed.issued == founded.now
    assert sealed.folder_name == "00000001"
    assert len(sealed.targets) == 6


def test_the_content_is_one_hash_over_all_lists_and_over_nothing_else(sealed: SealedSet) -> None:
    other = Part(PartKind.RULES, "0" * 64)
    assert replace(sealed, parts=dict(sealed.parts) | {PartKind.RULES: other}).content != sealed.content
    assert (
        replace(sealed, generation=9, source="https://lists.example.org/", versions={"timestamp": 9}).content
        == sealed.content
    )
    base = Part(PartKind.CARD_STATUS_BASE, "0" * 64)
    assert replace(sealed, parts=dict(sealed.parts) | {PartKind.CARD_STATUS_BASE: base}).content == sealed.content


def test_two_appliances_with_the_same_lists_show_the_same_content_however_they_came_to_them(
    appliance: Appliance, fresh: Appliance, town: Town
) -> None:
    for number in (4, 5, 6):
        town.next_day(cards=number)
        appliance.take(town.public, at=town.now)
    fresh.take(town.public, at=town.now)
    assert fresh.sealed.content == appliance.sealed.content
    assert fresh.sealed.generation != appliance.sealed.generation


def test_every_bit_counts(sealed: SealedSet) -> None:
    whole = sealed.encode()
    for position in range(len(whole)):
        for bit in (1, 32):
            damaged = whole[:position] + bytes([whole[position] ^ bit]) + whole[position + 1 :]
            try:
                assert SealedSet.decode(damaged) == sealed, position  # white space alone may differ
            except ListRefused:
                continue


def test_it_may_not_end_early(sealed: SealedSet) -> None:
    whole = sealed.encode()
    for length in range(len(whole) - 1):
        with pytest.raises(ListRefused):
            SealedSet.decode(whole[:length])


def sealed_anew(fields: dict[str, object]) -> bytes:
    """Whoever writes the file can make its hash as well; then it must still be nothing but refused."""
    fields.pop("sha256", None)
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
    return json.dumps(fields | {"sha256": digest}).encode()


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers()) | st.just({})


@given(st.data())
def test_whatever_the_fields_hold_it_is_a_set_or_refused(settled: Appliance, data: st.DataObject) -> None:
    fields = json.loads(settled.sealed.encode())
    fields[data.draw(st.sampled_from(sorted(fields)))] = data.draw(VALUES)
    with suppress(ListRefused):
        assert SealedSet.decode(sealed_anew(fields)).can_be_used


@given(
    st.binary(max_size=200)
    | st.recursive(VALUES, lambda inner: st.lists(inner, max_size=3)).map(json.dumps).map(str.encode)
)
def test_whatever_the_bytes_are_it_is_refused(encoded: bytes) -> None:
    with pytest.raises(ListRefused):
        SealedSet.decode(encoded)


def test_a_set_without_issuers_is_none(sealed: SealedSet) -> None:
    parts = {kind: part for kind, part in sealed.parts.items() if kind is not PartKind.TRUST}
    with pytest.raises(ListRefused):
        SealedSet.decode(replace(sealed, parts=parts).encode())


def test_before_the_first_there_is_none_and_a_link_that_leads_nowhere_is_damage(fresh: Appliance) -> None:
    assert current_set(fresh.folder) is None
    fresh.folder.current.symlink_to("sets/00000009")
    with pytest.raises(ListRefused, match="damaged or lost"):
        current_set(fresh.folder)


def test_what_cannot_be_read_is_refused_by_its_reason(appliance: Appliance) -> None:
    file = appliance.folder.current.resolve() / SET_FILE
    file.unlink()
    file.mkdir()
    with pytest.raises(ListRefused, match="Is a directory"):
        current_set(appliance.folder)


def test_a_part_is_known_by_its_files_in_whatever_order(tmp_path: Path) -> None:
    files = {"b": "2" * 64, "a": "1" * 64}
    assert part_hash(files) == part_hash(dict(reversed(files.items())))
    assert part_hash(files) == hashlib.sha256(f"{'1' * 64}  a\n{'2' * 64}  b\n".encode()).hexdigest()
