"""Provinces: what their desks sign, and what the central desk takes of it. A bundle is hostile input."""

import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuf.api.metadata import DelegatedRole, Delegations, Metadata, TargetFile, Targets

from appliance.errors import ApplianceError
from appliance.lists.roster_envelope import open_roster
from appliance.roster_sheet.table import FaultyRosterFile
from publisher.desk import Desk
from publisher.errors import BundleRejected, ClockSuspect, DeskError, ListRejected, PublicationInvalid, WrongUsage
from publisher.files import write_durably
from publisher.metadata import seal

from .conftest import DAY, NOW, SECRET, taken, versions

Edit = Callable[[Targets], object]
ROSTER = "rosters/01/phuong-mau-3.age"


def add_roster(province: Desk, roster_file: Path, chi_bo: str = "phuong-mau-3") -> pyrage.x25519.Identity:
    identity = pyrage.x25519.Identity.generate()
    recipient = str(identity.to_public())
    province.add_roster(roster_file, chi_bo=chi_bo, title="Chi bộ 3", recipients=[recipient])
    return identity


@pytest.fixture
def joined(filled: Desk, province: Desk, roster_file: Path) -> Desk:
    """A central desk that has published a province's first roster."""
    add_roster(province, roster_file)
    province.publish(at=NOW)
    filled.delegate("01", province.request, at=NOW)
    filled.accept(province.public, at=NOW)
    filled.publish(at=NOW)
    return filled


def forged(
    province: Desk,
    folder: Path,
    edit: Edit = lambda _: None,
    *,
    version: int = 2,
    at: datetime = NOW,
    days: int = 90,
    files: dict[str, bytes] | None = None,
) -> Path:
    """A bundle that the province's own key signed, with whatever a thief of it would write."""
    signed = Targets(version=version)
    for path, content in (files or {}).items():
        target = TargetFile.from_data(path, content, ["sha256"])
        signed.targets[path] = target
        write_durably(folder / "targets" / target.get_prefixed_paths()[0], content)
    edit(signed)
    metadata = Metadata(signed)
    (key,) = province.settings().province_keys.values()
    seal(metadata, [province.keyring.signer(key)], at=at, period=days * DAY)
    write_durably(folder / "metadata" / f"{version}.province-01.json", metadata.to_bytes())
    return folder


# --- at the province's desk -------------------------------------------------------------------------------------------


def test_a_roster_is_sealed_to_its_appliances_and_opens_with_their_key(province: Desk, roster_file: Path) -> None:
    identity = add_roster(province, roster_file)
    sealed = province.folder.staged.files()[ROSTER].read_bytes()
    opened = open_roster(sealed, str(identity), province="01", chi_bo="phuong-mau-3")
    assert [member.name for member in opened.document.members] == ["Đỗ Thị Thử", "Lê Văn Mẫu"]
    with pytest.raises(ApplianceError):
        open_roster(sealed, str(pyrage.x25519.Identity.generate()), province="01", chi_bo="phuong-mau-3")


def test_nothing_of_a_roster_lies_on_the_desk_in_the_clear(province: Desk, roster_file: Path) -> None:
    add_roster(province, roster_file)
    province.publish(at=NOW)
    for path in province.folder.path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert "Mẫu".encode() not in content
            assert b"012345678901" not in content


def test_a_member_keeps_the_identifier_from_one_publication_to_the_next(province: Desk, roster_file: Path) -> None:
    roster_file.write_text("họ tên,diện,số thẻ\nĐỗ Thị Thử,chính thức,012345678901\n")
    found = []
    for _ in range(2):
        identity = add_roster(province, roster_file)
        sealed = province.folder.staged.files()[ROSTER].read_bytes()
        opened = open_roster(sealed, str(identity), province="01", chi_bo="phuong-mau-3").document
        found.append((opened.members[0].id, opened.number_key))
    assert found[0][0] == found[1][0]
    assert found[0][1] != found[1][1]


def test_faults_of_a_rosters_table_are_handed_on_and_stage_nothing(province: Desk, roster_file: Path) -> None:
    roster_file.write_text("họ tên,diện\n,chính thức\n")
    with pytest.raises(FaultyRosterFile):
        add_roster(province, roster_file)
    assert province.folder.staged.files() == {}


