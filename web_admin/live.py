"""Live pages: server-sent events that cost one look at a version number while nothing changes.

Every open stream holds one thread, so their number is bounded and each ends by itself after some minutes; the browser
comes back with the id of the last event it saw. What is shown is computed once for each change, however many watch.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from flask import Response, copy_current_request_context, current_app, request

EXTENSION = "thechip-live"
KINDS = ("kiosk", "meeting", "lists")
Compute = Callable[[], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a stream looks, speaks and ends, in seconds; and how many streams of one kind there may be."""

    poll: float = 0.25
    heartbeat: float = 15.0
    lifetime: float = 300.0
    max_streams: int = 16
    """For each kind of page, so that whoever opens a meeting in many windows does not darken the kiosk."""


class LiveHub:
    """The application's live streams: how many there are, when they stop, and what was last computed for them."""

    def __init__(self, pace: Pace | None = None) -> None:
        self.pace = pace or Pace()
        self.is_stopping: Callable[[], bool] = lambda: False
        """The server's word that it shuts down; streams end within one poll interval."""
        self._places = {kind: threading.BoundedSemaphore(self.pace.max_streams) for kind in KINDS}
        self._lock = threading.Lock()
        self._computed: dict[Hashable, tuple[str, str]] = {}
        self._run = secrets.token_hex(4)  # versions of an earlier run of the server mean nothing

    def respond(
        self,
        kind: str,
        key: Hashable,
        version: Callable[[], str],
        compute: Compute,
        may_watch: Callable[[], bool] = lambda: True,
    ) -> Response:
        """Answer the request with a live stream, or with 503 and a time to come back when all places are taken.

        ``kind`` is one of ``KINDS``, ``key`` names what is shown, ``version()`` cheaply tells its state, ``compute()``
        gives what to send, and the stream ends once ``may_watch()`` is false, which is asked before every event and
        heartbeat; all may use the request, which is not held open between two looks.
        """
        places = self._places[kind]
        if not places.acquire(blocking=False):
            return Response(status=503, headers={"Retry-After": "5"})
        events = self.events(
            (kind, key),
            copy_current_request_context(version),
            copy_current_request_context(compute),
            may_watch=copy_current_request_context(may_watch),
            seen=request.headers.get("Last-Event-ID"),
        )
        response = Response(events, mimetype="text/event-stream")
        response.call_on_close(places.release)
        return response

    def events(
        self,
        key: Hashable,
        version: Callable[[], str],
        compute: Compute,
        *,
        seen: str | None,
        may_watch: Callable[[], bool] = lambda: True,
    ) -> Iterator[str]:
        """Yield an event stream's text: one event now unless ``seen`` already, one for each change, then the end."""
        started = spoke = time.monotonic()
        yield "retry: 1000\n\n"
        while not self.is_stopping() and time.monotonic() - started < self.pace.lifetime:
            current = f"{self._run}-{version()}"
            is_due = time.monotonic() - spoke >= self.pace.heartbeat
            if (current != seen or is_due) and not may_watch():
                return
            if current != seen:
                yield f"id: {current}\ndata: {self._once(key, current, compute)}\n\n"
                seen, spoke = current, time.monotonic()
            elif is_due:
                yield ": still here\n\n"
                spoke = time.monotonic()
            time.sleep(self.pace.poll)

    def _once(self, key: Hashable, version: str, compute: Compute) -> str:
        """The event's data as JSON; computed by the first stream that asks for this version, shared with the others."""
        with self._lock:
            known = self._computed.get(key)
            if known is None or known[0] != version:
                known = (version, json.dumps(compute(), ensure_ascii=False))
                self._computed[key] = known
            return known[1]


def hub() -> LiveHub:
    """Return the running application's hub."""
    return cast("LiveHub", current_app.extensions[EXTENSION])
