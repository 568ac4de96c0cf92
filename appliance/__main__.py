"""``thechip-appliance``: run the station, play the demo, check the ledger. The composition root of the appliance."""

import argparse
import json
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from appliance.accounts import AccountService
from appliance.assembly import run_station
from appliance.config import Config
from appliance.errors import ApplianceError, ConfigError
from appliance.services import Services
from verifier.sdk.errors import VerifierError

EXIT_OK, EXIT_NOT_AS_IT_MUST_BE, EXIT_USAGE, EXIT_TROUBLE = 0, 1, 2, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 well, 1 not as it must be, 2 usage, 3 trouble."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING, format="%(levelname)s %(message)s")
    try:
        code: int = options.command(options)
    except (ApplianceError, VerifierError) as error:
        print(f"thechip-appliance: {error.sentence} [{error.reason}]", file=sys.stderr)  # noqa: T201
        return EXIT_USAGE if isinstance(error, ConfigError) else EXIT_TROUBLE
    except KeyboardInterrupt:
        return EXIT_OK
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="thechip-appliance", description="The check-in appliance for chip cards.")
    parser.add_argument("--verbose", action="store_true", help="say what happens, without persons")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="serve cards until stopped")
    _takes_config(run)
    run.add_argument("--ready-file", type=Path, help="written once the station serves")
    run.set_defaults(command=_run)

    demo = commands.add_parser("demo", help="invented people, a simulated PN532, a tray of virtual cards")
    demo.add_argument("--headless", action="store_true", help="tap each card once and end; 0 if all went as they must")
    demo.add_argument("--json", action="store_true", help="with --headless: one JSON object per line")
    demo.add_argument("--state", type=Path, help="an empty directory to play in (default: a temporary one)")
    demo.add_argument("--ready-file", type=Path, help="written once the station serves")
    demo.set_defaults(command=_demo)

    init = commands.add_parser("init", help="write a configuration for a state directory")
    init.add_argument("--state", type=Path, required=True)
    init.add_argument("--reader", metavar="DEVICE", required=True, help="the serial device of a PN532")
    init.set_defaults(command=_init)

    link = commands.add_parser("setup-link", help="print the one-time link that makes the first administrator")
    _takes_config(link)
    link.add_argument("--address", default="http://127.0.0.1:8080", help="where the page is reached")
    link.set_defaults(command=_setup_link)

    ledger = commands.add_parser("ledger", help="the attendance ledger").add_subparsers(required=True, metavar="WHAT")
    verify = ledger.add_parser("verify", help="find any altered, removed or reordered entry")
    _takes_config(verify)
    verify.add_argument("--json", action="store_true")
    verify.set_defaults(command=_ledger_verify)
    return parser


def _takes_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="docs/appliance.toml.example")


def _now() -> datetime:
    return datetime.now(UTC)


def _run(options: argparse.Namespace) -> int:
    services = Services.open(Config.load(options.config))
    run_station(services, clock=_now, stop=_stop_on_signals(), ready_file=options.ready_file)
    return EXIT_OK


def _demo(options: argparse.Namespace) -> int:
    from appliance.demo import play  # noqa: PLC0415 – the appliance of a real meeting never loads it

    if options.headless:
        return play.play_headless(options.state, as_json=options.json, say=_say)
    return play.play_until(_stop_on_signals(), options.state, ready_file=options.ready_file)


def _init(options: argparse.Namespace) -> int:
    options.state.mkdir(parents=True, mode=0o700, exist_ok=True)
    file = options.state / "appliance.toml"
    if file.exists():
        msg = f"{file} is there already; it is not overwritten"
        raise ConfigError(msg)
    device = json.dumps(options.reader)  # a TOML string, too
    file.write_text(f'state_directory = "."\n\n[[readers]]\nkind = "pn532-hsu"\ndevice = {device}\n', encoding="utf-8")
    Config.load(file).trust_directory.mkdir(exist_ok=True)
    _say(f"Wrote {file}. Put the issuers' certificates and CRLs into {options.state / 'trust'}.")
    return EXIT_OK


def _setup_link(options: argparse.Namespace) -> int:
    accounts = AccountService(Services.open(Config.load(options.config)).database)
    if accounts.needs_set_up():
        code = accounts.issue_setup_token(at=_now())
        _say(f"First start: make the administrator's account at\n\n    {options.address}/setup/{code}\n")
    else:
        _say(f"The page is at {options.address}/")
    return EXIT_OK


def _ledger_verify(options: argparse.Namespace) -> int:
    verdict = Services.open(Config.load(options.config)).ledger.verify()
    if options.json:
        fields = {
            "ok": verdict.ok,
            "entries": verdict.entries,
            "erased": verdict.erased,
            "first_bad": verdict.first_bad,
            "reason": verdict.reason,
        }
        _say(json.dumps(fields))
    else:
        _say(verdict.sentence)
    return EXIT_OK if verdict.ok else EXIT_NOT_AS_IT_MUST_BE


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
