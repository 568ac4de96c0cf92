"""gunicorn's threaded worker with bounds: no visitor keeps a thread by being slow, or many of them by coming often.

The original reads a request and writes its answer without any limit of time, waits for a closing client in the loop
that accepts the others, and lets one address have every thread. On a small network without a proxy in front, a single
machine could so take the page away.
"""

import ipaddress
import socket
import struct
import threading
import time
from collections import Counter
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import ThreadWorker

HEAD_SECONDS = 10.0
"""For a request's first lines."""
REQUEST_SECONDS = 30.0
"""For its body and its answer, unless it is a live stream, which ends by itself (web_admin.live.Pace)."""
WRITE_SECONDS = 10
"""For a client that takes nothing of its answer, live stream or not."""
LINGER_SECONDS = 1.0
"""For a client to close after the last answer."""
THREADS_PER_ADDRESS = 16
"""A browser opens six connections; this machine's own screens may have as many as they like."""


class BoundedThreadWorker(ThreadWorker):  # type: ignore[misc]
    """See the module."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lock = threading.Lock()
        self._busy: Counter[str] = Counter()
        self._until: dict[Any, float] = {}

    def handle(self, conn: Any) -> Any:
        """Serve one request in a thread of the pool; close at once for an address that has its share of them."""
        address = _counted_address(conn.client)
        if not self._take_place(address):
            return self._close(conn, linger=0.0)
        try:
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", WRITE_SECONDS, 0))
            self._allow(conn, HEAD_SECONDS)
            result = super().handle(conn)
            if result is False:
                self._close(conn, linger=LINGER_SECONDS)
        finally:
            self._give_place_back(address, conn)
        return result

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request whose head has come."""
        is_stream = req.method == "GET" and req.path.endswith("/events")
        self._allow(conn, float("inf") if is_stream else REQUEST_SECONDS)
        return super().handle_request(req, conn)

    def murder_pending(self) -> None:
        """Once a second, cut off who takes too long; the thread that serves them then ends with an error of its own."""
        super().murder_pending()
        now = time.monotonic()
        with self._lock:
            overdue = [conn for conn, until in self._until.items() if until < now]
        for conn in overdue:
            try:
                conn.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # gone already

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Count out a connection that its thread has closed; leave any other to the original."""
        if getattr(conn, "is_closed", False):
            self.nr_conns -= 1
        else:
            super().finish_request(conn, fs)

    def _close(self, conn: Any, *, linger: float) -> bool:
        """Close here, in the thread: waiting for the client's last word must not hold up the accepting loop."""
        util.close_graceful(conn.sock, timeout=linger)
        conn.is_closed = True
        return False

    def _allow(self, conn: Any, seconds: float) -> None:
        with self._lock:
            self._until[conn] = time.monotonic() + seconds

    def _take_place(self, address: str) -> bool:
        with self._lock:
            if address and self._busy[address] >= THREADS_PER_ADDRESS:
                return False
            self._busy[address] += 1
            return True

    def _give_place_back(self, address: str, conn: Any) -> None:
        with self._lock:
            self._until.pop(conn, None)
            self._busy[address] -= 1
            if not self._busy[address]:
                del self._busy[address]


def _counted_address(client: Any) -> str:
    """Return the client's network address; empty for this machine itself, whose threads are not counted."""
    address = client[0] if isinstance(client, tuple) else ""
    try:
        return "" if ipaddress.ip_address(address).is_loopback else address
    except ValueError:
        return address
