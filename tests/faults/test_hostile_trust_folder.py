"""Somebody else fills the trust folder, or fills it for ever: nobody is trusted for it, held up, or out of memory."""

import base64
import io
import os
import threading
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from verifier.pki.sources.pkd import PkdKind, read_directory
from verifier.pki.trust.trust_folder import MAX_PROBLEMS
from verifier.sdk.testing import SyntheticPki
from verifier.sdk.trust import ListSigners, TrustStore

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
DIRECTORY_SIZE = 4 << 20
"""Bytes; a real one has 100 MB, of which this is the beginning: every allocation is counted."""


@pytest.fixture(scope="module")
def pki() -> SyntheticPki:
    return SyntheticPki(at=AT)


@pytest.fixture
def folder(pki: SyntheticPki, tmp_path: Path) -> Path:
    pki.write_to(tmp_path / "trust")
    return tmp_path / "trust"


class Repeated(io.RawIOBase):
    """A file that says the same again and again, and is nowhere as a whole."""

    def __init__(self, piece: bytes, size: int) -> None:
        self._piece = piece
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = min(len(buffer), self._left, len(self._piece))
        buffer[:count] = self._piece[:count]
        self._left -= count
        return count


def _entry(pki: SyntheticPki) -> bytes:
    encoded = base64.b64encode(pki.issue_document_signer().certificate).decode()
    lines = "\n ".join(encoded[start : start + 76] for start in range(0, len(encoded), 76))
    return f"dn: cn=1,o=dsc,c=VN,dc=data\nobjectClass: top\nuserCertificate;binary:: {lines}\n\n".encode()


def _peak(entries: Iterator[object]) -> tuple[int, int]:
    """How many there are, and the bytes that reading them takes at most."""
    tracemalloc.start()
    try:
        count = sum(1 for _ in entries)
        return count, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_great_directory_takes_no_more_memory_than_an_entry(pki: SyntheticPki) -> None:
    piece = _entry(pki)
    size = len(piece) * (DIRECTORY_SIZE // len(piece))
    file = io.BufferedReader(
        Repeated(piece, size), len(piece)
    )  # a part of it here: a slow machine counts every allocation
    count, peak = _peak(read_directory(file))  # type: ignore[arg-type]
    assert count == size // len(piece)
    assert peak < 1 << 20


@pytest.mark.parametrize(
    ("piece", "megabytes"),
    [(b"A" * 65536, 30), (b"dn: x" + b"A" * 4000 + b"\n ", 30), (b"dn: x\n", 2), (b"#" * 4096, 30)],
)
def test_a_directory_without_end_to_its_entries_is_not_kept(piece: bytes, megabytes: int) -> None:
    file = io.BufferedReader(Repeated(piece * (4096 // len(piece) + 1), megabytes << 20))
    tracemalloc.start()
    found = list(read_directory(file))  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 << 20
    assert all(item.problem is not None or item.kind is PkdKind.CERTIFICATE for item in found)
    assert len(found) <= 1


def test_problems_without_number_are_not_all_told(folder: Path) -> None:
    (folder / "a.ldif").write_bytes(b"nonsense\n\n" * 5000)
    assert len(TrustStore.from_folder(folder).problems) <= MAX_PROBLEMS


@pytest.mark.parametrize("name", ["a.ml", "a.ldif", "a.cer", "a.dvl"])
def test_a_pipe_in_the_folder_holds_nobody_up(folder: Path, name: str) -> None:
    os.mkfifo(folder / name)
    loaded: list[TrustStore] = []
    thread = threading.Thread(target=lambda: loaded.append(TrustStore.from_folder(folder)), daemon=True)
    thread.start()
    thread.join(20)
    assert len(loaded[0].anchors) == 1


def test_links_to_nowhere_and_in_a_circle_are_passed_over(folder: Path) -> None:
    (folder / "nowhere.ml").symlink_to(folder / "is not there")
    (folder / "circle.ldif").symlink_to(folder / "circle.ldif")
    (folder / "device.cer").symlink_to("/dev/zero")
    assert len(TrustStore.from_folder(folder).anchors) == 1


def test_a_strangers_list_and_directory_add_no_root(folder: Path) -> None:
    stranger = SyntheticPki(at=AT, country="VN", state="VNM")
    (folder / "list.ml").write_bytes(stranger.master_list())
    (folder / "all.ldif").write_bytes(stranger.ldif())
    signers = ListSigners(AT, own_roots=True)
    store = TrustStore.from_folder(folder, list_signers=signers, directory_signers=True)
    assert len(store.anchors) == 1
    assert len([name for name, _ in store.problems if "list.ml" in name or "o=ml" in name]) == 2


def test_a_list_of_sixteen_megabytes_is_read_and_a_longer_one_named(folder: Path, pki: SyntheticPki) -> None:
    (folder / "long.ml").write_bytes(pki.master_list() + bytes(17 << 20))
    (folder / "cut.ml").write_bytes(pki.master_list()[:-5])
    store = TrustStore.from_folder(folder, list_signers=ListSigners(AT, own_roots=True))
    assert sorted(name for name, _ in store.problems) == ["cut.ml", "long.ml"]
