"""How a desk stands: who signs what until when, what is staged, and what comes next to an end."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tuf.api.metadata import Role, Signed

from publisher.desk_folder import DeskFolder
from publisher.keyring import SHOWN, Keyring
from publisher.metadata import Delegator
from publisher.moments import whole_seconds
from publisher.own_bundle import own_metadata
from publisher.pending_changes import take_pending
from publisher.published import Published

_SOON = 4
"""Less than this part of its period is left: red."""


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """A key of a role, and what it is called here; ``None`` where it is not here."""

    keyid: str
    name: str | None


@dataclass(frozen=True, slots=True)
class RoleStatus:
    """A role as it was published last."""

    role: str
    version: int
    expires: datetime
    days_left: int
    is_soon: bool
    """Less than a quarter of its period is left, or nothing."""
    threshold: int
    keys: tuple[KeyStatus, ...]


@dataclass(frozen=True, slots=True)
class DeskStatus:
    """A desk at a moment."""

    at: datetime
    roles: tuple[RoleStatus, ...]
    staged: dict[str, int]
    """Lengths in bytes, by path."""
    removals: tuple[str, ...]
    pending: tuple[str, ...]
    """Names of what is signed, or half signed, and not published."""
    waiting: tuple[str, ...]
    """Sentences: for what it waits."""
    published_at: datetime | None
    targets: dict[str, int]
    """Lengths in bytes of what is published, by path."""
    is_unfinished: bool
    """A publication was broken off; the next command finishes it."""

    @property
    def is_well(self) -> bool:
        """Whether nothing expires soon and nothing was broken off."""
        return not self.is_unfinished and not any(role.is_soon for role in self.roles)


def status(desk: DeskFolder, keyring: Keyring, *, at: datetime) -> DeskStatus:
    """Look at a desk; nothing is changed. Raises ``DeskError``."""
    moment, last = whole_seconds(at), desk.journal.last
    unfinished = desk.outgoing.is_dir()
    roles: tuple[RoleStatus, ...] = ()
    targets: dict[str, int] = {}
    waiting: tuple[str, ...] = ()
    if desk.settings().province is not None:
        roles, targets = _own(desk, keyring, moment)
    elif not unfinished:
        published = desk.published()
        roles = tuple(_roles(desk, published, keyring, moment))
        targets = {path: target.length for path, target in published.target_files().items()}
        waiting = tuple(take_pending(desk, published, moment).waiting)
    return DeskStatus(
        at=moment,
        roles=roles,
        staged={path: file.stat().st_size for path, file in desk.staged.files().items()},
        removals=tuple(sorted(desk.staged.removals())),
        pending=desk.pending.names(),
        waiting=waiting,
        published_at=None if last is None else last.at,
        targets=targets,
        is_unfinished=unfinished,
    )


def _roles(desk: DeskFolder, published: Published, keyring: Keyring, at: datetime) -> list[RoleStatus]:
    periods, found = desk.settings().periods, []
    for role, metadata in published.by_role().items():
        delegator: Delegator = published.targets.signed if role in published.delegated else published.root.signed
        wanted = delegator.get_delegated_role(role)
        found.append(_role(role, metadata.signed, wanted, keyring, at=at, period=periods.of(role)))
    return found


def _own(desk: DeskFolder, keyring: Keyring, at: datetime) -> tuple[tuple[RoleStatus, ...], dict[str, int]]:
    settings, signed = desk.settings(), own_metadata(desk).signed
    role = settings.own_role
    if signed.version == 0 or role is None:
        return (), {}
    wanted = Role(list(settings.province_keys), 1)
    targets = {path: target.length for path, target in signed.targets.items()}
    return (_role(role, signed, wanted, keyring, at=at, period=settings.periods.of(role)),), targets


def _role(role: str, signed: Signed, wanted: Role, keyring: Keyring, *, at: datetime, period: timedelta) -> RoleStatus:
    left = signed.expires - at
    keys = tuple(KeyStatus(keyid[:SHOWN], keyring.name_of(keyid)) for keyid in wanted.keyids)
    return RoleStatus(role, signed.version, signed.expires, left.days, left < period / _SOON, wanted.threshold, keys)
