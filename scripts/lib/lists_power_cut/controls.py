"""What a sync must not do without. Each is left out on purpose, to show that the cuts would find it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from appliance.lists import parts, taking_up
from appliance.lists.folder import UNDER_WAY


def _nothing(*_: Any, **__: Any) -> None:
    """Force out nothing."""


def _without_contents() -> None:
    """Name parts and sets whose files were never forced out."""
    parts.force_out = _nothing  # type: ignore[assignment]
    taking_up.force_out = _nothing  # type: ignore[assignment]


def _without_part_names() -> None:
    """Let a set count whose parts may have no names yet."""
    parts.fsync_directory = _nothing  # type: ignore[attr-defined]


def _without_set_names() -> None:
    """Switch to a set that may have no name yet."""
    taking_up.fsync_directory = _nothing  # type: ignore[attr-defined]


def _without_the_switch() -> None:
    """Delete the old set although the power may yet bring back the link to it."""

    def switch(link: Path, target: str) -> None:
        fresh = link.with_name(f"{UNDER_WAY}{link.name}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(target)
        fresh.replace(link)

    taking_up.switch = switch


CONTROLS: Final[Mapping[str, Callable[[], None]]] = {
    "contents": _without_contents,
    "part-names": _without_part_names,
    "set-names": _without_set_names,
    "switch": _without_the_switch,
}
