"""``ledger``: is it what was recorded; what the minutes carry; a file that others can verify."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from appliance.commands.console import (
    EXIT_NOT_AS_IT_MUST_BE,
    EXIT_OK,
    Commands,
    open_existing,
    say,
    takes_config,
)
from appliance.errors import ConfigError
from appliance.keys import Keys, fsync_directory, write_atomically
from appliance.ledger.export import OneMeeting
from appliance.meetings.printed import checkpoint_of_meeting
from appliance.persons import Look, Purpose

_LONGEST_LINE = 4096


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    ledger = commands.add_parser("ledger", help="the attendance ledger").add_subparsers(required=True, metavar="WHAT")
    verify = ledger.add_parser("verify", help="find any altered, removed or reordered entry")
    takes_config(verify)
    verify.add_argument(
        "--checkpoint", metavar="LINE", help="from the minutes: THECHIP1:…; - reads it, as a scanner types"
    )
    verify.add_argument("--json", action="store_true")
    verify.set_defaults(command=_verify)

    checkpoint = ledger.add_parser("checkpoint", help="print the line that the minutes of a closed meeting carry")
    takes_config(checkpoint)
    checkpoint.add_argument("--meeting", type=int, required=True, metavar="N")
    checkpoint.add_argument("--qr", type=Path, metavar="FILE.svg|FILE.png", help="draw it as a QR code")
    checkpoint.set_defaults(command=_checkpoint)

    export = ledger.add_parser("export", help="write a file that anybody can verify (docs/verify_ledger.py)")
    takes_config(export)
    export.add_argument("file", type=Path, metavar="FILE")
    whose = export.add_mutually_exclusive_group(required=True)
    whose.add_argument("--meeting", type=int, metavar="N", help="with the bodies of this meeting only")
    whose.add_argument("--all", action="store_true", help="with every body that was not erased")
    export.set_defaults(command=_export)

    key = ledger.add_parser("key", help="print the public key with which anybody verifies the ledger")
    takes_config(key)
    key.set_defaults(command=_key)


def _verify(options: argparse.Namespace) -> int:
    paper = sys.stdin.readline(_LONGEST_LINE) if options.checkpoint == "-" else options.checkpoint
    verdict = open_existing(options).ledger.verify(paper=paper)
    if options.json:
        fields = {
            "ok": verdict.ok,
            "entries": verdict.entries,
            "erased": verdict.erased,
            "first_bad": verdict.first_bad,
            "reason": verdict.reason,
        }
        say(json.dumps(fields))
    else:
        say(verdict.sentence)
    return EXIT_OK if verdict.ok else EXIT_NOT_AS_IT_MUST_BE


def _checkpoint(options: argparse.Namespace) -> int:
    services = open_existing(options)
    line = checkpoint_of_meeting(services.database, services.ledger, options.meeting)
    if options.qr is not None:
        _draw(line, options.qr)
    say(line)
    return EXIT_OK


def _draw(line: str, file: Path) -> None:
    from appliance.ledger.qr import qr_png, qr_svg  # noqa: PLC0415 – segno is loaded by --qr only

    if file.suffix not in {".svg", ".png"}:
        msg = f"{file.name}: a QR code is drawn as .svg or as .png"
        raise ConfigError(msg)
    write_atomically(file, qr_svg(line).encode() if file.suffix == ".svg" else qr_png(line))


def _export(options: argparse.Namespace) -> int:
    services = open_existing(options)
    meeting = None if options.all else services.meetings.get(options.meeting)
    of_meeting = None if meeting is None else meeting.id
    services.access_log.looked(None, Look.EXPORT, Purpose.CONSOLE, at=services.clock.now(), meeting_id=of_meeting)
    lines = services.ledger.exported_lines(None if meeting is None else OneMeeting(meeting.id, meeting.uid))
    _write(options.file, lines)
    say(f"Wrote {options.file}. It holds names: keep it as you keep the minutes.")
    say(f"To verify it: python3 verify_ledger.py {options.file} --key {_hexadecimal(services.keys)}")
    return EXIT_OK


def _write(path: Path, lines: Iterable[bytes]) -> None:
    """Write a file of mode 0600 as a whole, or not at all; it may not be there yet."""
    if path.exists():
        msg = f"there is a file {path.name} already; it is not overwritten"
        raise ConfigError(msg)
    descriptor, name = tempfile.mkstemp(prefix=".unfinished-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        Path(name).rename(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    fsync_directory(path.parent)


def _key(options: argparse.Namespace) -> int:
    say(_hexadecimal(open_existing(options).keys))
    return EXIT_OK


def _hexadecimal(keys: Keys) -> str:
    return keys.device_public.public_bytes_raw().hex()
