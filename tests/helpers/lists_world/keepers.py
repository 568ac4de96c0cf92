"""An appliance as a whole, with services and clock, whose lists are kept; and the machine that its time comes from."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from appliance.config import Config
from appliance.config.lists import ListsConfig
from appliance.list_keeping.keeper import ListKeeper
from appliance.lists.folder import ListsFolder
from appliance.lists.identity import RosterIdentity
from appliance.services import Services
from lists_world.appliances import Appliance
from lists_world.town import AT, CHI_BO, Town


@dataclass
class SetMachine:
    """A machine whose clock a test sets. Nobody vouches for it unless ``synchronised``; it has no battery."""

    at: datetime = AT
    synchronised: bool = False
    boot: str = "boot-1"
    uptime: float = 20.0

    def wall(self) -> datetime:
        return self.at

    def boottime(self) -> float:
        return self.uptime

    def boot_id(self) -> str:
        return self.boot

    def is_synchronised(self) -> bool:
        return self.synchronised

    def hardware_clocks(self) -> tuple[datetime, ...]:
        return ()

    def restarts(self, *, at: datetime) -> None:
        self.boot, self.uptime, self.at = f"{self.boot}'", 15.0, at


@dataclass
class Household:
    """A state directory with store and keys, over which services are opened, as each process does."""

    state: Path
    mirrors: tuple[str, ...] = ()
    machine: SetMachine = field(default_factory=SetMachine)

    @classmethod
    def made(cls, state: Path) -> "Household":
        household = cls(state)
        with household.opened():
            RosterIdentity.load_or_create(household.config.keys_directory)
        return household

    def copy(self, state: Path) -> "Household":
        shutil.copytree(self.state, state, symlinks=True)
        return Household(state)

    @property
    def config(self) -> Config:
        lists = ListsConfig(mirrors=self.mirrors, province=CHI_BO.province, chi_bo=CHI_BO.name)
        return replace(Config.for_state(self.state), lists=lists)

    def write_config(self) -> None:
        """Write ``appliance.toml``, for the command line."""
        mirrors = json.dumps(self.mirrors)
        lists = f'[lists]\nmirrors = {mirrors}\nprovince = "{CHI_BO.province}"\nchi_bo = "{CHI_BO.name}"\n'
        (self.state / "appliance.toml").write_text(f'state_directory = "."\n\n{lists}')

    @property
    def recipient(self) -> str:
        """To whom its roster is sealed."""
        return RosterIdentity.load_or_create(self.config.keys_directory).recipient

    @property
    def lists(self) -> Appliance:
        return Appliance(ListsFolder(self.config.lists_directory))

    @contextmanager
    def opened(self) -> Iterator[Services]:
        services = Services.open(self.config, machine=self.machine)
        try:
            yield services
        finally:
            services.database.close()

    @contextmanager
    def keeper(self) -> Iterator[ListKeeper]:
        with self.opened() as services:
            yield ListKeeper(services)

    def settle(self, town: Town) -> "Household":
        """Pin the root, and take up what is published."""
        with self.keeper() as keeper:
            keeper.pin(town.first_root)
            keeper.import_from(town.public)
        return self
