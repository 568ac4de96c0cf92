"""Lists that are not signed, by too few, or by somebody whose business they are not."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lists_world.appliances import Appliance, BadDay
from lists_world.forgery import Forgery, stranger
from lists_world.town import CHI_BO, Town
from tuf.api.metadata import DelegatedRole, Targets

from appliance.errors import ListNotSigned, ListRefused
from appliance.lists.publication import ChiBo
from appliance.lists.sealed_set import PartKind
from appliance.lists.sources.source import Source

ROLES = ["root", "timestamp", "snapshot", "targets", "central", "province-01"]
Carried = Callable[[Path], Source]


def forge_and_chain(forgery: Forgery, role: str, **how: object) -> None:
    """Publish it so that the client comes to it: what leads to it is signed well."""
    forgery.change(role, **how)
    if role != "timestamp":
        forgery.chain(*{role} - {"root", "snapshot"})


@pytest.mark.parametrize("role", ROLES)
def test_unsigned_metadata_is_refused(
    bad_day: BadDay, town: Town, forgery: Forgery, carried: Carried, role: str
) -> None:
    forge_and_chain(forgery, role, by=())
    bad_day.refuses(ListNotSigned, carried(forgery.public), at=town.now)
    bad_day.ends_with(town)


@pytest.mark.parametrize("role", ROLES)
def test_metadata_signed_by_a_stranger_is_refused(bad_day: BadDay, town: Town, forgery: Forgery, role: str) -> None:
    forge_and_chain(forgery, role, by=(stranger(), stranger()))
    bad_day.refuses(ListNotSigned, Source.stick(forgery.public), at=town.now)
    bad_day.ends_with(town)


@pytest.mark.parametrize(
    ("role", "other"), [("central", "timestamp"), ("province-01", "province-02"), ("targets", "central")]
)
def test_metadata_signed_with_the_key_of_another_role_is_refused(
    bad_day: BadDay, town: Town, forgery: Forgery, role: str, other: str
) -> None:
    forge_and_chain(forgery, role, by=town.signers_of(other))
    bad_day.refuses(ListNotSigned, Source.stick(forgery.public), at=town.now)


def test_the_metadata_of_one_role_under_the_name_of_another_is_refused(
    bad_day: BadDay, town: Town, forgery: Forgery
) -> None:
    """Both are targets metadata, and well signed: by whom they are named they must be signed."""
    place = forgery.change("province-01")
    place.write_bytes(forgery.change("province-02").read_bytes())
    forgery.chain("province-01")
    bad_day.refuses(ListNotSigned, Source.stick(forgery.public), at=town.now)


def test_one_key_that_signs_twice_does_not_make_a_threshold(bad_day: BadDay, town: Town, forgery: Forgery) -> None:
    one = town.signers_of("root")[0]
    path = forgery.change("root", by=(one,))
    twice = path.read_bytes().replace(b'"signatures": [', b'"signatures": [', 1)
    signature = twice[
        twice.index(b"{", twice.index(b'"signatures"')) : twice.index(b"}", twice.index(b'"signatures"')) + 1
    ]
    path.write_bytes(twice.replace(signature, signature + b"," + signature, 1))
    bad_day.refuses(ListRefused, Source.stick(forgery.public), at=town.now)
    bad_day.ends_with(town)


# --- what is not their business --------------------------------------------------------------------------------------


def test_central_signs_no_roster(fresh: Appliance, town: Town, forgery: Forgery) -> None:
    """Were it taken, whoever has central's key could make members of a chi bộ."""
    forgery.change("province-01", lambda signed: signed.targets.clear())
    forgery.chain("province-01")
    forgery.with_target("central", CHI_BO.roster, b"a roster of strangers")
    taken = fresh.take(forgery.public, at=town.now).taken.after
    assert CHI_BO.roster not in taken.targets
    assert not taken.holds(PartKind.ROSTER)


