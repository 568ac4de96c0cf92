"""A desk with something to publish, a province's desk beside it, and python-tuf's client for both."""

import hashlib
import shutil
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from publisher.desk import Desk
from publisher.passphrases import GivenPassphrases
from publisher.verifying import Verified, verify_published
from verifier.sdk.testing import SyntheticPki

NOW = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SECRET = GivenPassphrases(others=b"an invented passphrase")


def table_of(cards: Iterable[int], state: str = "lost") -> str:
    """The register with these cards listed, and some good ones."""
    rows = [f"{hashlib.sha256(b'card %d' % card).hexdigest()},{state},2026-03-01,invented" for card in cards]
    good = [f"{hashlib.sha256(b'good %d' % card).hexdigest()},good,2026-03-01," for card in range(5)]
    return "\n".join(["hash,state,since,reason", *rows, *good, ""])


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk as the first ceremony leaves it; copied for every test, for making keys takes a moment."""
    folder = tmp_path_factory.mktemp("founded") / "desk"
    Desk.found(folder, at=NOW, passphrases=SECRET)
    return folder


@pytest.fixture
def desk(founded: Path, tmp_path: Path) -> Desk:
    shutil.copytree(founded, tmp_path / "desk")
    return Desk(tmp_path / "desk", passphrases=SECRET)


@pytest.fixture
def pki() -> SyntheticPki:
    return SyntheticPki(at=NOW - 30 * DAY)


@pytest.fixture
def cards(tmp_path: Path) -> Callable[..., Path]:
    """Write the register's table, with the cards of these numbers listed."""

    def write(numbers: Iterable[int], state: str = "lost") -> Path:
        path = tmp_path / "cards.csv"
        path.write_text(table_of(numbers, state))
        return path

    return write


@pytest.fixture
def filled(desk: Desk, pki: SyntheticPki, cards: Callable[..., Path], tmp_path: Path) -> Desk:
    """A desk that has published trust and a card status list."""
    pki.write_to(tmp_path / "pki")
    desk.add_trust(sorted((tmp_path / "pki").iterdir()), at=NOW)
    desk.add_card_status(cards(range(1000)), at=NOW)
    desk.publish(at=NOW)
    return desk


@pytest.fixture
def province(tmp_path: Path) -> Desk:
    return Desk.found_province(tmp_path / "province-01", "01", passphrases=SECRET)


@pytest.fixture
def roster_file(tmp_path: Path) -> Path:
    path = tmp_path / "roster.csv"
    path.write_text("mã,họ tên,diện,số thẻ\nDV-1,Đỗ Thị Thử,chính thức,012345678901\nDV-2,Lê Văn Mẫu,dự bị,\n")
    return path


def taken(desk: Desk, *, at: datetime, root: bytes | None = None) -> Verified:
    """What a client that was given the first root takes from the desk's public folder."""
    return verify_published(desk.public, root or desk.first_root, at=at)


def versions(verified: Verified) -> dict[str, int]:
    return {role.role: role.version for role in verified.roles}