@pytest.mark.parametrize(
    ("chi_bo", "recipients"),
    [("../x", None), ("Hoa", None), ("", None), ("x", []), ("x", ["age1nonsense"])],
)
def test_a_roster_that_no_appliance_could_take_is_refused(
    province: Desk, roster_file: Path, chi_bo: str, recipients: list[str] | None
) -> None:
    to = [str(pyrage.x25519.Identity.generate().to_public())] if recipients is None else recipients
    with pytest.raises(ListRejected):
        province.add_roster(roster_file, chi_bo=chi_bo, title="Chi bộ", recipients=to)


def test_a_bundle_is_signed_when_something_changed_or_is_due(province: Desk, roster_file: Path) -> None:
    assert province.publish(at=NOW).roles[0].why == "the first"
    assert province.publish(at=NOW + DAY).roles == ()
    add_roster(province, roster_file)
    done = province.publish(at=NOW + 2 * DAY)
    assert (done.versions, done.roles[0].why, done.targets[0].path) == (
        {"province-01": 2}, "its rosters changed", ROSTER,
    )  # fmt: skip
    assert province.publish(at=NOW + 62 * DAY).roles[0].why == "it expires in 30 days"
    province.rotate_province()
    assert province.publish(at=NOW + 63 * DAY).roles[0].why == "its keys changed"
    with pytest.raises(ClockSuspect):
        province.publish(at=NOW)


def test_a_roster_is_removed_again(province: Desk, roster_file: Path) -> None:
    add_roster(province, roster_file)
    province.publish(at=NOW)
    province.remove_roster("phuong-mau-3")
    assert province.publish(at=NOW + DAY).removed == (ROSTER,)
    with pytest.raises(ListRejected, match="no roster"):
        province.remove_roster("phuong-mau-3")


def test_a_tampered_public_folder_does_not_reach_the_next_bundle(province: Desk, roster_file: Path) -> None:
    add_roster(province, roster_file)
    province.publish(at=NOW)
    (province.public / "metadata" / "1.province-01.json").write_text("{}")
    add_roster(province, roster_file, "phuong-mau-4")
    assert len(province.publish(at=NOW + DAY).targets) == 1
    assert set(province.status(at=NOW + DAY).targets) == {ROSTER, "rosters/01/phuong-mau-4.age"}


def test_each_desk_refuses_what_is_for_the_other_to_do(desk: Desk, province: Desk, roster_file: Path) -> None:
    for impossible in (
        lambda: province.add_trust([roster_file], at=NOW),
        lambda: province.add_card_status(roster_file, at=NOW),
        lambda: province.add_rules(roster_file),
        lambda: province.rotate("timestamp", at=NOW),
        province.rotate_card_status,
        lambda: province.delegate("01", province.request, at=NOW),
        lambda: province.accept(province.public, at=NOW),
        province.sign,
        lambda: desk.add_roster(roster_file, chi_bo="x", title="x", recipients=["x"]),
        lambda: desk.remove_roster("x"),
        desk.rotate_province,
        lambda: desk.rotate("province-01", at=NOW),
    ):
        with pytest.raises(WrongUsage):
            impossible()


@pytest.mark.parametrize("code", ["", "..", "A1", "0" * 17, "1/2"])
def test_a_province_has_a_plain_code(tmp_path: Path, code: str) -> None:
    with pytest.raises(WrongUsage):
        Desk.found_province(tmp_path / "p", code, passphrases=SECRET)


def test_a_second_desk_in_the_same_folder_is_refused(province: Desk) -> None:
    with pytest.raises(DeskError, match="already"):
        Desk.found_province(province.folder.path, "01", passphrases=SECRET)


# --- delegation -------------------------------------------------------------------------------------------------------


def test_an_accepted_bundle_is_published_and_taken_by_a_client(joined: Desk) -> None:
    assert versions(taken(joined, at=NOW))["province-01"] == 1
    assert ROSTER in taken(joined, at=NOW).targets
    delegations = joined.folder.published().targets.signed.delegations
    assert delegations.roles["province-01"].paths == ["rosters/01/*"]
    assert delegations.roles["province-01"].terminating


