"""A web server over a published folder, on loopback, that keeps count and can be told to misbehave."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

from appliance.lists.sources.source import Source


@dataclass(frozen=True)
class Asked:
    """One request."""

    path: str
    range: str | None


Behaviour = Callable[["Answering", bytes], None]
"""Writes an answer; is given the content that the file has."""


class Answering(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def do_GET(self) -> None:
        mirror = self.server.mirror
        asked = Asked(self.path.lstrip("/"), self.headers.get("Range"))
        mirror.asked.append(asked)
        file = mirror.folder / asked.path
        content = file.read_bytes() if file.is_file() else None
        for pattern, behaviour in mirror.behaviours.items():
            if fnmatch(asked.path, pattern):
                behaviour(self, content or b"")
                return
        if content is None:
            self.say(404, b"there is nothing here")
        else:
            self.serve(content)

    def serve(self, content: bytes) -> None:
        """Answer as a good server does, ranges included."""
        begin = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").rstrip("-"))
        if begin and begin >= len(content):
            self.say(416)
        elif begin:
            self.say(206, content[begin:], **{"Content-Range": f"bytes {begin}-{len(content) - 1}/{len(content)}"})
        else:
            self.say(200, content)

    def say(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def cut(self) -> None:
        """End the connection here and now."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 – its parent calls it so
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    mirror: "Mirror"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients go away, which is what many of these tests are about."""


@dataclass
class Mirror:
    """A server; use it as a context manager. ``behaviours`` are by pattern of the path, the first one counts."""

    folder: Path
    tls: ssl.SSLContext | None = None
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), Answering)
        self._server.mirror = self
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        scheme = "http" if self.tls is None else "https"
        return f"{scheme}://127.0.0.1:{self._server.server_port}/"

    @property
    def source(self) -> Source:
        return Source.mirror(self.address)


# --- how a mirror may misbehave --------------------------------------------------------------------------------------


def answers(status: int, **headers: str) -> Behaviour:
    return lambda answering, _content: answering.say(status, b"so be it", **headers)


def says(content: bytes) -> Behaviour:
    """Another content, whatever was asked for."""
    return lambda answering, _content: answering.say(200, content)


def cuts_off_after(length: int) -> Behaviour:
    """Promise all, send so many bytes of what is asked for, and hang up."""

    def behave(answering: Answering, content: bytes) -> None:
        begin = int((answering.headers.get("Range") or "bytes=0-").removeprefix("bytes=").rstrip("-"))
        answering.send_response(206 if begin else 200)
        answering.send_header("Content-Length", str(len(content) - begin))
        answering.end_headers()
        answering.wfile.write(content[begin : begin + length])
        answering.cut()

    return behave


def endless(piece: bytes = b" " * 65536) -> Behaviour:
    """Data without end and without a length."""

    def behave(answering: Answering, _content: bytes) -> None:
        answering.send_response(200)
        answering.send_header("Connection", "close")
        answering.end_headers()
        while True:
            answering.wfile.write(piece)

    return behave


def raw(*pieces: bytes, then_repeat: bytes = b"", every_s: float = 0.0) -> Behaviour:
    """Whatever bytes, no HTTP of ours, and one piece again and again."""

    def behave(answering: Answering, _content: bytes) -> None:
        for piece in pieces:
            answering.wfile.write(piece)
        while then_repeat:
            answering.wfile.write(then_repeat)
            time.sleep(every_s)
        answering.cut()

    return behave
