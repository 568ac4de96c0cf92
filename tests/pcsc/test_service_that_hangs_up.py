"""pcscd hangs up without a word on somebody whom polkit forbids it, and likewise when it is just ending."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from verifier.errors import ReaderUnavailable
from verifier.transport.pcsc_service import PcscService

_HEADER = struct.Struct("<II")  # length of what follows, command
_VERSION = struct.Struct("<iiI")  # major, minor, result code
_CONTEXT = struct.Struct("<III")  # scope, context, result code


@contextmanager
def service_that_hangs_up(door: Path, *, callers: int) -> Iterator[None]:
    """Listen where pcscd would, agree upon the version and hang up upon the next question, for so many callers."""

    def serve() -> None:
        for left in range(callers, 0, -1):
            caller, _ = listening.accept()
            with caller:
                caller.recv(_HEADER.size, socket.MSG_WAITALL)
                major, minor, _ = _VERSION.unpack(caller.recv(_VERSION.size, socket.MSG_WAITALL))
                caller.sendall(_VERSION.pack(major, minor, 0))
                caller.recv(_HEADER.size + _CONTEXT.size - 1, socket.MSG_WAITALL)
                caller.recv(1, socket.MSG_PEEK)  # left unread: so the caller's line breaks
                if left == 1:
                    listening.close()
                    door.unlink()

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(door))
        listening.listen()
        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        yield
        serving.join(10)
        assert not serving.is_alive(), f"not called {callers} times"


def test_a_service_that_was_just_ending_is_one_that_does_not_run(daemon: Any) -> None:
    daemon.stop()
    with service_that_hangs_up(daemon.door, callers=1), pytest.raises(ReaderUnavailable, match="does not run"):
        PcscService()


def test_a_service_that_keeps_hanging_up_forbids_it(daemon: Any) -> None:
    daemon.stop()
    with service_that_hangs_up(daemon.door, callers=2), pytest.raises(ReaderUnavailable, match="polkit"):
        PcscService()