def test_a_delegation_waits_for_the_first_bundle_and_holds_nothing_else_up(
    filled: Desk, province: Desk, cards: Callable[..., Path]
) -> None:
    filled.delegate("01", province.request, at=NOW)
    filled.add_card_status(cards(range(1003)), at=NOW + DAY)
    done = filled.publish(at=NOW + DAY)
    assert "2.targets.json waits for a bundle of province-01" in done.waiting[0]
    assert done.targets
    assert "province-01" not in versions(taken(filled, at=NOW + DAY))
    assert filled.status(at=NOW + DAY).pending == ("2.targets.json",)
    province.publish(at=NOW + DAY)
    filled.accept(province.public, at=NOW + DAY)
    assert filled.publish(at=NOW + DAY).waiting == ()
    assert versions(taken(filled, at=NOW + DAY))["province-01"] == 1
    assert filled.status(at=NOW + DAY).pending == ()


def test_a_revoked_province_has_no_roster_any_more_and_can_come_back_with_higher_versions(
    joined: Desk, province: Desk
) -> None:
    joined.revoke_delegation("01", at=NOW)
    joined.publish(at=NOW + DAY)
    assert ROSTER not in taken(joined, at=NOW + DAY).targets
    with pytest.raises(WrongUsage, match="not delegated"):
        joined.revoke_delegation("01", at=NOW)
    with pytest.raises(BundleRejected, match="delegated here"):
        joined.accept(province.public, at=NOW + DAY)
    joined.delegate("01", province.request, at=NOW + DAY)
    with pytest.raises(BundleRejected, match="does not follow version 1"):
        joined.accept(province.public, at=NOW + DAY)
    province.publish(at=NOW + 61 * DAY)
    joined.accept(province.public, at=NOW + 61 * DAY)
    joined.publish(at=NOW + 61 * DAY)
    assert versions(taken(joined, at=NOW + 61 * DAY))["province-01"] == 2


def test_another_key_of_a_province_takes_over_with_the_first_bundle_that_it_signs(joined: Desk, province: Desk) -> None:
    joined.delegate("01", province.rotate_province(), at=NOW + DAY)
    assert "waits for a bundle of province-01" in joined.publish(at=NOW + DAY).waiting[0]
    assert ROSTER in taken(joined, at=NOW + DAY).targets
    province.publish(at=NOW + DAY)
    joined.accept(province.public, at=NOW + DAY)
    assert joined.publish(at=NOW + DAY).waiting == ()
    assert versions(taken(joined, at=NOW + DAY))["province-01"] == 2


def request_with(province: Desk, change: Callable[[dict[str, Any]], object]) -> Path:
    content = json.loads(province.request.read_text())
    change(content)
    path = province.folder.path / "changed.json"
    path.write_text(json.dumps(content))
    return path


def test_a_request_with_the_key_of_another_role_is_refused(joined: Desk, province: Desk, tmp_path: Path) -> None:
    other = Desk.found_province(tmp_path / "other", "02", passphrases=SECRET)
    central = joined.folder.published().targets.signed.delegations.roles["central"].keyids[0]
    (own,) = province.settings().province_keys
    (key,) = json.loads(other.request.read_text())["keys"].values()
    for keyid in (central, own, "x", own.upper()):
        path = request_with(other, lambda content, keyid=keyid: content.update(keys={keyid: key}))
        with pytest.raises(BundleRejected):
            joined.delegate("02", path, at=NOW)
    assert joined.status(at=NOW).pending == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.update(province="02"),
        lambda content: content.update(format="x"),
        lambda content: content.update(keys={}),
        lambda content: content.update(keys=[1]),
        lambda content: content.update(keys={"a" * 64: {"keytype": "ed25519"}}),
        lambda content: content.pop("keys"),
    ],
)
def test_a_request_that_is_none_of_this_province_is_refused(
    filled: Desk, province: Desk, change: Callable[[dict[str, Any]], object]
) -> None:
    with pytest.raises(BundleRejected):
        filled.delegate("01", request_with(province, change), at=NOW)


# --- hostile bundles --------------------------------------------------------------------------------------------------


def state_of(desk: Desk) -> set[str]:
    return {str(path) for path in desk.folder.path.rglob("*")}


def refuse(desk: Desk, bundle: Path, *, at: datetime = NOW) -> str:
    before = state_of(desk)
    with pytest.raises(BundleRejected) as refused:
        desk.accept(bundle, at=at)
    assert state_of(desk) == before
    return refused.value.sentence


