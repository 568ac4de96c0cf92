"""An invented publisher of signed lists: a real desk with real keys, of which nobody is told anything true.

Everything follows from the seed, except keys' files, whose encryption has salts of its own.
"""

import shutil
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from publisher.accepting import accept
from publisher.card_status import CardStatusChange, add_card_status
from publisher.delegating import delegate
from publisher.desk_folder import DeskFolder
from publisher.founding import Founding, found
from publisher.keyring import Keyring
from publisher.own_bundle import found_province, publish_bundle
from publisher.passphrases import GivenPassphrases
from publisher.publication import Publication
from publisher.publishing import publish
from publisher.rosters import add_roster
from publisher.rotation import KeyChange, rotate
from publisher.rules import add_rules
from publisher.trust import add_trust
from verifier.sdk.publishing import CardState
from verifier.sdk.testing import KeyKind, SyntheticPki

PROVINCE = "00"
"""No province has this code."""
CHI_BO = "mau-thu"
_PASSPHRASES = GivenPassphrases(others=b"invented, and known to everybody")
_STATES = tuple(state.name.lower() for state in CardState)
_CRL_LIFETIME = timedelta(days=90)


class InventedCards:
    """The register: which cards are not good. Of a year's cards a few change each day."""

    def __init__(self, count: int, *, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 – nobody's cards
        self._rows = [self._row() for _ in range(count)]

    def change(self, count: int) -> None:
        """Let so many cards change: two of three are new in the list, the others are good again."""
        gone = count // 3
        for _ in range(gone):
            place = self._random.randrange(len(self._rows))
            self._rows[place] = self._rows[-1]
            self._rows.pop()
        self.add(count - gone)

    def add(self, count: int) -> None:
        """Let so many more not be good."""
        self._rows += [self._row() for _ in range(count)]

    def write(self, path: Path) -> None:
        """Write the table as an issuer hands it in."""
        path.write_text("hash,state,since\n" + "".join(self._rows))

    def _row(self) -> str:
        random = self._random
        state = random.choice(_STATES)
        return f"{random.randbytes(16).hex()},{state},2026-0{random.randrange(1, 6)}-{random.randrange(1, 29):02}\n"


class InventedDesk:
    """The central desk and one province's, both in a folder; ``public`` is what is served."""

    def __init__(self, folder: Path, *, at: datetime, seed: int = 0) -> None:
        self._folder = folder
        self._random = Random(seed)  # noqa: S311 – nobody trusts these keys
        self.desk = DeskFolder(folder / "central")
        self.keyring = Keyring([self.desk.keys], _PASSPHRASES)
        self._province = DeskFolder(folder / "province")
        self._province_keyring = Keyring([self._province.keys], _PASSPHRASES)
        self._pkis: list[SyntheticPki] = []
        found(self.desk, self.keyring, Founding(), at=at, random=self._random.randbytes)

    @property
    def public(self) -> Path:
        """The published folder."""
        return self.desk.public

    @property
    def first_root(self) -> bytes:
        """What appliances are given by hand."""
        return (self.public / "metadata" / "1.root.json").read_bytes()

    def add_issuers(self, count: int, *, at: datetime) -> None:
        """Add so many issuers with a CRL each."""
        fresh = [
            SyntheticPki(
                at=at - timedelta(days=30),
                name=f"Invented CSCA {len(self._pkis) + number + 1}",
                key_kind=KeyKind.P256,
                random=self._random.randbytes,
            )
            for number in range(count)
        ]
        self._pkis += fresh
        self._add_trust((der for pki in fresh for der in pki.certificates()), "cer", at=at)
        self.renew_crls(at=at)

    def renew_crls(self, *, at: datetime) -> None:
        """Let every issuer issue its CRL anew."""
        self._add_trust((pki.issue_crl(at=at, lifetime=_CRL_LIFETIME) for pki in self._pkis), "crl", at=at)

    def add_cards(self, cards: InventedCards, *, at: datetime, new_base: bool = False) -> CardStatusChange:
        """Add the register of today."""
        table = self._folder / "register.csv"
        cards.write(table)
        return add_card_status(self.desk, self.keyring, table, at=at, new_base=new_base)

    def add_rules(self, version: str, *, late_after_minutes: int = 15) -> None:
        """Add a version of the rules."""
        file = self._folder / "rules.json"
        file.write_text(
            f'{{"format": "thechip-rules-1", "version": "{version}", "late_after_minutes": {late_after_minutes}, '
            '"outside_ratio": ["exempt"], "line_percent": 85, "in_force_from": "2026-01-01"}'
        )
        add_rules(self.desk, file)

    def found_province(self, *, at: datetime) -> None:
        """Make the province's desk, and let it sign its rosters."""
        request = found_province(self._province, self._province_keyring, PROVINCE, random=self._random.randbytes)
        delegate(self.desk, self.keyring, PROVINCE, request, at=at)

    def add_roster(self, members: int, recipients: Sequence[str], *, at: datetime, chi_bo: str = CHI_BO) -> None:
        """Let the province publish a roster, and the central desk take it over."""
        table = self._folder / "roster.csv"
        rows = "".join(f"{number},Mẫu Thử {number},chính thức\n" for number in range(1, members + 1))
        table.write_text(f"mã,họ tên,loại\n{rows}")
        add_roster(
            self._province,
            table,
            chi_bo=chi_bo,
            title="Chi bộ mẫu",
            recipients=recipients,
            random=self._random.randbytes,
        )
        publish_bundle(self._province, self._province_keyring, at=at)
        accept(self.desk, self._province.public, at=at)

    def rotate(self, role: str, *, at: datetime) -> None:
        """Give a role another key; of root's keys the first makes room for a new one."""
        change = KeyChange()
        if role == "root":
            change = KeyChange(new_key=True, remove=[self.desk.root().signed.roles["root"].keyids[0]])
        rotate(self.desk, self.keyring, role, change, at=at, random=self._random.randbytes)

    def publish(self, *, at: datetime) -> Publication:
        """Publish what was added."""
        return publish(self.desk, self.keyring, at=at)

    def copy_to(self, place: Path) -> Path:
        """Copy what is published now, as somebody with a stick would; return the copy."""
        return Path(shutil.copytree(self.public, place))

    def _add_trust(self, items: Iterable[bytes], suffix: str, *, at: datetime) -> None:
        folder = self._folder / "handed-in"
        folder.mkdir()
        files = [folder / f"{number:04}.{suffix}" for number, _ in enumerate(self._pkis)]
        for path, der in zip(files, items, strict=False):
            path.write_bytes(der)
        add_trust(self.desk, [path for path in files if path.exists()], at=at)
        shutil.rmtree(folder)
