"""What lists bring to the store, rules and a roster: delivered even if the process is killed before it could.

The whole of an appliance's services, and what its command line does with a stick.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from lists_desk import CHI_BO, PROVINCE
from lists_power_cut.errors import NotSurvived
from lists_power_cut.scenes import Month
from set_machine import SetMachine

from appliance.config import Config
from appliance.config.lists import ListsConfig
from appliance.errors import ApplianceError, NotFound
from appliance.list_keeping.keeper import ListKeeper
from appliance.lists.identity import RosterIdentity
from appliance.meetings.rule_sets import rule_set_in
from appliance.services import Services

BEFORE, AFTER = "delta", "usual"
BROUGHT = {BEFORE: (3, ("2026-1",)), AFTER: (4, ("2026-1", "2026-2"))}
"""Members of the roster and versions of the rules by state of the publication."""
VERSIONS = ("2026-1", "2026-2")


@dataclass
class Deliveries:
    """``keys`` is a folder with the appliance's keys: the roster is sealed to them before there is a publication."""

    keys: Path
    month: Month | None = None

    @property
    def recipient(self) -> str:
        """Whom the roster is sealed to."""
        return RosterIdentity.load_or_create(self.keys).recipient

    def appliance(self, state: Path) -> None:
        """Make an appliance that was given what was published before."""
        config = self._config(state)
        config.keys_directory.parent.mkdir(parents=True)
        self.keys.rename(config.keys_directory)
        with self._keeper(state) as (keeper, services):
            keeper.pin(self._published.first_root)
            keeper.import_from(self._published.folder(BEFORE))
            _require(BEFORE, services)

    def work(self, state: Path) -> Callable[[], object]:
        """Return what is killed: a stick with the new lists."""

        def take_up() -> None:
            with self._keeper(state) as (keeper, _):
                keeper.import_from(self._published.folder(AFTER))

        return take_up

    def examine(self, state: Path, *, done: bool) -> bool:
        """Look how things stand, which delivers what was not delivered; then take up the same stick again."""
        try:
            with self._keeper(state) as (keeper, services):
                status = keeper.status()
                if status.problem is not None or status.sealed is None:
                    raise NotSurvived(str(status.problem))
                is_new = status.sealed.versions == self._versions(keeper)
                if done and not is_new:
                    msg = "the stick was taken up, but its lists are not in use"
                    raise NotSurvived(msg)
                _require(AFTER if is_new else BEFORE, services)
                keeper.import_from(self._published.folder(AFTER))
                _require(AFTER, services)
        except ApplianceError as error:
            msg = f"{error.reason}: {error.sentence}"
            raise NotSurvived(msg) from error
        return is_new

    @property
    def _published(self) -> Month:
        if self.month is None:
            raise AssertionError  # the month comes before the appliances
        return self.month

    def _versions(self, keeper: ListKeeper) -> object:
        return keeper.look_at(self._published.folder(AFTER)).offer.versions

    def _config(self, state: Path) -> Config:
        return replace(Config.for_state(state), lists=ListsConfig(province=PROVINCE, chi_bo=CHI_BO))

    @contextmanager
    def _keeper(self, state: Path) -> Iterator[tuple[ListKeeper, Services]]:
        services = Services.open(self._config(state), machine=SetMachine(self._published.at))
        try:
            yield ListKeeper(services), services
        finally:
            services.database.close()


def _require(publication: str, services: Services) -> None:
    """Raise ``NotSurvived`` unless the store holds what a publication brings, and nothing else."""
    with services.database.reading() as reader:
        known = []
        for version in VERSIONS:
            try:
                known.append(rule_set_in(reader, version).version)
            except NotFound:
                continue
    held = (len(services.roster.members()), tuple(known))
    if held != BROUGHT[publication]:
        msg = f"the lists in use bring {BROUGHT[publication]} members and rules, and the store has {held}"
        raise NotSurvived(msg)