def test_the_forger_of_these_tests_makes_a_bundle_that_is_accepted(
    joined: Desk, province: Desk, tmp_path: Path
) -> None:
    bundle = forged(province, tmp_path / "b", files={ROSTER: b"new", "rosters/01/x.age": b"x"})
    accepted = joined.accept(bundle, at=NOW)
    assert (accepted.version, accepted.rosters, accepted.new, accepted.removed) == (2, 2, 2, 0)
    joined.publish(at=NOW)
    assert taken(joined, at=NOW).targets[ROSTER] == 3


@pytest.mark.parametrize(
    "path",
    [
        "trust/issuers.zip",
        "card-status/base.list",
        "rules/2026.json",
        "rosters/02/phuong-mau-3.age",
        "rosters/01/../02/x.age",
        "rosters/01/x.zip",
        "rosters/01/a/b.age",
        "/etc/passwd",
        "rosters/01/..age",
    ],
)
def test_a_province_signs_rosters_of_its_own_and_nothing_else(
    joined: Desk, province: Desk, tmp_path: Path, path: str
) -> None:
    def name_it(signed: Targets) -> None:
        signed.targets[path] = TargetFile.from_data(path, b"x", ["sha256"])

    assert "no roster of province 01" in refuse(joined, forged(province, tmp_path / "b", name_it))


def test_province_a_cannot_sign_for_b(joined: Desk, province: Desk, roster_file: Path, tmp_path: Path) -> None:
    other = Desk.found_province(tmp_path / "b", "02", passphrases=SECRET)
    add_roster(other, roster_file)
    other.publish(at=NOW)
    joined.delegate("02", other.request, at=NOW)
    joined.accept(other.public, at=NOW)
    joined.publish(at=NOW)
    bundle = tmp_path / "forged"
    shutil.copytree(other.public, bundle)
    metadata = Metadata.from_file(str(bundle / "metadata" / "1.province-02.json"))
    metadata.signed.version = 2
    (key,) = province.settings().province_keys.values()
    seal(metadata, [province.keyring.signer(key)], at=NOW, period=30 * DAY)
    write_durably(bundle / "metadata" / "2.province-02.json", metadata.to_bytes())
    assert "is not signed with the key" in refuse(joined, bundle)


@pytest.mark.parametrize("version", [1, 10_002, 999_999_999])
def test_versions_rise_by_steps_that_leave_room(joined: Desk, province: Desk, tmp_path: Path, version: int) -> None:
    assert "does not follow version 1" in refuse(joined, forged(province, tmp_path / "b", version=version))


def test_a_bundle_older_than_one_that_was_accepted_is_refused(joined: Desk, province: Desk, tmp_path: Path) -> None:
    joined.accept(forged(province, tmp_path / "b3", version=3), at=NOW)
    assert "accepted already" in refuse(joined, forged(province, tmp_path / "b2", version=2))


@pytest.mark.parametrize(("signed", "days"), [(NOW - 91 * DAY, 90), (NOW + 3 * DAY, 90), (NOW, 401)])
def test_impossible_times_are_refused(
    joined: Desk, province: Desk, tmp_path: Path, signed: datetime, days: int
) -> None:
    assert "expired" in refuse(joined, forged(province, tmp_path / "b", at=signed, days=days))


def with_delegation(signed: Targets) -> None:
    role = DelegatedRole("deeper", ["a"], 1, terminating=False, paths=["*"])
    signed.delegations = Delegations({}, {"deeper": role})


def with_length(length: int) -> Edit:
    def edit(signed: Targets) -> None:
        signed.targets[ROSTER] = TargetFile(length, {"sha256": "a" * 64}, ROSTER)

    return edit


def with_hashes(hashes: dict[str, str]) -> Edit:
    def edit(signed: Targets) -> None:
        signed.targets[ROSTER] = TargetFile(1, hashes, ROSTER)

    return edit


def with_many(signed: Targets) -> None:
    one = TargetFile(1, {"sha256": "a" * 64}, ROSTER)
    signed.targets.update({f"rosters/01/r{number}.age": one for number in range(20_001)})


