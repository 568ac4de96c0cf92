"""``reader list`` and ``reader test``: what is plugged in, and how well a card is read by it."""

import argparse
import json
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from appliance.commands.console import (
    CONFIG_NAME,
    EXIT_NOT_AS_IT_MUST_BE,
    EXIT_OK,
    EXIT_TROUBLE,
    EXIT_USAGE,
    Commands,
    config_of,
    say,
    warn,
)
from appliance.commands.reader_words import fields_of, lines_of_card, lines_of_reader, lines_of_verdict
from appliance.config import ReaderConfig
from appliance.config.devices import READER_KINDS
from appliance.errors import StationRuns
from appliance.firmware_host.discovery import latency_timer_ms
from appliance.firmware_host.measuring import ReaderMeasurement, measure_card, open_timed
from appliance.firmware_host.plugged_in import Found, configured_readers, pcsc_readers_found, serial_ports_found
from appliance.firmware_host.reader import Reader
from appliance.firmware_host.readers import new_reader, place_of
from appliance.firmware_host.verdict import verdicts
from appliance.storage.station_lock import refuse_while_station_runs
from verifier.sdk.errors import ReaderError, ReaderFault, VerifierError

_STOP_STATION = "if a station runs on this machine, stop it first: systemctl stop thechip-station"
_SHARED = (
    "PC/SC readers are shared by all programs, and a card is read by the first that takes it: a station that runs on "
    "this machine would take this one"
)
_WAIT_S = 20.0
_PCSC = "PC/SC readers"

Named = tuple[str, ReaderConfig]


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    reader = commands.add_parser("reader", help="card readers").add_subparsers(required=True, metavar="WHAT")
    listed = reader.add_parser("list", help="say what is plugged in, and where the configured readers are")
    _takes_config(listed)
    listed.add_argument("--json", action="store_true")
    listed.set_defaults(command=_list)

    test = reader.add_parser("test", help="measure a reader with a card held to it: 0 if it is good, else 1")
    which = _takes_config(test)
    which.add_argument(
        "--kind", choices=READER_KINDS, help="a reader that no configuration names; with --device or --usb"
    )
    test.add_argument(
        "--device", default="", help="as in the configuration: a file, part of a PC/SC name, or host:port"
    )
    test.add_argument("--usb", default="", metavar="VID:PID", help="find a serial reader by its adapter")
    test.add_argument("--reader", metavar="NAME", help="one of the configured readers; else each in turn")
    test.add_argument("--wait", type=float, default=_WAIT_S, metavar="SECONDS", help="for a card (20)")
    test.add_argument("--json", action="store_true", help="one JSON object for each reader")
    test.set_defaults(command=_test)


def _takes_config(parser: argparse.ArgumentParser) -> "argparse._MutuallyExclusiveGroup":
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--config", type=Path, metavar="FILE", help="docs/appliance.toml.example")
    which.add_argument("--state", type=Path, metavar="DIR", help=f"the directory that init made: its {CONFIG_NAME}")
    return which


# --- list ------------------------------------------------------------------------------------------------------------


def _list(options: argparse.Namespace) -> int:
    doors = config_of(options).doors if options.config or options.state else ()
    groups: list[tuple[str, Callable[[], list[Found]]]] = [
        ("Serial lines", serial_ports_found),
        (_PCSC, pcsc_readers_found),
        ("Configured", lambda: configured_readers(doors)),
    ]
    for heading, look in groups:
        try:
            found = look()
        except VerifierError as error:
            if _is_asked_for(heading, doors):
                warn(f"{error.sentence} [{error.reason}]")
            continue
        if options.json:
            for one in found:
                say(json.dumps({"group": heading.lower(), "name": one.name, "found": one.is_found, "about": one.about}))
        elif found or heading != "Configured":
            say(f"{heading}:" if found else f"{heading}: none")
            for one in found:
                say(f"  {one.name}\n      {one.about}")
    return EXIT_OK


def _is_asked_for(heading: str, doors: Collection[ReaderConfig]) -> bool:
    """Tell whether it matters that a kind of readers cannot be looked for: not where a configuration has none of it."""
    return heading != _PCSC or not doors or any(door.kind == "pcsc" for door in doors)


# --- test ------------------------------------------------------------------------------------------------------------


def _test(options: argparse.Namespace) -> int:
    chosen = _chosen(options)
    if isinstance(chosen, str):
        warn(chosen)
        return EXIT_USAGE
    return max(code for code in _each(chosen, options))


def _chosen(options: argparse.Namespace) -> list[Named] | str:
    """Return the readers to test, or what is wrong with the options."""
    if options.kind or (options.usb and not (options.config or options.state)):
        kind = options.kind or "pn532-hsu"
        return [(kind, ReaderConfig(options.device, kind, options.usb))]
    if not (options.config or options.state):
        return "say which reader: --config FILE or --state DIR, or --kind with --device, or --usb VID:PID"
    if options.device or options.usb:
        return "--device and --usb name a reader that no configuration does; leave them out, or --config and --state"
    config = config_of(options)
    names = [door.name for door in config.doors]
    wanted = [(door.name, door) for door in config.doors if options.reader in {None, door.name}]
    if not wanted:
        return "the configuration names no such reader; it has: " + (", ".join(names) or "none")
    try:
        refuse_while_station_runs(config.state_directory)
    except StationRuns as error:
        sentence = f"{error.sentence} and has its readers open; stop it first: systemctl stop thechip-station"
        raise StationRuns(sentence) from error
    return wanted


def _each(chosen: list[Named], options: argparse.Namespace) -> Iterator[int]:
    for name, config in chosen:
        unopened = new_reader(config, name=name)
        try:
            with closing(unopened) as reader:
                yield _test_one(reader, config, options)
        except VerifierError as error:
            warn(f"reader {name}: {error.sentence} [{error.reason}]")
            if isinstance(error, ReaderFault):
                warn(_STOP_STATION)
            yield EXIT_TROUBLE


def _test_one(reader: Reader, config: ReaderConfig, options: argparse.Namespace) -> int:
    if config.kind == "pcsc" and options.kind:
        warn(_SHARED)
    tell = (lambda _: None) if options.json else say
    tell(f"Reader {reader.name}: {place_of(config)}")
    opened_s, facts = open_timed(reader, time.monotonic)
    timer = latency_timer_ms(facts.device_file) if facts.device_file else None
    measured = ReaderMeasurement(opened_s, facts, timer, None)
    for line in lines_of_reader(measured):
        tell(f"  {line}")
    warn(f"hold a card to the reader, and leave it there ({options.wait:g} s)")
    card = reader.wait_for_card(options.wait)
    if card is not None:
        try:
            measured = replace(measured, card=measure_card(card, time.monotonic))
        finally:
            with suppress(ReaderError):  # it is said already, if it is gone
                card.release()
    found = verdicts(measured)
    if options.json:
        say(json.dumps(fields_of(reader.name, config, measured, found)))
    for line in (*lines_of_card(measured), *lines_of_verdict(measured, found, waited_s=options.wait)):
        tell(f"  {line}")
    is_good = measured.card is not None and not any(verdict.is_fault for verdict in found)
    return EXIT_OK if is_good else EXIT_NOT_AS_IT_MUST_BE
