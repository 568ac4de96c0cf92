"""``publish``, ``status``, ``verify``."""

import argparse
import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from publisher.commands.console import (
    EXIT_NOT_AS_IT_MUST_BE,
    EXIT_OK,
    Commands,
    count,
    now,
    open_desk,
    say,
    takes_desk,
    takes_keys,
    warn,
)
from publisher.commands.status_lines import tell_status
from publisher.errors import PublicationInvalid
from publisher.files import read_regular
from publisher.metadata import LONGEST_METADATA
from publisher.moments import write_moment
from publisher.pruning import KEEP_DAYS
from publisher.verifying import verify_published


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    publish = commands.add_parser("publish", help="sign and publish what is staged, and a fresh timestamp")
    takes_keys(publish)
    publish.add_argument("--clock-is-right", action="store_true", help="the clock jumped, and is right all the same")
    publish.add_argument(
        "--keep-days", type=int, default=KEEP_DAYS, metavar="N", help=f"keep old files so long; else {KEEP_DAYS}"
    )
    publish.set_defaults(command=_publish)

    recover = commands.add_parser("recover", help="go on from a mirror's copy in public/, after a backup was restored")
    takes_desk(recover)
    recover.set_defaults(command=_recover)

    status = commands.add_parser("status", help="who signs what until when, and what is staged; 1 if something is due")
    takes_keys(status)
    status.add_argument("--json", action="store_true")
    status.set_defaults(command=_status)

    verify = commands.add_parser("verify", help="walk a published folder as an appliance would")
    takes_desk(verify)
    verify.add_argument("folder", type=Path)
    verify.add_argument("--root", type=Path, required=True, metavar="FILE", help="1.root.json, as appliances have it")
    verify.set_defaults(command=_verify)


def _publish(options: argparse.Namespace) -> int:
    desk = open_desk(options)
    done = desk.publish(at=now(), clock_is_right=options.clock_is_right, keep_days=options.keep_days)
    for target in done.targets:
        say(f"target {target.path}, {target.length:,} bytes")
    for path in done.removed:
        say(f"gone   {path}")
    for role in done.roles:
        facts = f"version {role.version}, {role.length:,} bytes, until {role.expires:%Y-%m-%d}"
        say(f"signed {role.role}, {facts} ({role.why})")
    for sentence in (*done.waiting, *done.remarks):
        warn(sentence)
    if done.pruned:
        say(f"{count(done.pruned, 'old file')} removed")
    for name in desk.idle_keys():
        say(f"keys/{name} signs nothing any more: destroy it")
    if not done.roles:
        say("nothing to publish")
    return EXIT_OK


def _recover(options: argparse.Namespace) -> int:
    recovered = open_desk(options).recover()
    for role, version in recovered.versions.items():
        say(f"{role:<12} version {version}")
    say(f"this desk goes on from what was published {recovered.published_at:%Y-%m-%d %H:%M} UTC")
    return EXIT_OK


def _status(options: argparse.Namespace) -> int:
    status = open_desk(options).status(at=now())
    if options.json:
        say(json.dumps({**asdict(status), "is_well": status.is_well}, default=_as_text, sort_keys=True))
    else:
        tell_status(status)
    return EXIT_OK if status.is_well else EXIT_NOT_AS_IT_MUST_BE


def _verify(options: argparse.Namespace) -> int:
    root = read_regular(options.root, LONGEST_METADATA)
    try:
        verified = verify_published(options.folder, root, at=now())
    except PublicationInvalid as error:
        warn(f"{error.sentence} [{error.reason}]")
        return EXIT_NOT_AS_IT_MUST_BE
    for role in verified.roles:
        issued = "" if role.issued is None else f", signed {write_moment(role.issued)}"
        say(f"{role.role:<12} version {role.version}, until {role.expires:%Y-%m-%d}{issued}")
    for path, length in sorted(verified.targets.items()):
        say(f"{path}, {length:,} bytes")
    say(f"an appliance takes it: {count(len(verified.targets), 'target')}, {sum(verified.targets.values()):,} bytes")
    return EXIT_OK


def _as_text(value: object) -> str:
    return write_moment(value) if isinstance(value, datetime) else str(value)
