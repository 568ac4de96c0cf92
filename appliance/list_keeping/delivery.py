"""Handing rules and roster of signed lists over to the store: each once, and neither waits for the other."""

from pathlib import Path
from typing import Final

from appliance.errors import ApplianceError
from appliance.keys import write_atomically
from appliance.list_keeping.received import SealedRoster, take_over_roster, take_over_rules
from appliance.lists.folder import ListsFolder, as_storage_trouble
from appliance.lists.opening import ROSTER, read_rules
from appliance.lists.publication import ChiBo
from appliance.lists.sealed_set import PartKind, current_set
from appliance.services import Services

_DELIVERED: Final = "delivered"


class Delivery:
    """From the set in use to the store of one appliance; ``chi_bo`` is whose roster is wanted."""

    def __init__(self, services: Services, folder: ListsFolder, chi_bo: ChiBo | None) -> None:
        self._services = services
        self._folder = folder
        self._chi_bo = chi_bo

    def deliver(self) -> None:
        """Hand over what was not handed over yet. What was wrong is raised when both were tried.

        Raises ``ListRefused`` for a document that cannot be used, ``StorageError``, ``KeyFileError``.
        """
        sealed = current_set(self._folder)
        if sealed is None:
            return
        problems: list[ApplianceError] = []
        for kind, hand_over in ((PartKind.RULES, self._rules), (PartKind.ROSTER, self._roster)):
            part = sealed.parts.get(kind)
            if part is None or self._delivered(kind) == part.sha256:
                continue
            try:
                with as_storage_trouble():
                    if hand_over(self._folder.parts / part.name):
                        write_atomically(self._marker(kind), part.sha256.encode())
            except ApplianceError as error:
                problems.append(error)
        if problems:
            raise type(problems[0])("; ".join(problem.sentence for problem in problems))

    def _delivered(self, kind: PartKind) -> str:
        try:
            return self._marker(kind).read_text("ascii", "replace")
        except OSError:
            return ""

    def _marker(self, kind: PartKind) -> Path:
        return self._folder.path / f"{_DELIVERED}-{kind}"

    def _rules(self, part: Path) -> bool:
        take_over_rules(self._services, read_rules(part), at=self._services.clock.read().at)
        return True

    def _roster(self, part: Path) -> bool:
        """Return whether it was taken over: not by an appliance that is set up for none, or not any more."""
        if self._chi_bo is None:
            return False
        roster = SealedRoster(self._chi_bo.province, self._chi_bo.name, (part / ROSTER).read_bytes())
        take_over_roster(self._services, roster, at=self._services.clock.read().at)
        return True
