"""What is cut off: every kind of sync of a real appliance with real publications, and the pinning of the root before.

A month of an invented publisher is copied, state by state: ``base``, ``delta`` (the day after), ``renewed`` (nothing
new but the signature), ``usual`` (another delta, new CRLs, rules and a roster), ``rebased`` (a new base, more issuers),
``rotated`` (another timestamp key, then root twice).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lists_desk import CHI_BO, PROVINCE, InventedCards, InventedDesk
from lists_power_cut.range_server import serving

from appliance.lists.folder import ListsFolder
from appliance.lists.opening import BASE_LIST, ROSTER
from appliance.lists.pinning import pin
from appliance.lists.publication import ChiBo
from appliance.lists.sealed_set import SealedSet, current_set
from appliance.lists.sources.source import Source
from appliance.lists.sync import Sync

AT = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
LISTS = "lists"
CHI_BO_OF_ALL = ChiBo(PROVINCE, CHI_BO)
_CARDS, _LONG = 1_000, 16_000
"""A long base is one that a mirror's files under way are kept of."""


@dataclass(frozen=True)
class Scene:
    """``before`` and ``after`` are states of the publication; ``older`` is one before these.

    ``via_mirror`` fetches over HTTP; ``damaged`` spoils parts that are in use before, so that a repair is due.
    """

    name: str
    before: str | None
    after: str
    older: str | None = None
    via_mirror: bool = False
    damaged: bool = False


SCENES = (
    Scene("the first lists", None, "usual"),
    Scene("the first lists, by a mirror", None, "long", via_mirror=True),
    Scene("a usual day", "delta", "usual", older="base"),
    Scene("nothing but a newer signature", "delta", "renewed", older="base"),
    Scene("a new base", "usual", "rebased", older="delta"),
    Scene("a new base, by a mirror", "usual", "long", older="delta", via_mirror=True),
    Scene("a root that was rotated twice", "usual", "rotated", older="delta"),
    Scene("everything since the base", "base", "rotated"),
    Scene("a repair", "usual", "usual", older="delta", damaged=True),
)


class Month:
    """The states of the publication as folders, and appliances that hold them."""

    def __init__(self, folder: Path, recipient: str) -> None:
        self._folder = folder
        self._mirror = ""
        desk = InventedDesk(folder / "desks", at=AT)
        self.first_root = desk.first_root
        cards = InventedCards(_CARDS, seed=1)
        desk.found_province(at=AT)
        desk.add_issuers(2, at=AT)
        desk.add_rules("2026-1")
        desk.add_roster(3, [recipient], at=AT)
        self._publish(desk, "base", cards, at=AT)
        self._publish(desk, "delta", cards, at=AT + DAY)
        self._publish(desk, "renewed", None, at=AT + 2 * DAY)
        desk.add_rules("2026-2", late_after_minutes=10)
        desk.renew_crls(at=AT + 7 * DAY)
        desk.add_roster(4, [recipient], at=AT + 7 * DAY)
        self._publish(desk, "usual", cards, at=AT + 7 * DAY)
        desk.add_issuers(1, at=AT + 8 * DAY)
        self._publish(desk, "rebased", cards, at=AT + 8 * DAY, new_base=True)
        desk.rotate("timestamp", at=AT + 9 * DAY)
        self._publish(desk, "", None, at=AT + 9 * DAY)
        desk.rotate("root", at=AT + 9 * DAY)
        self._publish(desk, "", None, at=AT + 9 * DAY)
        desk.rotate("root", at=AT + 9 * DAY)
        self._publish(desk, "rotated", cards, at=AT + 10 * DAY)
        cards.add(_LONG)
        self._publish(desk, "long", cards, at=AT + 11 * DAY, new_base=True)

    at = AT + 12 * DAY
    """When everything happens that is cut off."""

    @contextmanager
    def served(self) -> Iterator[None]:
        """Let a mirror serve all states meanwhile."""
        with serving(self._folder) as address:
            self._mirror = address
            yield

    def folder(self, state: str) -> Path:
        """Return the folder with a state, as a stick has it."""
        return self._folder / state

    def source(self, state: str, *, via_mirror: bool = False) -> Source:
        """Return where a state is published."""
        return Source.mirror(f"{self._mirror}{state}/") if via_mirror else Source.stick(self.folder(state))

    def pin(self, state: Path) -> None:
        """Pin the root in an appliance's folder of state."""
        pin(ListsFolder(state / LISTS), self.first_root)

    def sync(self, state: Path, publication: str, *, via_mirror: bool = False, repair: bool = False) -> SealedSet:
        """Let an appliance look once, and return what it has then."""
        sync = Sync(ListsFolder(state / LISTS), self.at, chi_bo=CHI_BO_OF_ALL, repair=repair)
        return sync.run([self.source(publication, via_mirror=via_mirror)]).taken.after

    def appliance(self, scene: Scene, state: Path) -> SealedSet | None:
        """Make an appliance as it is before the scene, and return what it has."""
        state.mkdir()
        self.pin(state)
        if scene.before is None:
            return None
        self.sync(state, scene.before)
        lists = ListsFolder(state / LISTS)
        if scene.damaged:
            for name in (ROSTER, BASE_LIST):
                for path in lists.parts.rglob(name):
                    path.chmod(0o600)
                    path.write_bytes(path.read_bytes()[:-1])
        return current_set(lists)

    def work(self, scene: Scene, state: Path) -> Callable[[], object]:
        """Return what is cut off."""
        return lambda: self.sync(state, scene.after, via_mirror=scene.via_mirror, repair=scene.damaged)

    def _publish(
        self, desk: InventedDesk, name: str, cards: InventedCards | None, *, at: datetime, new_base: bool = False
    ) -> None:
        if cards is not None:
            cards.change(30)
            desk.add_cards(cards, at=at, new_base=new_base)
        desk.publish(at=at)
        if name:
            desk.copy_to(self.folder(name))
