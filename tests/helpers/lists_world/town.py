"""The publisher's side: made once with ceremonies and all, and copied for every test."""

import hashlib
import json
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
from securesystemslib.signer import Signer

from appliance.lists.catalogue import province_of
from appliance.lists.publication import ChiBo
from publisher.desk import Desk
from publisher.passphrases import GivenPassphrases
from verifier.sdk.testing import SyntheticPki

AT = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CHI_BO = ChiBo("01", "phuong-mau-3")
SECRET = GivenPassphrases(others=b"an invented passphrase")
RULES = {
    "format": "thechip-rules-1",
    "version": "2026-2",
    "late_after_minutes": 15,
    "outside_ratio": ["exempt"],
    "line_percent": 85,
    "in_force_from": "2026-07-01",
}
MEMBERS = "họ tên;diện;số thẻ;CAN;mã\nMẫu Thị Sen;chính thức;A1;700001;DV-1\nMẫu Văn Ổi;dự bị;;;DV-2\n"


class Town:
    """A central desk, the desks of the provinces 01 and 02, and what they publish from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.desk = Desk(folder / "central", passphrases=SECRET)
        self.provinces = {code: Desk(folder / code, passphrases=SECRET) for code in ("01", "02")}
        self.now = AT

    @classmethod
    def found(cls, folder: Path) -> "Town":
        """Hold the ceremonies and publish the first lists."""
        Desk.found(folder / "central", at=AT, passphrases=SECRET)
        for code in ("01", "02"):
            Desk.found_province(folder / code, code, passphrases=SECRET)
        town = cls(folder)
        pki = SyntheticPki(at=AT - 30 * DAY)
        pki.issue_crl()
        pki.write_to(folder / "issuers")
        town.desk.add_trust(sorted((folder / "issuers").iterdir()), at=AT)
        town.add_rules("2026-2")
        town.list_cards(range(3))
        for code, province in town.provinces.items():
            town.desk.delegate(code, province.request, at=AT)
            town.add_roster(code)
        town.publish()
        return town

    def copy(self, folder: Path) -> "Town":
        """Return a town of the same keys that goes its own way from here."""
        shutil.copytree(self.folder, folder)
        copy = Town(folder)
        copy.now = self.now
        copy.desk.keyring._opened |= self.desk.keyring._opened  # to open a key file takes a moment, on purpose
        for code, province in copy.provinces.items():
            province.keyring._opened |= self.provinces[code].keyring._opened
        return copy

    @property
    def public(self) -> Path:
        return self.desk.public

    @property
    def first_root(self) -> bytes:
        return self.desk.first_root

    def signers_of(self, role: str) -> tuple[Signer, ...]:
        """Whoever signs for a role, a province's too."""
        code = province_of(role)
        if code is None:
            return self.desk.signers_of(role)
        keyring, keys = self.provinces[code].keyring, self.provinces[code].settings().province_keys
        return tuple(keyring.signer(key) for key in keys.values())

    def list_cards(self, cards: Iterable[int], *, days: int | None = None, new_base: bool = False) -> None:
        """Stage a register in which these cards are lost."""
        rows = [f"{hashlib.sha256(b'card %d' % card).hexdigest()},lost,2026-03-01,invented" for card in cards]
        table = self.folder / "cards.csv"
        table.write_text("\n".join(["hash,state,since,reason", *rows, ""]))
        self.desk.add_card_status(table, at=self.now, next_update_days=days, new_base=new_base)

    def add_issuer(self) -> None:
        """Stage one more issuer, with a CRL."""
        folder = self.folder / f"issuers-{self.now:%Y%m%d%H%M%S}"
        pki = SyntheticPki(at=self.now - 30 * DAY)
        pki.issue_crl()
        pki.write_to(folder)
        self.desk.add_trust(sorted(folder.iterdir()), at=self.now)

    def add_rules(self, version: str) -> None:
        file = self.folder / "rules.json"
        file.write_text(json.dumps(RULES | {"version": version}))
        self.desk.add_rules(file)

    def add_roster(self, code: str, recipient: str | None = None) -> None:
        """Publish a province's roster to the central desk; sealed to nobody whom we know unless told."""
        table = self.folder / "roster.csv"
        table.write_text(MEMBERS)
        to = recipient or str(pyrage.x25519.Identity.generate().to_public())
        province = self.provinces[code]
        province.add_roster(table, chi_bo=CHI_BO.name, title="Chi bộ Mẫu 3", recipients=[to])
        self.bring_bundle(code)

    def bring_bundle(self, code: str) -> None:
        """Carry a province's bundle to the central desk."""
        province = self.provinces[code]
        province.publish(at=self.now, clock_is_right=True)
        self.desk.accept(province.public, at=self.now)

    def publish(self, *, days: float = 0) -> None:
        """Let days pass, and publish."""
        self.now += days * DAY
        self.desk.publish(at=self.now, clock_is_right=True)

    def next_day(self, cards: int = 4) -> None:
        """Publish the next day's lists: one more card is lost."""
        self.now += DAY
        self.list_cards(range(cards))
        self.desk.publish(at=self.now)

    def carry_to(self, folder: Path) -> Path:
        """Copy what is published, as it is now, onto a stick or a mirror; return its folder."""
        shutil.copytree(self.public, folder)
        return folder
