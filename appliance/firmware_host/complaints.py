"""Complaints about hardware that is looked for again and again: said once, not with every look."""

import logging
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

AGAIN_AFTER_SECONDS = 3600.0
WELL_AFTER_SECONDS = 60.0
"""How long something must have worked until the same trouble counts as a new one."""


@dataclass
class Complaints:
    """Says each trouble when it begins or changes, and once an hour while it lasts. Times are a monotonic clock's."""

    _said: str = field(default="", init=False)
    _said_at: float = field(default=0.0, init=False)
    _works_since: float | None = field(default=None, init=False)

    def works(self, *, at: float) -> None:
        """Note that there is no trouble now."""
        if self._works_since is None:
            self._works_since = at

    def about(self, sentence: str, *, at: float) -> None:
        """Warn, unless this was just said."""
        worked = self._works_since is not None and at - self._works_since >= WELL_AFTER_SECONDS
        self._works_since = None
        if worked or sentence != self._said or at - self._said_at >= AGAIN_AFTER_SECONDS:
            log.warning("%s; it is looked for again and again", sentence)
            self._said, self._said_at = sentence, at
