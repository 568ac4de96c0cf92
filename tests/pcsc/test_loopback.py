"""What the tests' readers open to the network: two ports of the loopback, and nothing else."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

LISTENING = "0A"


def listening_addresses(pid: int) -> set[str]:
    """Return where a process listens, each "address:port" in hexadecimal, the lowest byte first (proc(5))."""
    own: set[str] = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            own.add(str(descriptor.readlink()))
    return {address for address, inode in all_listening(pid) if f"socket:[{inode}]" in own}


def all_listening(pid: int) -> Iterator[tuple[str, str]]:
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            _, local, _, state, *rest = line.split()
            if state == LISTENING:
                yield local, rest[5]


def test_who_listens_is_seen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        here = f"0100007F:{server.getsockname()[1]:04X}"
        assert here in listening_addresses(os.getpid())
    assert here not in listening_addresses(os.getpid())


def test_the_readers_of_the_tests_listen_on_the_loopback_and_nowhere_else(daemon: Any, put: Callable) -> None:
    put("genuine")
    assert listening_addresses(daemon.pid) == {f"0100007F:{daemon.port + slot:04X}" for slot in (0, 1)}
