"""A whole tap over the simulated PN532: how long chip, link and we take of it, and what travels."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.measure import Row

from appliance.demo.simulation import running
from appliance.demo.stage import Stage
from appliance.firmware_host.card_session import CardSession
from verifier.sdk.testing import VirtualChip

_TAPS = 15


class _Stopwatch:
    """Adds up the time that calls of a method take."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def around(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            started = time.perf_counter()
            try:
                return method(*arguments)
            finally:
                self.seconds += time.perf_counter() - started

        return timed


def rows() -> Iterator[Row]:
    """The demo's genuine card, again and again; the chip calculates in plain Python, much slower than its reader."""
    link, chip = _Stopwatch(), _Stopwatch()
    travelled: dict[str, int] = {}
    parts: dict[str, list[float]] = {"whole": [], "chip": [], "link": [], "ours": []}
    with (
        tempfile.TemporaryDirectory(prefix="thechip-bench-") as state,
        patch.object(CardSession, "transmit", link.around(CardSession.transmit)),
        patch.object(VirtualChip, "process", chip.around(VirtualChip.process)),
    ):
        stage = Stage.set_up(Path(state), at=datetime.now(UTC), open_meeting=True)
        genuine = stage.cards[0]
        with running(stage, result_seconds=0.0) as simulation:
            for _ in range(_TAPS):
                link.seconds = chip.seconds = 0.0
                result = simulation.tap(genuine)
                whole, travelled = result.elapsed_ms, {"APDUs": result.apdus, "bytes": result.bytes}
                transmitted, calculated = link.seconds * 1e3, chip.seconds * 1e3
                for name, value in zip(
                    parts, (whole, calculated, transmitted - calculated, whole - transmitted), strict=True
                ):
                    parts[name].append(value)
    middle = {name: statistics.median(values) for name, values in parts.items()}
    details = {
        "chip, ms": round(middle["chip"], 1),
        "driver, link and simulated reader, ms": round(middle["link"], 1),
        "ours, ms": round(middle["ours"], 1),
        **travelled,
    }
    yield Row(
        "a tap, simulated PN532", middle["whole"], "ms", middle["whole"] - middle["ours"], "card and link", details
    )
