"""``run`` and ``demo``: serving cards until told to stop."""

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from appliance.commands.console import EXIT_OK, Commands, config_of, say, stop_on_signals, takes_config, warn
from appliance.firmware_host.watchdog import Watchdog
from appliance.keys.cautions import cautions
from appliance.services import Services
from appliance.storage.station_lock import only_station


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    run = commands.add_parser("run", help="serve cards until stopped")
    takes_config(run)
    run.add_argument("--ready-file", type=Path, help="written once the station serves, or shows that it is locked")
    run.set_defaults(command=_run)

    demo = commands.add_parser("demo", help="invented people, a simulated PN532, a tray of virtual cards")
    demo.add_argument("--headless", action="store_true", help="tap each card once and end; 0 if all went as they must")
    demo.add_argument("--json", action="store_true", help="with --headless: one JSON object per line")
    demo.add_argument("--state", type=Path, help="an empty directory to play in (default: a temporary one)")
    demo.add_argument("--fresh", action="store_true", help="with --state: empty it first, if a demo made it")
    demo.add_argument("--ready-file", type=Path, help="written once the station serves")
    demo.set_defaults(command=_demo)


def _run(options: argparse.Namespace) -> int:
    stop = stop_on_signals()  # before what takes long to load
    from appliance.station.assembly import run_station, write_ready_file  # noqa: PLC0415 – nfcpy looks for a compiler and writes files when loaded
    from appliance.station.locked import once_unlocked  # noqa: PLC0415 – needed by this command only

    config = config_of(options)

    def say_locked(line: str) -> None:
        warn(line)
        if options.ready_file is not None:
            write_ready_file(options.ready_file)  # who waits for it starts the page, which shows it

    with only_station(config.state_directory):
        for caution in cautions(config):
            warn(caution)
        services = once_unlocked(
            lambda: Services.open(config),
            config,
            clock=lambda: datetime.now(UTC),
            stop=stop,
            announce=say_locked,
            watchdog=Watchdog(os.environ.get("NOTIFY_SOCKET")),
        )
        if services is None:
            return EXIT_OK
        run_station(services, clock=services.clock.now, stop=stop, ready_file=options.ready_file, announce=warn)
    return EXIT_OK


def _demo(options: argparse.Namespace) -> int:
    from appliance.demo import play  # noqa: PLC0415 – the appliance of a real meeting never loads it

    if options.headless:
        return play.play_headless(options.state, fresh=options.fresh, as_json=options.json, say=say)
    return play.play_until(stop_on_signals(), options.state, fresh=options.fresh, ready_file=options.ready_file)
