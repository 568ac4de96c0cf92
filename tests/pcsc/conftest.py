"""A real pcscd of the tests' own, with the vsmartcard driver, into whose readers virtual cards are put.

pcscd's folder is compiled in. So the daemon that runs here is a copy with another folder of the same length in its
place: it needs no rights, and neither meets nor hides a daemon of the machine.

The driver would listen for cards on every address of the machine. (It can call its cards instead, but that of
Debian 12 aborts as soon as one is not there.) So ``loopback_only.c`` is loaded before it.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "helpers"))

from virtual_slots import FIRST

from appliance.config.devices import ReaderConfig
from appliance.firmware_host.pcsc_reader import PcscCardReader
from appliance.firmware_host.readers import new_reader
from verifier.errors import ReaderError
from verifier.sdk.testing.misbehaving import CATALOGUE, Scene
from verifier.transport.pcsc import PcscReader
from verifier.transport.pcsc_service import PcscService, Slot
from verifier.transport.vpcd_card import DEFAULT_ATR, VirtualCard, _serve

DAEMON = Path("/usr/sbin/pcscd")
DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
LOOPBACK_ONLY = Path(__file__).parent / "loopback_only.c"
COMPILED_IN = b"/run/pcscd"
FOLDER = Path(f"/tmp/p{secrets.token_hex(2)}")
SLOTS = 2
"""One entry of the driver's configuration makes two readers, on ports that follow each other."""
PATIENCE_S = 20.0

# The client library looks at this once in a process; it is set before any test can have used it.
os.environ["PCSCLITE_CSOCK_NAME"] = str(FOLDER / "pcscd.comm")


class Daemon:
    """pcscd, which can be stopped, killed and started again at the same place."""

    def __init__(self, program: Path, port: int) -> None:
        self.port = port
        """Of the first reader; the second one has the next."""
        self._program = program
        self._options = ["--foreground", "--error"]
        said = subprocess.run([DAEMON, "--help"], capture_output=True, text=True, check=False)
        if "--disable-polkit" in said.stdout + said.stderr:
            self._options.append("--disable-polkit")
        self._configuration = program.parent / "reader.conf.d"
        self._configuration.mkdir()
        self._environment = {**os.environ, "LD_PRELOAD": str(loopback_only(program.parent))}
        self._process: subprocess.Popen[bytes] | None = None
        self._changing = threading.RLock()

    def start(self) -> None:
        """Start with two empty readers."""
        (self._configuration / "vpcd").write_text(
            f'FRIENDLYNAME "Virtual"\nDEVICENAME /dev/null:{self.port:#x}\nLIBPATH {DRIVER}\nCHANNELID {self.port:#x}\n'
        )
        command = [self._program, *self._options, "--config", self._configuration]
        with self._changing:
            self._process = subprocess.Popen(command, env=self._environment)
            wait_until(self._is_ready)

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "pcscd ended by itself"
        try:
            return len(slots()) == SLOTS
        except ReaderError:
            return False

    @property
    def is_running(self) -> bool:
        return self._process is not None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def door(self) -> Path:
        """Where programs of this process look for the daemon."""
        return FOLDER / "pcscd.comm"

    def wait_until_stopped(self) -> None:
        """Return when somebody else's ``stop`` is through."""
        wait_until(lambda: not self.is_running)

    def stop(self, *, kill: bool = False) -> None:
        with self._changing:
            if self._process is not None:
                (self._process.kill if kill else self._process.terminate)()
                self._process.wait(PATIENCE_S)
                self._process = None
                for left in FOLDER.iterdir():
                    left.unlink()


def slots() -> tuple[Slot, ...]:
    service = PcscService()
    try:
        return service.slots()
    finally:
        service.close()


def wait_until(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < until, f"did not happen within {PATIENCE_S:.0f} s"
        time.sleep(0.02)


def loopback_only(folder: Path) -> Path:
    """Build the library that keeps a process which loads it first on the loopback."""
    library = folder / "loopback_only.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, LOOPBACK_ONLY], check=True)
    return library


def two_free_ports() -> int:
    """Return the first of two free ports that follow each other."""
    while True:
        with ExitStack() as stack:
            first = stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
            try:
                stack.enter_context(socket.create_server(("127.0.0.1", first + 1)))
            except (OSError, OverflowError):
                continue
            return first


@pytest.fixture(scope="session")
def installed_daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    pytest.importorskip("smartcard", reason="pyscard is not installed: scripts/bootstrap pcsc", exc_type=ImportError)
    for needed in (DAEMON, DRIVER):
        if not needed.exists():
            # scripts/test installs them where apt may be used; who may not still runs the rest. In CI a skip fails.
            pytest.skip(f"{needed} is not installed")
    if shutil.which("cc") is None:
        pytest.skip("no C compiler is installed, and without it the driver would listen on every address")
    program = tmp_path_factory.mktemp("pcscd") / "pcscd"
    moved = DAEMON.read_bytes().replace(COMPILED_IN, str(FOLDER).encode())
    assert str(FOLDER / "pcscd.comm").encode() in moved
    program.write_bytes(moved)
    program.chmod(0o700)
    FOLDER.mkdir(mode=0o700)
    daemon = Daemon(program, two_free_ports())
    try:
        yield daemon
    finally:
        daemon.stop()
        shutil.rmtree(FOLDER)


@pytest.fixture(scope="session")
def running_daemon(installed_daemon: Daemon) -> Daemon:
    installed_daemon.start()
    return installed_daemon


@pytest.fixture
def daemon(running_daemon: Daemon) -> Iterator[Daemon]:
    """The daemon as it runs, with two empty readers. It runs again after a test that stopped it."""
    wait_until(lambda: not any(slot.has_card for slot in slots()))
    yield running_daemon
    if not running_daemon.is_running:
        running_daemon.start()


@pytest.fixture
def station(daemon: Daemon) -> Iterator[PcscCardReader]:
    """The station's reader at the first slot, open."""
    reader = new_reader(ReaderConfig(FIRST, "pcsc"), name="cửa trước")
    assert isinstance(reader, PcscCardReader)
    reader.open()
    yield reader
    reader.close()


@pytest.fixture(scope="session")
def scene() -> Scene:
    return Scene(at=datetime(2026, 11, 22, 8, 0, tzinfo=UTC))


class CardInReader:
    """A virtual card that was put into a reader, until it leaves by itself or is taken out."""

    def __init__(self, chip: VirtualCard, port: int, atr: bytes) -> None:
        self.chip = chip
        self._line = socket.create_connection(("127.0.0.1", port))
        self._thread = threading.Thread(target=self._live, args=(atr,))
        self._thread.start()

    def _live(self, atr: bytes) -> None:
        with self._line:
            _serve(self.chip, self._line, atr)

    def take_out(self) -> None:
        with suppress(OSError):  # it left already
            self._line.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()


@pytest.fixture
def put(daemon: Daemon, scene: Scene) -> Iterator[Callable[..., CardInReader]]:
    """Put a card of the catalogue, or another one, into a reader; it is taken out at the end."""
    cards: list[CardInReader] = []

    def put(card: str | VirtualCard = "genuine", slot: int = 0, *, atr: bytes = DEFAULT_ATR) -> CardInReader:
        chip = CATALOGUE[card].make(scene) if isinstance(card, str) else card
        cards.append(CardInReader(chip, daemon.port + slot, atr))
        return cards[-1]

    yield put
    for card in cards:
        card.take_out()


@pytest.fixture
def reader(daemon: Daemon) -> Iterator[PcscReader]:
    with PcscReader() as reader:
        yield reader
