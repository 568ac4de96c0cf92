"""Scenes that are ready to be played: the appliance before, what is cut off, and who examines it afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Protocol

from lists_power_cut.delivery import Deliveries
from lists_power_cut.disk import copy
from lists_power_cut.examine import Examiner, PinningExaminer
from lists_power_cut.power import count_calls
from lists_power_cut.scenes import SCENES, Month, Scene


class Examines(Protocol):
    """Whoever knows what must hold."""

    def examine(self, state: Path, *, done: bool) -> bool:
        """Say whether the new was in use; ``done`` is whether nothing was cut off. Raises ``NotSurvived``."""
        ...


@dataclass(frozen=True)
class Stage:
    """``template`` is the appliance before; ``work`` gives what is cut off on a copy of it, at ``calls`` calls."""

    name: str
    template: Path
    calls: int
    seconds: float
    work: Callable[[Path], Callable[[], object]]
    examiner: Examines
    only_kills: bool = False
    """SQLite forces out by itself, unseen by us; that power cuts cost it nothing is shown elsewhere."""


def prepare(month: Month, deliveries: Deliveries, folder: Path) -> list[Stage]:
    """Make every stage, each in a folder of its own."""
    folder.mkdir()
    stages = [_sync(month, scene, folder / f"sync-{number}") for number, scene in enumerate(SCENES)]
    return [_pinning(month, folder / "pinning"), *stages, _delivery(deliveries, folder / "delivery")]


def _sync(month: Month, scene: Scene, folder: Path) -> Stage:
    folder.mkdir()
    template = folder / "template"
    before = month.appliance(scene, template)
    undisturbed = copy(template, folder / "undisturbed")
    calls, seconds = _count(month.work(scene, undisturbed))
    found = month.sync(undisturbed, scene.after)
    examiner = Examiner(month, scene, before, found)
    return Stage(scene.name, template, calls, seconds, lambda state: month.work(scene, state), examiner)


def _pinning(month: Month, folder: Path) -> Stage:
    template = folder / "template"
    template.mkdir(parents=True)
    undisturbed = copy(template, folder / "undisturbed")
    calls, seconds = _count(lambda: month.pin(undisturbed))
    work: Callable[[Path], Callable[[], object]] = lambda state: lambda: month.pin(state)  # noqa: E731
    return Stage("the pinning of the root", template, calls, seconds, work, PinningExaminer(month))


def _delivery(deliveries: Deliveries, folder: Path) -> Stage:
    folder.mkdir()
    template = folder / "template"
    deliveries.appliance(template)
    calls, seconds = _count(deliveries.work(copy(template, folder / "undisturbed")))
    return Stage("a delivery", template, calls, seconds, deliveries.work, deliveries, only_kills=True)


def _count(work: Callable[[], object]) -> tuple[int, float]:
    started = perf_counter()
    return count_calls(work), perf_counter() - started
