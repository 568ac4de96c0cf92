"""Signed lists of 822 issuers and 200,000 cards: opening those in use, a look that finds nothing new, one that does."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPSConnection
from ipaddress import ip_address
from pathlib import Path
from ssl import create_default_context
from statistics import median
from urllib.parse import urlsplit

from benchmarks.measure import Row, interleaved
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lib.lists_desk import InventedCards, InventedDesk

from appliance.lists.folder import ListsFolder
from appliance.lists.pinning import pin
from appliance.lists.sealed_store import SealedLists
from appliance.lists.sources.source import Source
from appliance.lists.sync import Sync
from appliance.lists.verifying import verify_in_use

AT = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
_ISSUERS, _CARDS, _CHANGES = 822, 200_000, 1000
_REPETITIONS = 10


def rows() -> Iterator[Row]:
    """Against a check of everything, and against the bare requests."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        desk, cards = InventedDesk(folder / "desks", at=AT), InventedCards(_CARDS, seed=1)
        desk.add_issuers(_ISSUERS, at=AT)
        desk.add_cards(cards, at=AT)
        desk.publish(at=AT)
        lists = _pinned(folder / "lists", desk)
        Sync(lists, AT).run([Source.stick(desk.public)])
        yield _opening(lists)
        yield _unchanged(lists, desk.public)
        certificate = _certificate(folder / "mirror.pem")
        os.environ["SSL_CERT_FILE"] = str(certificate)
        yield _unchanged(lists, desk.public, certificate)
        cards.change(_CHANGES)
        desk.add_cards(cards, at=AT + DAY)
        desk.publish(at=AT + DAY)
        yield _changed(lists, desk, folder)


def _opening(lists: ListsFolder) -> Row:
    times = interleaved(
        {"open": lambda: SealedLists(lists).close(), "verify": lambda: verify_in_use(lists, None)}, repetitions=3
    )
    details = {"issuers": _ISSUERS, "CRLs": _ISSUERS, "cards": _CARDS}
    ours, theirs = times["open"].least * 1e3, times["verify"].least * 1e3
    return Row("signed lists in use, opened", ours, "ms", theirs, "verifying every signature and byte", details)


def _unchanged(lists: ListsFolder, public: Path, certificate: Path | None = None) -> Row:
    with _mirror(public, certificate) as (address, carried):
        source = Source.mirror(address)
        paths = ["metadata/2.root.json", "metadata/timestamp.json"]
        times = interleaved(
            {"look": lambda: Sync(lists, AT).run([source]), "get": lambda: _get(address, paths)},
            repetitions=_REPETITIONS,
        )
    counted = carried()[0::2]
    how = "by TLS" if certificate else "in the clear"
    details = {"bytes by TCP, both ways": round(median(counted))}
    ours, theirs = times["look"].least * 1e3, times["get"].least * 1e3
    return Row(f"a look that finds nothing new, {how}", ours, "ms", theirs, "its two requests", details)


def _changed(lists: ListsFolder, desk: InventedDesk, folder: Path) -> Row:
    known = iter([ListsFolder(shutil.copytree(lists.path, folder / f"known-{n}", symlinks=True)) for n in range(3)])
    fresh = iter([_pinned(folder / f"fresh-{n}", desk) for n in range(3)])
    source, counts = Source.stick(desk.public), {}

    def look(name: str, which: ListsFolder) -> None:
        counts[name] = Sync(which, AT + DAY).run([source]).received

    times = interleaved(
        {"delta": lambda: look("delta", next(known)), "all": lambda: look("all", next(fresh))}, repetitions=3
    )
    details = {"changed cards": _CHANGES, "kB": counts["delta"] // 1000, "kB of all": counts["all"] // 1000}
    ours, theirs = times["delta"].least * 1e3, times["all"].least * 1e3
    return Row("a look that finds a day's delta", ours, "ms", theirs, "taking up everything anew", details)


def _pinned(place: Path, desk: InventedDesk) -> ListsFolder:
    lists = ListsFolder(place)
    pin(lists, desk.first_root)
    return lists


@contextmanager
def _mirror(public: Path, certificate: Path | None) -> Iterator[tuple[str, Callable[[], list[int]]]]:
    """Serve a folder; the second is asked afterwards, and tells what each connection carried."""
    program = Path(__file__).with_name("counting_mirror.py")
    command = [sys.executable, str(program), str(public), *([str(certificate)] if certificate else [])]
    counted: list[int] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise AssertionError  # it was asked for
        port = process.stdout.readline().strip()
        try:
            scheme = "https" if certificate else "http"
            yield f"{scheme}://127.0.0.1:{port}/", lambda: counted
        finally:
            process.terminate()
            counted += [int(line) for line in process.stdout]


def _get(address: str, paths: list[str]) -> None:
    """Ask for the same files over one connection, as anybody would."""
    parts = urlsplit(address)
    if parts.scheme == "https":
        connection: HTTPConnection = HTTPSConnection(parts.netloc, context=create_default_context())
    else:
        connection = HTTPConnection(parts.netloc)
    with closing(connection):
        for path in paths:
            connection.request("GET", f"/{path}", headers={"Accept-Encoding": "identity"})
            connection.getresponse().read()


def _certificate(path: Path) -> Path:
    """Write a certificate of 127.0.0.1 and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an invented mirror")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - DAY, now + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(certificate.public_bytes(Encoding.PEM) + private)
    return path
