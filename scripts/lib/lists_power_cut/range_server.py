"""A static web server with Range, in a process of its own: what of a long file is on its way can be cut off."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from io import BytesIO
from pathlib import Path
from typing import BinaryIO


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def send_head(self) -> BytesIO | BinaryIO | None:
        asked = self.headers.get("Range", "")
        path = Path(self.translate_path(self.path))
        if not asked or not path.is_file():
            return super().send_head()
        start, length = int(asked.removeprefix("bytes=").removesuffix("-")), path.stat().st_size
        if start >= length:
            self.send_error(416)
            return None
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{length - 1}/{length}")
        self.send_header("Content-Length", str(length - start))
        self.end_headers()
        return BytesIO(path.read_bytes()[start:])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on the loopback; yield its address."""
    server = _SequentialServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
    pid = os.fork()
    if pid == 0:
        try:
            server.serve_forever()
        finally:
            os._exit(1)
    port = server.server_address[1]
    server.server_close()
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


class _SequentialServer(HTTPServer):
    """One client after another: each is gone before the next comes."""

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that was killed."""
