"""Lists that are not signed by whom they must be, or signed by somebody whose they are not."""

import pytest
from lists_world.appliances import Appliance, BadDay
from lists_world.forgery import Forgery, stranger
from lists_world.town import AT, CHI_BO, DAY, Town
from tuf.api.metadata import DelegatedRole

from appliance.errors import ListNotSigned, ListRefused
from appliance.lists.history import Outcome
from appliance.lists.sources.source import Source

ROLES = ["timestamp", "snapshot", "targets", "central"]


def chain_to(forgery: Forgery, role: str) -> None:
    if role == "snapshot":
        forgery.chain()
    elif role != "timestamp":
        forgery.chain(role)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("signed_by", ["nobody", "a stranger", "central"])
def test_a_role_that_is_not_signed_by_its_own_key_is_refused(
    bad_day: BadDay, town: Town, forgery: Forgery, role: str, signed_by: str
) -> None:
    signers = {"nobody": (), "a stranger": (stranger(),), "central": town.signers_of("central")}[signed_by]
    if role == signed_by:
        signers = town.signers_of("province-01")
    forgery.change(role, by=signers)
    if role != "timestamp":
        forgery.change("snapshot", lambda snapshot: _lead(snapshot, forgery, role)) if role != "snapshot" else None
        version = forgery.newest("snapshot").signed.version
        forgery.change("timestamp", lambda timestamp: setattr(timestamp.snapshot_meta, "version", version))
    bad_day.refuses(ListNotSigned, Source.stick(forgery.public), at=town.now)
    bad_day.ends_with(town)


def _lead(snapshot: object, forgery: Forgery, role: str) -> None:
    snapshot.meta[f"{role}.json"].version = forgery.newest(role).signed.version  # type: ignore[attr-defined]


def test_a_root_that_one_of_three_signed_is_refused(bad_day: BadDay, town: Town, forgery: Forgery) -> None:
    forgery.change("root", by=town.signers_of("root")[:1])
    bad_day.refuses(ListNotSigned, Source.stick(forgery.public), at=town.now)
    bad_day.ends_with(town)


def test_a_root_that_only_its_own_new_keys_signed_is_refused(bad_day: BadDay, town: Town, forgery: Forgery) -> None:
    usurper = stranger()

    def usurp(root: object) -> None:
        for keyid in tuple(root.roles["root"].keyids):  # type: ignore[attr-defined]
            root.revoke_key(keyid, "root")  # type: ignore[attr-defined]
        root.add_key(usurper.public_key, "root")  # type: ignore[attr-defined]
        root.roles["root"].threshold = 1  # type: ignore[attr-defined]

    forgery.change("root", usurp, by=[usurper])
    bad_day.refuses(ListNotSigned, Source.stick(forgery.public), at=town.now)
    bad_day.ends_with(town)


def test_province_02_cannot_sign_the_roster_of_province_01(appliance: Appliance, town: Town, forgery: Forgery) -> None:
    before = appliance.sealed.targets[CHI_BO.roster]
    forgery.with_target("province-02", CHI_BO.roster, b"forged")
    synced = appliance.take(forgery.public, at=town.now)
    assert synced.taken.after.targets[CHI_BO.roster] == before


@pytest.mark.parametrize("path", ["trust/issuers.zip", "card-status/issuer.key", "rules/2027-1.json"])
def test_a_province_cannot_sign_what_is_centrals(appliance: Appliance, town: Town, forgery: Forgery, path: str) -> None:
    before = dict(appliance.sealed.targets)
    forgery.with_target("province-01", path, b"forged")
    synced = appliance.take(forgery.public, at=town.now)
    assert synced.outcome is Outcome.RENEWED
    assert dict(synced.taken.after.targets) == before


def test_central_cannot_sign_rosters(appliance: Appliance, town: Town, forgery: Forgery) -> None:
    before = appliance.sealed.targets[CHI_BO.roster]
    forgery.with_target("central", CHI_BO.roster, b"forged")
    assert appliance.take(forgery.public, at=town.now).taken.after.targets[CHI_BO.roster] == before


def test_a_province_that_delegates_to_another_key_gives_it_nothing_of_centrals(
    appliance: Appliance, town: Town, forgery: Forgery
) -> None:
    before = appliance.sealed.content

    def widen(targets: object) -> None:
        role: DelegatedRole = targets.delegations.roles["province-02"]  # type: ignore[attr-defined]
        role.paths = ["*", "*/*", "trust/*", "card-status/*"]

    forgery.change("targets", widen, by=town.signers_of("province-02"))
    forgery.chain("targets")
    with pytest.raises(ListNotSigned):
        appliance.take(forgery.public, at=town.now)
    assert appliance.sealed.content == before


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\x00" * 100, b"{" * 5000, b'{"signed": 1, "signatures": []}'])
@pytest.mark.parametrize("role", ["timestamp", "central"])
def test_metadata_that_is_none_is_refused(
    bad_day: BadDay, town: Town, forgery: Forgery, role: str, content: bytes
) -> None:
    path = forgery.change(role)
    if role == "central":
        forgery.chain("central")
    path.write_bytes(content)
    bad_day.refuses(ListRefused, Source.stick(forgery.public), at=town.now)
    bad_day.ends_with(town)


def test_three_roots_that_came_while_the_appliance_was_off_are_followed_one_by_one(
    appliance: Appliance, town: Town
) -> None:
    for _ in range(3):
        town.now += DAY
        town.desk.rotate("root", at=town.now, new_key=True)
        town.publish()
    town.desk.rotate("timestamp", at=town.now)  # its key is lost
    town.publish(days=1)
    town.next_day()
    synced = appliance.take(town.public, at=town.now)
    assert synced.outcome is Outcome.INSTALLED
    assert synced.taken.after.versions["root"] == 5
    assert town.now - AT > 3 * DAY


def test_a_root_that_is_missing_in_the_chain_leads_nowhere(bad_day: BadDay, town: Town) -> None:
    for _ in range(2):
        town.desk.rotate("root", at=town.now)
        town.publish()
    town.desk.rotate("timestamp", at=town.now)
    town.publish()  # signed with the old key, too
    town.publish()
    copy = town.carry_to(town.folder / "copy")
    (copy / "metadata" / "2.root.json").unlink()
    bad_day.refuses(ListNotSigned, Source.stick(copy), at=town.now)
    assert bad_day.appliance.take(town.public, at=town.now).taken.after.versions["root"] == 4
