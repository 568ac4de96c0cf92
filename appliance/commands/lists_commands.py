"""``lists``: where the signed lists come from, how old they are, and taking them up."""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.commands import lists_pin
from appliance.commands.console import (
    EXIT_NOT_AS_IT_MUST_BE,
    EXIT_OK,
    Commands,
    open_services,
    say,
    takes_config,
    warn,
)
from appliance.lists.freshness import Light, ListsAge
from appliance.lists.history import Outcome
from appliance.names import count

if TYPE_CHECKING:  # python-tuf takes a sixth of a second to load, which only those who ask for lists should wait for
    from appliance.list_keeping.keeper import ListKeeper, ListsStatus
    from appliance.lists.sources.source import Source
    from appliance.lists.sync import Progress, Synced

_SAID = {
    Outcome.INSTALLED: "new lists are in use",
    Outcome.RENEWED: "the same lists, signed anew",
    Outcome.UNCHANGED: "nothing is newer",
    Outcome.FAILED: "failed",
}
_MOST_SHOWN = 5


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    lists = commands.add_parser("lists", help="issuers, revocations, rules and rosters, signed").add_subparsers(
        required=True, metavar="WHAT"
    )
    lists_pin.add_to(lists)

    sync = lists.add_parser("sync", help="ask the mirrors, then the sticks, for newer lists")
    takes_config(sync)
    sync.add_argument("--repair", action="store_true", help="download and check all that is damaged or lacking")
    sync.add_argument("--json", action="store_true")
    sync.set_defaults(command=_sync)

    importing = lists.add_parser("import", help="take up the lists on a stick, or in a folder")
    takes_config(importing)
    importing.add_argument("path", type=Path, metavar="PATH")
    importing.add_argument("--dry-run", action="store_true", help="verify what is there, and take up nothing")
    importing.add_argument("--json", action="store_true")
    importing.set_defaults(command=_import)

    status = lists.add_parser("status", help="which lists are in use, and how old they are")
    takes_config(status)
    status.add_argument("--json", action="store_true")
    status.set_defaults(command=_status)

    verify = lists.add_parser("verify", help="check every signature and every byte of the lists in use")
    takes_config(verify)
    verify.add_argument("--json", action="store_true")
    verify.set_defaults(command=_verify)

    keep = lists.add_parser("keep", help="keep them fresh until stopped: mirrors in their rhythm, a stick at once")
    takes_config(keep)
    keep.set_defaults(command=_keep)


def _keeper(options: argparse.Namespace) -> "ListKeeper":
    from appliance.list_keeping.keeper import ListKeeper  # noqa: PLC0415 – python-tuf takes a sixth of a second

    return ListKeeper(open_services(options))


def _keep(options: argparse.Namespace) -> int:
    from appliance.commands.lists_service import keep  # noqa: PLC0415 – python-tuf takes a sixth of a second

    return keep(options)


def _sync(options: argparse.Namespace) -> int:
    keeper = _keeper(options)
    synced = keeper.sync(progress=_progress(options), repair=options.repair)
    return _tell(synced, as_json=options.json, repaired=options.repair)


def _import(options: argparse.Namespace) -> int:
    keeper = _keeper(options)
    if not options.dry_run:
        return _tell(keeper.import_from(options.path, progress=_progress(options)), as_json=options.json)
    seen = keeper.look_at(options.path)
    if options.json:
        fields = {"is_new": seen.is_new, "issued": seen.offer.issued.isoformat(), "versions": dict(seen.offer.versions)}
        say(json.dumps(fields))
    else:
        newer = "newer than those in use" if seen.is_new else "those in use"
        say(f"Lists {seen.offer.versions['timestamp']}, signed {seen.offer.issued:%Y-%m-%d %H:%M} UTC: {newer}.")
        for path, target in sorted(seen.offer.targets.items()):
            say(f"  {path:28} {target.length:>11,} bytes")
    return EXIT_OK


def _tell(synced: "Synced", *, as_json: bool, repaired: bool = False) -> int:
    after = synced.taken.after
    for source, error in synced.failures:
        warn(f"{source.named}: {error.sentence} [{error.reason}]")
    if as_json:
        fields = {
            "outcome": synced.outcome.value,
            "source": synced.source.named,
            "received": synced.received,
            "timestamp": after.timestamp_version,
            "card_status": after.card_status_sequence,
            "issued": after.issued.isoformat(),
            "content": after.content,
            "failed": [{"source": source.named, "reason": error.reason} for source, error in synced.failures],
        }
        say(json.dumps(fields))
    else:
        said = _SAID[synced.outcome]
        if repaired and synced.outcome is not Outcome.INSTALLED:
            said = "the same lists, all of them checked anew and whole"
        say(f"{synced.source.named}: {said}; lists {after.timestamp_version}, {synced.received:,} bytes came.")
    return EXIT_OK


