import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from verifier.cli import main
from verifier.sdk import CanPassword, load_profile, read
from verifier.sdk.errors import ReaderGone
from verifier.sdk.testing.misbehaving import CATALOGUE, Scene
from verifier.transport.vpcd import VpcdReader
from verifier.transport.vpcd_card import VirtualCard, serve_virtual_card

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


class Ran:
    """What a command left behind."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    def run(*arguments: object, stdin: str = "") -> Ran:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Ran(int(code), captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def scene() -> Scene:
    return Scene(at=AT)


@pytest.fixture(scope="session")
def trust(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trust")
    scene.home.write_to(folder)
    return folder


@pytest.fixture(scope="session")
def stored(scene: Scene) -> dict[str, bytes]:
    """Evidence files of some cards of the catalogue, by name."""
    password, profile = CanPassword(scene.can), load_profile("party-card")
    return {
        name: read(CATALOGUE[name].make(scene), profile=profile, password=password, at=AT).to_bytes()
        for name in ("genuine", "expired", "revoked-card", "altered-dg1", "clone-without-the-key")
    }


@pytest.fixture(scope="session")
def card_status(
    scene: Scene, stored: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> tuple[str | Path, ...]:
    """Options that name a card status list on which the revoked one of the stored cards stands."""
    assert stored
    folder = tmp_path_factory.mktemp("card-status")
    (folder / "cards.list").write_bytes(scene.card_status.issue(at=AT))
    (folder / "key").write_text(scene.card_status.public_key.hex())
    return "--card-status", folder / "cards.list", "--card-status-key", folder / "key"


@pytest.fixture
def evidence_of(stored: dict[str, bytes], tmp_path: Path) -> Callable[[str], Path]:
    def evidence_of(name: str) -> Path:
        path = tmp_path / f"{name}.json"
        path.write_bytes(stored[name])
        return path

    return evidence_of


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    def free_port() -> int:
        with VpcdReader(port=0) as reader:
            return reader.port

    return free_port


@pytest.fixture
def card_in(scene: Scene) -> Callable[..., object]:
    """A card of the catalogue that comes to the reader as soon as one listens."""

    @contextmanager
    def card_in(port: int, card: str | VirtualCard = "genuine") -> Iterator[None]:
        over, chip = threading.Event(), CATALOGUE[card].make(scene) if isinstance(card, str) else card

        def come() -> None:
            while not over.wait(0.01):
                try:
                    serve_virtual_card(chip, port=port)
                except ReaderGone:
                    continue
                return

        thread = threading.Thread(target=come)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(10)

    return card_in
