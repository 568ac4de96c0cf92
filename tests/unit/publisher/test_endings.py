"""Lists and certificates that end by themselves: told before, and a monitor is told, too."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from publisher.__main__ import main
from publisher.desk import Desk
from publisher.errors import DeskError
from verifier.sdk.testing import SyntheticPki

from .conftest import DAY, NOW, SECRET


@pytest.fixture
def listing(desk: Desk, pki: SyntheticPki, cards: Callable[..., Path], tmp_path: Path) -> Desk:
    """A desk with a CRL for forty days and a card status list for twenty."""
    pki.issue_crl(at=NOW, lifetime=40 * DAY)
    pki.write_to(tmp_path / "pki")
    desk.add_trust(sorted((tmp_path / "pki").iterdir()), at=NOW)
    desk.add_card_status(cards(range(5)), at=NOW, next_update_days=20)
    desk.publish(at=NOW)
    return desk


def soon(desk: Desk, days: float) -> list[tuple[str, int]]:
    return [(one.kind, one.days_left) for one in desk.status(at=NOW + days * DAY).endings if one.is_soon]


def test_each_list_and_certificate_is_in_the_status_with_its_end(listing: Desk) -> None:
    endings = {one.kind: one.until for one in listing.status(at=NOW).endings}
    assert endings.keys() == {"card list", "crl", "csca"}
    assert (endings["card list"], endings["crl"]) == (NOW + 20 * DAY, NOW + 40 * DAY)


def test_a_quarter_of_its_time_before_a_list_ends_the_desk_is_not_well(listing: Desk) -> None:
    listing.publish(at=NOW + 14 * DAY)
    assert listing.status(at=NOW + 14.9 * DAY).is_well
    assert soon(listing, 15.1) == [("card list", 4)]
    assert not listing.status(at=NOW + 15.1 * DAY).is_well
    assert soon(listing, 41) == [("card list", -21), ("crl", -1)]


def test_a_delta_has_a_next_update_of_its_own(listing: Desk, cards: Callable[..., Path]) -> None:
    assert not listing.add_card_status(cards(range(6)), at=NOW + 15 * DAY, next_update_days=20).is_new_base
    assert soon(listing, 16) == [("card list", 4)]
    listing.publish(at=NOW + 15 * DAY)
    assert soon(listing, 16) == []


def test_a_certificate_is_told_ninety_days_before_it_ends(listing: Desk) -> None:
    root = next(one for one in listing.status(at=NOW).endings if one.kind == "csca")
    days = (root.until - NOW) / DAY
    assert "csca" not in dict(soon(listing, days - 91))
    assert dict(soon(listing, days - 89))["csca"] == 89


def test_a_published_archive_that_somebody_swapped_is_not_signed_on(listing: Desk, tmp_path: Path) -> None:
    """Whoever may write to the web server's folder names no issuer by it."""
    other = SyntheticPki(at=NOW - DAY, state="UTO", country="UT")
    stranger = Desk.found(tmp_path / "stranger", at=NOW, passphrases=SECRET)
    other.write_to(tmp_path / "other")
    stranger.add_trust(sorted((tmp_path / "other").iterdir()), at=NOW)
    issuers = stranger.folder.staged.files()["trust/issuers.zip"]
    published = listing.folder.published().target_files()["trust/issuers.zip"]
    shutil.copy(issuers, listing.public / "targets" / published.get_prefixed_paths()[0])
    with pytest.raises(DeskError, match=r"trust/issuers\.zip in the public folder is not what was published"):
        listing.add_trust(sorted((tmp_path / "pki").iterdir()), at=NOW)


def test_add_trust_warns_of_what_has_ended_and_what_ends_soon(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC)
    Desk.found(tmp_path / "desk", at=now, passphrases=SECRET)
    pki = SyntheticPki(at=now - 50 * DAY)
    pki.issue_crl(at=now - 41 * DAY, lifetime=40 * DAY)
    pki.write_to(tmp_path / "pki")
    files = [str(path) for path in (tmp_path / "pki").iterdir()]
    assert main(["add", "trust", *files, "--desk", str(tmp_path / "desk")]) == 0
    ended = (now - DAY).date().isoformat()
    assert f"has ended on {ended}" in capsys.readouterr().err
    crl = tmp_path / "soon.crl"
    crl.write_bytes(pki.issue_crl(at=now - 35 * DAY, lifetime=40 * DAY + timedelta(hours=1)))
    assert main(["add", "trust", str(crl), "--desk", str(tmp_path / "desk")]) == 0
    assert "ends in 5 days" in capsys.readouterr().err
    assert main(["add", "trust", str(crl), "--desk", str(tmp_path / "desk")]) == 0
    assert capsys.readouterr().err == ""


def test_status_on_the_command_line_ends_with_one_and_marks_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cards: Callable[..., Path]
) -> None:
    now = datetime.now(UTC)
    then = now - 18.5 * DAY
    desk = Desk.found(tmp_path / "desk", at=then, passphrases=SECRET)
    desk.add_card_status(cards(range(5)), at=then, next_update_days=20)
    desk.publish(at=now)
    assert main(["status", "--desk", str(tmp_path / "desk")]) == 1
    told = capsys.readouterr().out
    until = f"{then + 20 * DAY:%Y-%m-%d}"
    assert f"\n! card list    until {until}, 1 days left; number 1\n" in told
    assert "\ncard-status  " in told
    assert main(["status", "--json", "--desk", str(tmp_path / "desk")]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [one["is_soon"] for one in found["endings"]] == [True]
    assert found["card_status_key"]["is_here"] is True
