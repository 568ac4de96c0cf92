"""HTTP connections through which enough must come: no server holds whoever asks it by dripping, or by headers only.

A timeout of a socket begins anew with every byte, and http.client reads on for as long as interim answers, headers or
trailers go on. So every byte is counted as it comes from the socket, whatever it is part of.
"""

import io
import ssl
from collections.abc import Callable
from http.client import HTTPConnection, HTTPSConnection
from socket import socket
from typing import Any, Final, Literal

from tuf.api.exceptions import DownloadError, SlowRetrievalError

from appliance.errors import SyncRuns

GRACE_SECONDS: Final = 30.0
SLOWEST: Final = 1024
"""Bytes a second, on average after the grace."""
_MOST_BESIDE: Final = 256 << 10
"""Bytes of headers and the like beside the content; that the content may be in tiny pieces comes on top."""
_SOCKET_SECONDS: Final = 20.0
_BETWEEN_QUESTIONS_S: Final = 1.0


class Pace:
    """How much came of one answer, and since when. ``clock`` gives seconds and never jumps.

    ``gives_way`` is asked about once a second, so that a mirror that drips keeps nobody else waiting.
    """

    def __init__(self, clock: Callable[[], float], gives_way: Callable[[], bool] = lambda: False) -> None:
        self._clock = clock
        self._gives_way = gives_way
        self._asked_at = clock()
        self.begin()

    def begin(self) -> None:
        """Begin to count: another answer is asked for."""
        self._began = self._clock()
        self._came = 0
        self._used = 0

    def came(self, length: int) -> None:
        """Count bytes from the socket. Raises ``SlowRetrievalError``; ``DownloadError`` for headers without end.

        Raises ``SyncRuns`` to give way.
        """
        self._came += length
        now = self._clock()
        if now - self._asked_at >= _BETWEEN_QUESTIONS_S:
            self._asked_at = now
            if self._gives_way():
                msg = "the download from the mirror was put off: other lists are brought; it goes on later"
                raise SyncRuns(msg)
        seconds = now - self._began
        if seconds > GRACE_SECONDS and self._came < SLOWEST * (seconds - GRACE_SECONDS):
            raise SlowRetrievalError
        if self._came > 2 * self._used + _MOST_BESIDE:
            msg = "the mirror answers without end, and with nothing of the file"
            raise DownloadError(msg)

    def used(self, length: int) -> None:
        """Count what of that was content."""
        self._used += length


class _PacedReader(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase, pace: Pace) -> None:
        super().__init__()
        self._raw = raw
        self._pace = pace

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        length: int | None = self._raw.readinto(buffer)
        self._pace.came(length or 0)
        return length

    def close(self) -> None:
        self._raw.close()
        super().close()


class _PacedSocket:
    """What http.client wants of a socket."""

    def __init__(self, inner: socket, pace: Pace) -> None:
        self._inner = inner
        self._pace = pace
        self.sendall, self.close = inner.sendall, inner.close

    def makefile(self, mode: Literal["rb"]) -> io.BufferedReader:
        return io.BufferedReader(_PacedReader(self._inner.makefile(mode, buffering=0), self._pace))


class _Http(HTTPConnection):
    pace: Pace

    def connect(self) -> None:
        super().connect()
        self.sock = _PacedSocket(self.sock, self.pace)


class _Https(HTTPSConnection):
    pace: Pace

    def connect(self) -> None:
        super().connect()
        self.sock = _PacedSocket(self.sock, self.pace)


def connection_to(host: str, port: int | None, context: ssl.SSLContext | None, pace: Pace) -> HTTPConnection:
    """Return a connection that opens itself when it is first asked; with a context, by TLS."""
    connection: _Http | _Https
    if context is None:
        connection = _Http(host, port, timeout=_SOCKET_SECONDS)
    else:
        connection = _Https(host, port, timeout=_SOCKET_SECONDS, context=context)
    connection.pace = pace
    return connection
