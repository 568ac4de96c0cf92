"""Look at a desk: roles, staged, pending and published, and what comes next to an end."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tuf.api.metadata import Role, Signed

from publisher.desk_folder import DeskFolder
from publisher.keyring import SHOWN, Keyring
from publisher.metadata import Delegator
from publisher.moments import Ending, whole_seconds
from publisher.own_bundle import own_metadata
from publisher.pending_changes import take_pending
from publisher.published import Published
from publisher.status.idle_keys import idle_key_files

_SOON = 4
"""Less than this part of its period is left: red."""


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """A key of a role."""

    keyid: str
    name: str | None
    """What it is called, or its URI in a token; ``None`` where that is not known."""
    is_here: bool


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
class EndingStatus:
    """A list or certificate that is published and ends by itself."""

    kind: str
    """``card list``, ``crl``, ``csca`` or ``link``."""
    name: str
    until: datetime
    days_left: int
    is_soon: bool
    """It has ended, or will before long."""


@dataclass(frozen=True, slots=True)
class DeskStatus:
    """A desk at a moment."""

    at: datetime
    roles: tuple[RoleStatus, ...]
    endings: tuple[EndingStatus, ...]
    """Of each kind the first to end comes first."""
    card_status_key: KeyStatus | None
    """With what card status lists are signed."""
    idle_keys: tuple[str, ...]
    """Names of key files in the desk's folder that sign nothing."""
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
        """Whether nothing that is published ends soon and nothing was broken off."""
        return not self.is_unfinished and not any(self._soon)

    @property
    def _soon(self) -> Iterator[bool]:
        yield from (role.is_soon for role in self.roles)
        yield from (ending.is_soon for ending in self.endings)


def status(desk: DeskFolder, keyring: Keyring, *, at: datetime, endings: Iterable[Ending] = ()) -> DeskStatus:
    """Look at a desk, of whose lists ``endings`` says what ends; nothing is changed. Raises ``DeskError``."""
    moment, last = whole_seconds(at), desk.journal.last
    key = desk.settings().card_status_key
    roles: tuple[RoleStatus, ...] = ()
    targets: dict[str, int] = {}
    waiting: tuple[str, ...] = ()
    if desk.settings().province is not None:
        roles, targets = _own(desk, keyring, moment)
    elif not desk.is_unfinished:
        published = desk.published()
        roles = tuple(_roles(desk, published, keyring, moment))
        targets = {path: target.length for path, target in published.target_files().items()}
        waiting = tuple(take_pending(desk, published, moment).waiting)
    return DeskStatus(
        at=moment,
        roles=roles,
        endings=tuple(_ending(one, moment) for one in sorted(endings, key=lambda one: (one.kind, one.until))),
        card_status_key=None if key is None else _key(key.keyid, keyring, {}),
        idle_keys=() if desk.is_unfinished else idle_key_files(desk),
        staged={path: file.stat().st_size for path, file in desk.staged.files().items()},
        removals=tuple(sorted(desk.staged.removals())),
        pending=desk.pending.names(),
        waiting=waiting,
        published_at=None if last is None else last.at,
        targets=targets,
        is_unfinished=desk.is_unfinished,
    )


def _roles(desk: DeskFolder, published: Published, keyring: Keyring, at: datetime) -> list[RoleStatus]:
    settings, found = desk.settings(), []
    names = settings.names_of(published.root.signed)
    for role, metadata in published.by_role().items():
        delegator: Delegator = published.targets.signed if role in published.delegated else published.root.signed
        wanted = delegator.get_delegated_role(role)
        period = settings.periods.of(role)
        found.append(_role(role, metadata.signed, wanted, keyring, names=names, at=at, period=period))
    return found


def _own(desk: DeskFolder, keyring: Keyring, at: datetime) -> tuple[tuple[RoleStatus, ...], dict[str, int]]:
    settings, signed = desk.settings(), own_metadata(desk).signed
    role = settings.own_role
    if signed.version == 0 or role is None:
        return (), {}
    wanted = Role(list(settings.province_keys), 1)
    targets = {path: target.length for path, target in signed.targets.items()}
    period = settings.periods.of(role)
    return (_role(role, signed, wanted, keyring, names={}, at=at, period=period),), targets


def _role(
    role: str,
    signed: Signed,
    wanted: Role,
    keyring: Keyring,
    *,
    names: Mapping[str, str],
    at: datetime,
    period: timedelta,
) -> RoleStatus:
    left = signed.expires - at
    keys = tuple(_key(keyid, keyring, names) for keyid in wanted.keyids)
    return RoleStatus(role, signed.version, signed.expires, left.days, left < period / _SOON, wanted.threshold, keys)


def _key(keyid: str, keyring: Keyring, names: Mapping[str, str]) -> KeyStatus:
    return KeyStatus(keyid[:SHOWN], keyring.name_of(keyid) or names.get(keyid), keyring.holds(keyid))


def _ending(ending: Ending, at: datetime) -> EndingStatus:
    days_left = (ending.until - at).days
    return EndingStatus(ending.kind, ending.name, ending.until, days_left, ending.is_soon(at))
