"""The part of the configuration that says where signed lists come from, and how old they may be."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from appliance.errors import ConfigError

_LOOPBACK: Final = frozenset(("127.0.0.1", "localhost", "::1"))
_LONGEST_USE_DAYS: Final = 3650


@dataclass(frozen=True, slots=True)
class ListsConfig:
    """Sources, whose roster, and ages in days.

    ``mirrors`` are asked in their order. ``province`` and ``chi_bo`` name the roster that is published for this
    appliance, both or neither. Lists are green up to ``green_days``, amber up to ``amber_days`` and red then; after
    ``usable_days`` nobody can tell any more whether a card is revoked, and an officer has to decide.
    """

    mirrors: tuple[str, ...] = ()
    province: str = ""
    chi_bo: str = ""
    every_hours: float = 6.0
    green_days: int = 7
    amber_days: int = 30
    usable_days: int = 180

    def __post_init__(self) -> None:
        object.__setattr__(self, "mirrors", tuple(require_mirror(address) for address in self.mirrors))
        if bool(self.province) != bool(self.chi_bo):
            msg = "lists.province and lists.chi_bo belong together: name both, or neither"
            raise ConfigError(msg)
        if not 0.25 <= self.every_hours <= 7 * 24:
            msg = "lists.every_hours must lie between 0.25 and 168"
            raise ConfigError(msg)
        if not 0 < self.green_days <= self.amber_days <= self.usable_days <= _LONGEST_USE_DAYS:
            msg = "lists: green_days, amber_days and usable_days must rise, from 1 to 3650"
            raise ConfigError(msg)

    @property
    def every(self) -> timedelta:
        """How often mirrors are asked."""
        return timedelta(hours=self.every_hours)

    @property
    def usable(self) -> timedelta:
        """For how long after their issue lists are used."""
        return timedelta(days=self.usable_days)


def require_mirror(address: str) -> str:
    """Return a mirror's address, ending in a slash. Raises ``ConfigError`` unless it is HTTPS, or on this machine.

    >>> require_mirror("https://lists.example.org/thechip")
    'https://lists.example.org/thechip/'
    """
    if not _is_mirror(address):
        msg = "lists.mirrors: a mirror is an address such as https://lists.example.org/thechip/; http is refused"
        raise ConfigError(msg)
    return address if address.endswith("/") else f"{address}/"


def _is_mirror(address: str) -> bool:
    try:
        parts = urlsplit(address)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    plain = not parts.query and not parts.fragment and parts.username is None
    return secure and plain and has_port and bool(parts.hostname) and address.isprintable()