@pytest.mark.parametrize(
    "edit",
    [
        with_delegation,
        with_length(1 << 40),
        with_hashes({"sha512": "a" * 128}),
        with_hashes({"sha256": "../../../etc/passwd"}),
        with_hashes({"sha256": "A" * 64}),
        with_hashes({"sha512": "a" * 128, "sha256": "a" * 64}),
        with_many,
    ],
)
def test_metadata_that_oversteps_is_refused(joined: Desk, province: Desk, tmp_path: Path, edit: Edit) -> None:
    refuse(joined, forged(province, tmp_path / "b", edit))


def roster_in(bundle: Path) -> Path:
    return next((bundle / "targets").rglob("*.age"))


def swap(path: Path) -> None:
    path.write_bytes(b"old")


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


def link_away(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("spoil", [swap, lengthen, link_away, pipe, folder_instead, Path.unlink])
def test_a_roster_that_is_not_what_was_signed_is_refused_and_nothing_is_kept(
    joined: Desk, province: Desk, tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    bundle = forged(province, tmp_path / "b", files={ROSTER: b"new"})
    spoil(roster_in(bundle))
    refuse(joined, bundle)


@pytest.mark.parametrize("spoil", [pipe, link_away, folder_instead])
def test_metadata_that_is_no_file_is_refused(
    joined: Desk, province: Desk, tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    bundle = forged(province, tmp_path / "b")
    spoil(bundle / "metadata" / "2.province-01.json")
    refuse(joined, bundle)


def test_a_name_that_does_not_fit_its_version_is_refused(joined: Desk, province: Desk, tmp_path: Path) -> None:
    bundle = forged(province, tmp_path / "b")
    (bundle / "metadata" / "2.province-01.json").rename(bundle / "metadata" / "7.province-01.json")
    assert "another version" in refuse(joined, bundle)


def test_a_folder_of_two_provinces_or_none_is_no_bundle(joined: Desk, province: Desk, tmp_path: Path) -> None:
    (tmp_path / "empty" / "metadata").mkdir(parents=True)
    refuse(joined, tmp_path / "empty")
    shutil.copy(joined.public / "metadata" / "2.central.json", tmp_path / "empty" / "metadata" / "9.central.json")
    refuse(joined, tmp_path / "empty")


NOISE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Path]:
    """A central desk with a delegated province, and a bundle of its; kept over many examples."""
    folder = tmp_path_factory.mktemp("settled")
    desk = Desk.found(folder / "desk", at=NOW, passphrases=SECRET)
    province = Desk.found_province(folder / "province", "01", passphrases=SECRET)
    province.publish(at=NOW)
    desk.delegate("01", province.request, at=NOW)
    return desk, province.public


@given(
    noise=NOISE, where=st.sampled_from(["", "signed", "signatures", "version", "targets", "sig", "keyid", "expires"])
)
def test_noise_in_metadata_is_refused_unless_it_means_what_was_signed(
    settled: tuple[Desk, Path], noise: Any, where: str
) -> None:
    desk, public = settled
    path = public / "metadata" / "1.province-01.json"
    genuine = path.read_bytes()
    content: Any = json.loads(genuine)
    if where == "":
        content = noise
    elif where in content:
        content[where] = noise
    elif where in {"sig", "keyid"}:
        content["signatures"][0][where] = noise
    else:
        content["signed"][where] = noise
    try:
        path.write_text(json.dumps(content))
        with suppress(BundleRejected):
            desk.accept(public, at=NOW)  # a missing version counts as 1, which is what was signed
            assert desk.folder.pending.bundle("province-01").signed_bytes == Metadata.from_bytes(genuine).signed_bytes
    finally:
        path.write_bytes(genuine)


def test_an_accepted_bundle_that_expires_before_it_is_published_waits(
    joined: Desk, province: Desk, tmp_path: Path
) -> None:
    joined.accept(forged(province, tmp_path / "b", days=5), at=NOW)
    assert "has expired" in joined.publish(at=NOW + 6 * DAY).waiting[0]


def test_a_provinces_bundle_that_ends_soon_is_told_at_every_publication(joined: Desk) -> None:
    remarks = joined.publish(at=NOW + 61 * DAY).remarks
    assert "province-01: it expires in 29 days; its desk must send a bundle" in remarks
    with pytest.raises(PublicationInvalid):
        taken(joined, at=NOW + 91 * DAY)
