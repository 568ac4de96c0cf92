"""Everything is signed as it must be, and still nobody could use it: a publisher's mistake, or a thief of some keys."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from lists_world.appliances import BadDay
from lists_world.forgery import Forgery
from lists_world.town import AT, DAY, Town

from appliance.errors import (
    ApplianceError,
    ListExpired,
    ListRefused,
    ListRolledBack,
    SourceIncomplete,
    StorageFull,
)
from appliance.lists.sources.source import Source
from verifier.sdk import CardStatusList
from verifier.sdk.publishing import build_card_status_list, make_card_status_delta
from verifier.sdk.testing import SyntheticPki

ISSUERS, BASE, DELTA, KEY = "trust/issuers.zip", "card-status/base.list", "card-status/delta", "card-status/issuer.key"


def zip_of(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return made.getvalue()


def bomb() -> bytes:
    """Two hundred megabytes of nothing, in two hundred kilobytes."""
    return zip_of(**{f"csca{number}_cer": bytes(20 << 20) for number in range(10)})


def nested_bomb() -> bytes:
    return zip_of(inner_zip=zip_of(inner_zip=bomb()))


def signer_alone() -> bytes:
    """A good certificate, and no root."""
    return zip_of(signer_cer=SyntheticPki(at=AT).issue_document_signer().certificate)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no archive",
        b"PK\x05\x06" + bytes(18),
        zip_of(readme_txt=b"nothing to believe"),
        zip_of(csca_cer=b"\x30\x82\xff\xff" + bytes(100)),
        signer_alone(),
        zip_of(**{"../../root_cer": b"0", "/etc/passwd": b"0"}),
        bomb(),
        nested_bomb(),
    ],
    ids=[
        "nothing",
        "no zip",
        "an empty zip",
        "no root",
        "a broken root",
        "a signer alone",
        "paths",
        "a bomb",
        "a nested bomb",
    ],
)
def test_issuers_that_nobody_could_use_are_refused_and_the_old_ones_stay(
    bad_day: BadDay, town: Town, forgery: Forgery, content: bytes
) -> None:
    forgery.with_target("central", ISSUERS, content)
    with memory_stays_below(120 << 20):
        error = bad_day.refuses(ListRefused, Source.stick(forgery.public), at=town.now)
    assert error.sentence.startswith("stick: the issuers cannot be used: there is no usable root certificate")
    assert str(bad_day.appliance.folder.path) not in error.sentence
    bad_day.ends_with(town)


@contextmanager
def memory_stays_below(most: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


# --- card status -----------------------------------------------------------------------------------------------------


def a_list(sequence: int, *, key: Ed25519PrivateKey, at: datetime = AT, days: int = 30) -> bytes:
    return build_card_status_list([], at, at + days * DAY, sequence, key)


@pytest.fixture
def key(town: Town) -> Ed25519PrivateKey:
    """The key of the card status list itself."""
    known = town.desk.settings().card_status_key
    assert known is not None
    return town.desk.keyring.private_key(known)


def without_delta(forgery: Forgery, base: bytes) -> None:
    forgery.change("central", lambda central: central.targets.pop(DELTA, None))
    forgery.with_target("central", BASE, base)


def test_a_card_status_list_of_an_older_number_is_refused(
    bad_day: BadDay, town: Town, make_forgery: Callable[[], Forgery], key: Ed25519PrivateKey
) -> None:
    for number in (2, 3):
        town.next_day(cards=number + 2)
    bad_day.appliance.take(town.public, at=town.now)
    bad_day = BadDay.begins(bad_day.appliance)
    for sequence in (1, 2, 3):  # the same number with another content is no newer list either
        forged = make_forgery()
        without_delta(forged, a_list(sequence, key=key))
        bad_day.refuses(ListRolledBack, Source.stick(forged.public), at=town.now)
    bad_day.ends_with(town)


def test_a_card_status_list_that_has_expired_is_refused(
    bad_day: BadDay, town: Town, forgery: Forgery, key: Ed25519PrivateKey
) -> None:
    without_delta(forgery, a_list(9, key=key, at=AT - 60 * DAY))
    bad_day.refuses(ListExpired, Source.stick(forgery.public), at=town.now)
    bad_day.ends_with(town)


def test_a_card_status_list_of_another_issuer_is_refused(bad_day: BadDay, town: Town, forgery: Forgery) -> None:
    without_delta(forgery, a_list(9, key=Ed25519PrivateKey.generate()))
    bad_day.refuses(ListRefused, Source.stick(forgery.public), at=town.now)
    bad_day.ends_with(town)


@pytest.mark.parametrize("content", [b"", b"no key", b"zz" * 32, b"00" * 31, bytes(70_000)])
def test_a_key_that_is_none_is_refused(bad_day: BadDay, town: Town, forgery: Forgery, content: bytes) -> None:
    forgery.with_target("central", KEY, content)
    bad_day.refuses(ListRefused, Source.stick(forgery.public), at=town.now)


def test_lists_without_the_key_of_the_card_status_list_are_refused(
    bad_day: BadDay, town: Town, forgery: Forgery
) -> None:
    forgery.change_and_chain("central", lambda central: central.targets.pop(KEY))
    bad_day.refuses(ListRefused, Source.stick(forgery.public), at=town.now)
    bad_day.ends_with(town)


def test_a_delta_for_another_base_is_refused(
    bad_day: BadDay, town: Town, forgery: Forgery, key: Ed25519PrivateKey, tmp_path: Path
) -> None:
    other = tmp_path / "other.list"
    other.write_bytes(a_list(1, key=key, at=AT - DAY))
    CardStatusList.open(other, key.public_key()).close()
    forgery.with_target("central", DELTA, make_card_status_delta(other, a_list(2, key=key)))
    bad_day.refuses(ListRefused, Source.stick(forgery.public), at=town.now)
    bad_day.ends_with(town)


@pytest.mark.parametrize("content", [b"", b"no delta", bytes(1 << 20), b"\xff" * 200])
def test_a_delta_that_is_none_is_refused(bad_day: BadDay, town: Town, forgery: Forgery, content: bytes) -> None:
    forgery.with_target("central", DELTA, content)
    bad_day.refuses(ListRefused, Source.stick(forgery.public), at=town.now)


# --- other carelessness ----------------------------------------------------------------------------------------------


def test_lists_that_do_not_say_when_they_were_signed_are_refused(bad_day: BadDay, town: Town, forgery: Forgery) -> None:
    for issued in (None, 7, "yesterday", "2026-13-01T00:00:00Z", ["2026-11-29T03:00:00Z"]):
        forgery.change(
            "timestamp", lambda signed, issued=issued: signed.unrecognized_fields.update({"x-thechip-issued": issued})
        )
        bad_day.refuses(ListRefused, Source.stick(forgery.public), at=town.now)
    bad_day.ends_with(town)


def test_a_list_that_is_longer_than_the_disk_is_never_begun(bad_day: BadDay, town: Town, forgery: Forgery) -> None:
    target = forgery.target("rules/2027-1.json", b"{}")
    target.length = 1 << 60
    forgery.change_and_chain("central", lambda central: central.targets.update({target.path: target}))
    with pytest.raises(StorageFull, match="no room for 1152921504606846 kB"):
        bad_day.appliance.take(forgery.public, at=town.now)
    bad_day.nothing_changed()
    bad_day.ends_with(town)


@pytest.mark.parametrize(
    ("hashes", "error"),
    [
        ({"sha512": "00" * 64}, ListRefused),
        ({"sha256": "00"}, SourceIncomplete),
        ({"sha256": "../../../etc/passwd"}, SourceIncomplete),
    ],
)
def test_a_hash_that_is_none_of_ours_leads_nowhere(
    bad_day: BadDay, town: Town, forgery: Forgery, hashes: dict[str, str], error: type[ApplianceError]
) -> None:
    forgery.change_and_chain("central", lambda central: setattr(central.targets[ISSUERS], "hashes", hashes))
    bad_day.refuses(error, Source.stick(forgery.public), at=town.now)
    bad_day.ends_with(town)


def test_a_thousand_versions_of_the_rules_are_taken_up(bad_day: BadDay, town: Town, forgery: Forgery) -> None:
    content = b"{}"
    targets = {f"rules/{number}.json": forgery.target(f"rules/{number}.json", content) for number in range(1_000)}
    forgery.change_and_chain("central", lambda central: central.targets.update(targets))
    assert len(bad_day.appliance.take(forgery.public, at=town.now).taken.after.targets) > 1_000
    BadDay.begins(bad_day.appliance).nothing_changed()


def test_twenty_thousand_rosters_of_a_province_are_not_too_many(bad_day: BadDay, town: Town, forgery: Forgery) -> None:
    """Only its own roster is fetched; but their names are all in one file of metadata."""
    one = forgery.target("rosters/01/one.age", b"sealed")
    named = {f"rosters/01/phuong-mau-{number:06}.age": one for number in range(20_000)}
    forgery.change_and_chain("province-01", lambda signed: signed.targets.update(named))
    assert forgery.newest("province-01").signed.version == 2
    bad_day.appliance.take(forgery.public, at=town.now)
    assert bad_day.appliance.sealed.versions["province-01"] == 2


@pytest.mark.parametrize(
    "path", ["rules/../../../stolen.json", "rules/a/b.json", "/etc/cron.d/x", "trust/../rules/1.json"]
)
def test_a_list_whose_name_leads_elsewhere_is_passed_over(
    bad_day: BadDay, town: Town, forgery: Forgery, path: str
) -> None:
    target = forgery.target("rules/spare.json", b"{}")
    target.path = path
    forgery.change_and_chain("central", lambda central: central.targets.update({path: target}))
    after = bad_day.appliance.take(forgery.public, at=town.now).taken.after
    assert path not in after.targets
    assert after.content == bad_day.appliance.sealed.content
    assert not list(bad_day.appliance.folder.path.rglob("*stolen*"))
