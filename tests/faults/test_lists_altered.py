"""Files that are not the ones that were signed: swapped, cut off, longer, endless; on a stick and behind a server."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from lists_world.appliances import Appliance, BadDay
from lists_world.forgery import Forgery
from lists_world.mirrors import Mirror, endless, says
from lists_world.town import Town
from tuf.api.metadata import MetaFile

from appliance.errors import ListAltered, ListRefused, ListRolledBack, SourceIncomplete, SourceUnreachable
from appliance.lists.catalogue import CARD_STATUS_DELTA, CRLS, ISSUERS
from appliance.lists.sources.source import Source

Carried = Callable[[Path], Source]
TWENTY_MEGABYTES = 20 << 20


@pytest.fixture
def public(town: Town, make_forgery: Callable[[], Forgery]) -> Path:
    """The next day's publication, with new issuers, card status and rules."""
    town.add_rules("2027-1")
    town.next_day()
    return make_forgery().public


@pytest.fixture
def served(public: Path, town: Town) -> Forgery:
    return Forgery(public, town)


@pytest.mark.parametrize(
    "alter",
    [
        lambda content: bytes([content[0] ^ 1]) + content[1:],
        lambda content: content[:-1],
        lambda content: content + b"\n",
        lambda _: b"",
    ],
    ids=["another", "cut off", "longer", "empty"],
)
def test_a_list_that_is_not_the_signed_one_is_refused(
    bad_day: BadDay, town: Town, served: Forgery, carried: Carried, alter: Callable[[bytes], bytes]
) -> None:
    for path in (CARD_STATUS_DELTA, "rules/2027-1.json"):
        file = served.published(path)
        signed = file.read_bytes()
        file.write_bytes(alter(signed))
        bad_day.refuses(ListAltered, carried(served.public), at=town.now)
        file.write_bytes(signed)
    bad_day.ends_with(town)


def test_two_lists_that_changed_places_are_refused(fresh: Appliance, town: Town, served: Forgery) -> None:
    issuers, crls = served.published(ISSUERS), served.published(CRLS)
    spare = issuers.with_name("spare")
    issuers.rename(spare)
    crls.rename(issuers)
    spare.rename(crls)
    with pytest.raises(ListAltered):
        fresh.take(served.public, at=town.now)
    assert not fresh.folder.current.exists()
    fresh.take(town.public, at=town.now)


def test_a_list_that_is_missing_is_told_as_such(bad_day: BadDay, town: Town, served: Forgery, carried: Carried) -> None:
    served.published("rules/2027-1.json").unlink()
    bad_day.refuses(SourceIncomplete, carried(served.public), at=town.now)
    bad_day.ends_with(town)


# --- metadata --------------------------------------------------------------------------------------------------------


def test_twenty_megabytes_of_timestamp_are_not_read(
    bad_day: BadDay, town: Town, public: Path, carried: Carried
) -> None:
    with (public / "metadata" / "timestamp.json").open("r+b") as file:
        file.truncate(TWENTY_MEGABYTES)
    came: list[int] = []
    bad_day.refuses(ListAltered, carried(public), at=town.now, progress=lambda _, received: came.append(received))
    assert max(came) < 200_000
    bad_day.ends_with(town)


NO_METADATA = {
    "empty": b"",
    "an empty object": b"{}",
    "deep": b"[" * 15_000,
    "hollow": b'{"signatures": [], "signed": null}',
    "no text": b"\xff\xfe" * 100,
    "a login page": b"<html>Log in</html>",
}


@pytest.mark.parametrize("name", ["timestamp.json", "3.snapshot.json", "3.central.json"])
@pytest.mark.parametrize("content", NO_METADATA.values(), ids=NO_METADATA.keys())
def test_what_is_no_metadata_is_refused(bad_day: BadDay, town: Town, public: Path, name: str, content: bytes) -> None:
    (public / "metadata" / name).write_bytes(content)
    kind = ListRefused if name == "timestamp.json" else ListAltered
    bad_day.refuses(kind, Source.stick(public), at=town.now)


@pytest.mark.parametrize("content", NO_METADATA.values(), ids=NO_METADATA.keys())
def test_what_is_no_metadata_is_refused_even_where_no_hash_was_signed(
    bad_day: BadDay, town: Town, forgery: Forgery, content: bytes
) -> None:
    version = forgery.newest("central").signed.version + 1
    bare = MetaFile(version)
    forgery.change("snapshot", lambda snapshot: snapshot.meta.update({"central.json": bare}))
    forgery.chain()
    (forgery.public / "metadata" / f"{version}.central.json").write_bytes(content)
    bad_day.refuses(ListRefused, Source.stick(forgery.public), at=town.now)


def test_numbers_without_end_in_metadata_are_refused(bad_day: BadDay, town: Town, public: Path) -> None:
    timestamp = public / "metadata" / "timestamp.json"
    fields = json.loads(timestamp.read_bytes())
    for version in ("1e400", "9" * 5000, "-1", "true", '"7"', "null"):
        fields["signed"]["version"] = "VERSION"
        timestamp.write_text(json.dumps(fields).replace('"VERSION"', version))
        with pytest.raises(ListRefused):
            bad_day.appliance.take(public, at=town.now)
    bad_day.nothing_changed()
    bad_day.ends_with(town)


# --- data without end ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["metadata/timestamp.json", "metadata/*.central.json", "targets/rules/*"])
def test_a_mirror_that_sends_without_end_is_left(bad_day: BadDay, town: Town, public: Path, path: str) -> None:
    with Mirror(public, behaviours={path: endless()}) as mirror:
        bad_day.refuses(ListAltered, mirror.source, at=town.now)
    bad_day.ends_with(town)


def test_a_mirror_that_has_a_next_root_without_end_is_left(bad_day: BadDay, town: Town, public: Path) -> None:
    with Mirror(public, behaviours={"metadata/2.root.json": endless()}) as mirror:
        bad_day.refuses(ListAltered, mirror.source, at=town.now)
    bad_day.ends_with(town)


def test_a_mirror_with_the_same_root_for_every_number_is_left(bad_day: BadDay, town: Town, public: Path) -> None:
    behaviours = {"metadata/*.root.json": says(town.first_root)}
    with Mirror(public, behaviours=behaviours) as mirror:
        bad_day.refuses(ListRolledBack, mirror.source, at=town.now)
        assert len(mirror.asked) < 5
    bad_day.ends_with(town)


def test_the_next_source_is_asked_when_one_lies(bad_day: BadDay, town: Town, public: Path) -> None:
    with Mirror(public, behaviours={"metadata/timestamp.json": endless()}) as liar, Mirror(town.public) as honest:
        synced = bad_day.appliance.sync(liar.source, honest.source, at=town.now)
    assert synced.source == honest.source
    assert [(source, type(error)) for source, error in synced.failures] == [(liar.source, ListAltered)]


def test_what_is_forged_is_told_before_what_was_not_to_be_had(bad_day: BadDay, town: Town, public: Path) -> None:
    with Mirror(public) as gone:
        unreachable = gone.source
    (public / "metadata" / "timestamp.json").write_bytes(b"{}")
    with pytest.raises(ListRefused):
        bad_day.appliance.sync(unreachable, Source.stick(public), unreachable, at=town.now)
    with pytest.raises(SourceUnreachable):
        bad_day.appliance.sync(unreachable, unreachable, at=town.now)
    bad_day.nothing_changed()
