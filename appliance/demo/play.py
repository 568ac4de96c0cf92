"""Playing the demo: headless, each card once; or for the page, until somebody has seen enough."""

import json
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from appliance.demo.headless import tap_every_card
from appliance.demo.playground import check_playground, clear_playground
from appliance.demo.simulation import Tray, running
from appliance.demo.stage import Stage
from appliance.errors import ConfigError, StorageUnreachable
from appliance.kiosk.display import DisplayState
from appliance.station.assembly import write_ready_file
from appliance.storage.station_lock import only_station


def play_headless(state: Path | None, *, fresh: bool, as_json: bool, say: Callable[[str], None]) -> int:
    """Tap each card once, say what became of it, and return 0 only if every card was treated as it must be."""
    with ExitStack() as stack:
        stage = Stage.set_up(_directory(state, stack, fresh=fresh), at=_now(), open_meeting=True)
        stack.callback(stage.services.database.close)
        simulation = stack.enter_context(running(stage, result_seconds=0.0))
        treated = []
        for one in tap_every_card(simulation):
            treated.append(one)
            say(one.as_json() if as_json else one.as_text())
        right = sum(one.is_right for one in treated)
        verdict = stage.services.ledger.verify()
        summary = {
            "cards": len(treated),
            "as_expected": right,
            "ledger_entries": verdict.entries,
            "ledger_ok": verdict.ok,
        }
        say(
            json.dumps({"summary": summary})
            if as_json
            else f"{right} of {len(treated)} as they must be. {verdict.sentence}"
        )
        return 0 if right == len(treated) and verdict.ok else 1


def play_until(stop: threading.Event, state: Path | None, *, fresh: bool, ready_file: Path | None) -> int:
    """Serve the page's tray of cards until ``stop`` is set. The meeting is planned; an officer opens it.

    Raises ``StationEnded`` where the station ends by itself.
    """
    with ExitStack() as stack:
        stage = Stage.set_up(_directory(state, stack, fresh=fresh), at=_now(), open_meeting=False)
        stack.callback(stage.services.database.close)
        simulation = stack.enter_context(running(stage, result_seconds=stage.services.config.result_seconds))
        tray = Tray(simulation)
        simulation.wait_for(DisplayState.READY, DisplayState.NO_MEETING)
        if ready_file is not None:
            write_ready_file(ready_file)
        tray.serve(stop)
    return 0


def _directory(state: Path | None, stack: ExitStack, *, fresh: bool) -> Path:
    """Return the directory to play in, held as this process's own and, with ``fresh``, emptied of an earlier demo."""
    if state is None:
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="thechip-demo-")))
    check_playground(state, fresh=fresh)  # nothing is written, not even the lock, where the demo may not play
    try:
        stack.enter_context(only_station(state))
    except StorageUnreachable as error:
        raise ConfigError(error.sentence) from error
    if fresh:
        clear_playground(state)
    return state


def _now() -> datetime:
    return datetime.now(UTC)
