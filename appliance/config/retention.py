"""The part of the configuration that says for how long persons are kept."""

from dataclasses import dataclass, fields
from typing import Final

from appliance.errors import ConfigError

_LONGEST: Final = 1200
"""Months: a hundred years."""


@dataclass(frozen=True, slots=True)
class RetentionConfig:
    """Months after which something goes; 0 keeps it until somebody decides (``docs/persons.md``).

    ``meetings_months`` counts from the end of a meeting: its persons go then, its figures stay. Visitors and guests may
    go earlier, and so may what is kept of refused cards. ``access_log_months`` is for who looked at whom,
    ``requests_months`` for requests that were answered.
    """

    meetings_months: int = 0
    visitors_months: int = 0
    refused_months: int = 0
    access_log_months: int = 0
    requests_months: int = 0

    def __post_init__(self) -> None:
        for item in fields(self):
            if not 0 <= getattr(self, item.name) <= _LONGEST:
                msg = f"retention.{item.name} must lie between 0 (kept) and {_LONGEST} months"
                raise ConfigError(msg)

    @property
    def is_set(self) -> bool:
        """Whether anything goes at all."""
        return any(getattr(self, item.name) for item in fields(self))
