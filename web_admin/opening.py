"""The page that opens once it can: until then the kiosk alone answers, and says what everybody waits for.

After power-on the keys of an appliance may be locked, and somebody has to see that on its screen. The page tries again
by itself, so that nobody has to start anything once the keys are open.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterable
from traceback import extract_tb
from typing import Any, Final

from flask import Flask

from appliance.errors import ApplianceError, ConfigError, StillOpening, WrongSecret
from web_admin.live import EXTENSION

log = logging.getLogger(__name__)

_SECONDS_FOR_THE_FIRST_TRY: Final = 1.0
"""The usual opening takes a third of that; whoever looks at a screen waits no longer for an answer."""
_SECONDS_BETWEEN_TRIES: Final = 1.0
_AFTER_A_WRONG_SECRET: Final = 5.0
"""Each try with another appliance's stick costs half a second of work and 64 MiB."""
_EXIT_TROUBLE: Final = 3


class OpeningPage:
    """A WSGI application that is one of two: ``closed`` until ``open_it`` returns, then what it opens.

    It is made within a second, however long the first opening takes: a server that answers nothing meanwhile is killed.

    Args:
        open_it: opens the records and returns the page over them. Raises ``ApplianceError`` while that is not possible.
        closed: makes the application that answers meanwhile; it is given what tells why.
        announce: is given one line for each new reason.
        leave: ends the process after a fault of this program: whoever supervises it starts it again.

    Raises ``ConfigError`` where the configuration is what has to be mended first, if that is found at once.
    """

    def __init__(
        self,
        open_it: Callable[[], Flask],
        closed: Callable[[Callable[[], ApplianceError]], Flask],
        *,
        announce: Callable[[str], None],
        leave: Callable[[int], Any] = os._exit,
    ) -> None:
        self._open_it = open_it
        self._announce = announce
        self._leave = leave
        self.is_stopping: Callable[[], bool] = lambda: False
        """The server's word that it shuts down; live streams end then."""
        self._given_up = threading.Event()
        opening = StillOpening("the records are being opened")
        self._trouble: ApplianceError = opening
        self.app = self._ending(closed(lambda: self._trouble))
        self._tried = threading.Event()
        threading.Thread(target=self._keep_trying, name="opening", daemon=True).start()
        if not self._tried.wait(_SECONDS_FOR_THE_FIRST_TRY):
            self._tried.set()
            announce(f"{opening.sentence} [{opening.reason}]")
        elif isinstance(trouble := self._trouble, ConfigError):
            self._given_up.set()
            raise trouble

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        return self.app(environ, start_response)

    def _keep_trying(self) -> None:
        while not self._is_over():
            self._tried.set()
            is_wrong = isinstance(self._trouble, WrongSecret)
            self._given_up.wait(_AFTER_A_WRONG_SECRET if is_wrong else _SECONDS_BETWEEN_TRIES)
        self._tried.set()

    def _is_over(self) -> bool:
        """Try once; tell whether that was the last time."""
        if self._given_up.is_set():
            return True
        try:
            self.app = self._ending(self._open_it())
        except ApplianceError as error:
            is_new, self._trouble = error.sentence != self._trouble.sentence, error
            is_raised = isinstance(error, ConfigError) and not self._tried.is_set()  # to whoever makes this page
            if is_new and not is_raised:
                self._tell()
            return False
        except Exception as error:  # noqa: BLE001 - ours; a page that never opens would be worse than a new process
            _log_fault(error)
            self._leave(_EXIT_TROUBLE)
        return True

    def _ending(self, app: Flask) -> Flask:
        """Let the live streams of one application end with the server, and when the other one takes its place."""
        app.extensions[EXTENSION].is_stopping = lambda: self.is_stopping() or self.app is not app
        return app

    def _tell(self) -> None:
        self._announce(f"{self._trouble.sentence} [{self._trouble.reason}]")


def _log_fault(error: Exception) -> None:
    """Say where it happened, and not what was in its hands: an exception's text may name a person."""
    where = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(extract_tb(error.__traceback__)))
    log.error("a fault of this program: %s at %s", type(error).__name__, where)