def _status(options: argparse.Namespace) -> int:
    from appliance.list_keeping.keeper import ListKeeper  # noqa: PLC0415 – python-tuf takes a sixth of a second

    status = ListKeeper(open_services(options)).status()
    if options.json:
        say(json.dumps(status_fields(status)))
    else:
        for line in _status_lines(status):
            say(line)
    good = status.problem is None and status.age.light in {Light.GREEN, Light.AMBER}
    return EXIT_OK if good else EXIT_NOT_AS_IT_MUST_BE


def status_fields(status: "ListsStatus") -> dict[str, object]:
    """Return the status for programs."""
    sealed, first = status.sealed, status.expires_first()
    return {
        "pinned_root": None if status.pinned is None else status.pinned.sha256,
        "freshness": status.age.light.value,
        "age_days": status.age.age_days,
        "age_at_least": status.age.at_least,
        "issued": None if sealed is None else sealed.issued.isoformat(),
        "content": None if sealed is None else sealed.content,
        "source": None if sealed is None else sealed.source,
        "versions": {} if sealed is None else dict(sealed.versions),
        "card_status": None if sealed is None else sealed.card_status_sequence,
        "expires_first": None if first is None else {"role": first[0], "at": first[1].isoformat()},
        "problem": None if status.problem is None else status.problem.reason,
        "syncing": status.is_syncing,
        "history": [json.loads(attempt.encode()) for attempt in status.history[:_MOST_SHOWN]],
    }


def _status_lines(status: "ListsStatus") -> list[str]:
    if status.pinned is None:
        return ["No root is pinned: thechip-appliance lists pin 1.root.json"]
    lines = [f"root      {status.pinned.sha256[:16]}…, pinned"]
    sealed, first = status.sealed, status.expires_first()
    if sealed is None or first is None:
        lines.append("lists     none yet: thechip-appliance lists sync, or lists import PATH")
    else:
        age = _age(status.age)
        issued = f"{sealed.issued:%Y-%m-%d %H:%M} UTC"
        lines += [
            f"lists     {sealed.timestamp_version}, signed {issued}, {age} [{status.age.light}]",
            f"cards     card status list {sealed.card_status_sequence} of {sealed.card_status_issued:%Y-%m-%d}",
            f"content   {sealed.content[:16]}…",
            f"roster    {_roster(status)}",
            f"from      {sealed.source}, {sealed.installed_at:%Y-%m-%d %H:%M} UTC",
            f"runs out  {first[1]:%Y-%m-%d} ({first[0]}); then this copy gives nothing new, and what is in use stays",
        ]
    if status.problem is not None:
        lines.append(f"problem   {status.problem.sentence} [{status.problem.reason}]")
    for attempt in status.history[:_MOST_SHOWN]:
        why = f" [{attempt.reason}]" if attempt.reason else ""
        lines.append(f"{attempt.at:%m-%d %H:%M}  {attempt.source}: {_SAID[attempt.outcome]}{why}")
    return lines


def _roster(status: "ListsStatus") -> str:
    if status.chi_bo is None:
        return "this device is set up for none: lists.province and lists.chi_bo in the configuration"
    if status.sealed is not None and status.chi_bo.roster in status.sealed.targets:
        return f"of {status.chi_bo.name} in province {status.chi_bo.province}"
    why = f"not published, or the signature of province {status.chi_bo.province} has expired"
    return f"none for {status.chi_bo.name}: {why}"


def _age(age: ListsAge) -> str:
    days = age.age_days
    if days is None:
        return "signed in the future: check the clock"
    if age.at_least:
        return f"at least {count(days, 'day')} old, but the time is not known: clock show"
    return "today’s" if days == 0 else f"{count(days, 'day')} old"


def _verify(options: argparse.Namespace) -> int:
    verdict = _keeper(options).verify()
    if options.json:
        content = None if verdict.sealed is None else verdict.sealed.content
        reason = None if verdict.problem is None else verdict.problem.reason
        say(json.dumps({"ok": verdict.ok, "content": content, "reason": reason}))
    else:
        say(verdict.sentence)
    return EXIT_OK if verdict.ok else EXIT_NOT_AS_IT_MUST_BE


def _progress(options: argparse.Namespace) -> "Progress | None":
    """Say how much came, on a terminal: one line that is written over."""
    if options.json or not sys.stderr.isatty():
        return None
    began = datetime.now(UTC)

    def show(source: "Source", received: int) -> None:
        seconds = (datetime.now(UTC) - began).total_seconds()
        sys.stderr.write(f"\r{source.named}: {received / 1000:,.0f} kB, {seconds:.0f} s ")
        sys.stderr.flush()

    return show