@pytest.mark.parametrize("path", ["rosters/02/phuong-mau-3.age", "trust/issuers.zip", "rules/2027-1.json"])
def test_a_province_signs_nothing_but_its_rosters(
    appliance: Appliance, town: Town, forgery: Forgery, path: str
) -> None:
    before = appliance.sealed
    forgery.with_target("province-01", path, b"from province 01")
    after = appliance.take(forgery.public, at=town.now).taken.after
    assert after.targets == before.targets
    assert after.content == before.content


def test_a_province_signs_no_roster_of_another_ones_chi_bo(town: Town, forgery: Forgery, tmp_path: Path) -> None:
    theirs = ChiBo("02", "phuong-mau-9")
    forgery.with_target("province-01", theirs.roster, b"a roster of strangers")
    appliance = Appliance(Appliance.pinned(tmp_path / "theirs", town.first_root).folder, theirs)
    assert theirs.roster not in appliance.take(forgery.public, at=town.now).taken.after.targets


def test_a_roster_beside_the_delegations_is_refused(bad_day: BadDay, town: Town, forgery: Forgery) -> None:
    """Top-level targets delegate and name no list themselves; here they do, and take the province's role away."""
    target = forgery.target(CHI_BO.roster, b"a roster of strangers")

    def edit(targets: Targets) -> None:
        targets.targets[CHI_BO.roster] = target
        assert targets.delegations is not None
        assert targets.delegations.roles is not None
        del targets.delegations.roles["province-01"]

    forgery.change_and_chain("targets", edit)
    bad_day.refuses(ListRefused, Source.stick(forgery.public), at=town.now)
    bad_day.ends_with(town)


def put_first(signed: Targets, role: DelegatedRole) -> None:
    assert signed.delegations is not None
    others = {name: other for name, other in (signed.delegations.roles or {}).items() if name != role.name}
    signed.delegations.roles = {role.name: role} | others


def test_a_province_whose_pattern_matches_everything_gets_no_list_of_centrals(
    bad_day: BadDay, town: Town, forgery: Forgery
) -> None:
    """A slip of the desk: province 02 comes first and may sign everything. Its issuers are not taken for central's."""
    keyids = [signer.public_key.keyid for signer in town.signers_of("province-02")]
    role = DelegatedRole("province-02", keyids, 1, terminating=False, paths=["*", "*/*", "*/*/*"])
    forgery.change_and_chain("targets", lambda signed: put_first(signed, role))
    assert bad_day.appliance.take(forgery.public, at=town.now).taken.after.content == bad_day.appliance.sealed.content
    bad_day = BadDay.begins(bad_day.appliance)
    forgery.with_target("province-02", "trust/issuers.zip", b"whom province 02 believes")
    bad_day.refuses(ListRefused, Source.stick(forgery.public), at=town.now)


def test_a_role_that_takes_every_path_from_central_is_refused(bad_day: BadDay, town: Town, forgery: Forgery) -> None:
    """What an earlier publication left of central's metadata on the device must not be taken for today's."""
    keyids = [signer.public_key.keyid for signer in town.signers_of("province-02")]
    role = DelegatedRole("province-02", keyids, 1, terminating=True, paths=["*/*"])
    forgery.change_and_chain("targets", lambda signed: put_first(signed, role))
    forgery.with_target("province-02", "card-status/issuer.key", b"00" * 32)
    bad_day.refuses(ListRefused, Source.stick(forgery.public), at=town.now)
    bad_day.ends_with(town)


def test_delegations_in_a_circle_end(bad_day: BadDay, town: Town, forgery: Forgery) -> None:
    def edit(signed: Targets) -> None:
        top = forgery.newest("targets").signed.delegations
        signed.delegations = top

    forgery.change_and_chain("central", edit)
    bad_day.appliance.take(forgery.public, at=town.now)
    assert bad_day.appliance.sealed.targets
    BadDay.begins(bad_day.appliance).nothing_changed()
