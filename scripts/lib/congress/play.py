"""Playing a script of arrivals at doors that are open."""

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from congress.arrivals import Arrival
from congress.doors import Doors, Tapped
from congress.hand import Order


def play(doors: Doors, script: Mapping[str, Sequence[Arrival]], speed: float) -> list[Tapped]:
    """Play every door's part at the same time; the first failure stops all of them."""
    opened_at, failed = time.monotonic(), threading.Event()

    def part(name: str) -> list[Tapped]:
        tapped: list[Tapped] = []
        try:
            for arrival in script[name]:
                if failed.wait(max(0.0, opened_at + arrival.at_s / speed - time.monotonic())):
                    break
                tapped += [doors.tap(name, Order(arrival.person, how)) for how in arrival.tries]
        except BaseException:
            failed.set()
            raise
        return tapped

    with ThreadPoolExecutor(len(script)) as hands:
        return [one for of_door in hands.map(part, script) for one in of_door]
