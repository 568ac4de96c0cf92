"""``add`` and ``remove``: what the next publication holds."""

import argparse
from pathlib import Path

from appliance.roster_sheet.table import FaultyRosterFile
from publisher.card_status import CardStatusChange
from publisher.commands.console import (
    EXIT_OK,
    EXIT_TROUBLE,
    EXIT_USAGE,
    Commands,
    count,
    now,
    open_desk,
    say,
    takes_desk,
    takes_keys,
    warn,
)
from publisher.errors import WrongUsage
from publisher.trust import TrustChange, TrustItem
from verifier.sdk.errors import FaultyTable


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    add = commands.add_parser("add", help="stage a list").add_subparsers(required=True, metavar="WHAT")
    _add_trust_to(add)
    _add_card_status_to(add)
    rules = add.add_parser("rules", help="a version of the rules of attendance (JSON)")
    takes_desk(rules)
    rules.add_argument("file", type=Path)
    rules.set_defaults(command=_add_rules)
    _add_roster_to(add)

    unstage = commands.add_parser("unstage", help="let go of what was added and is not published")
    takes_desk(unstage)
    unstage.add_argument(
        "what", metavar="PATH", help="as status shows it; or trust, card-status, with all that is in it"
    )
    unstage.set_defaults(command=_unstage)

    remove = commands.add_parser("remove", help="take something out of a list").add_subparsers(
        required=True, metavar="WHAT"
    )
    trust = remove.add_parser("trust", help="a certificate or CRL")
    takes_desk(trust)
    trust.add_argument("fingerprint", metavar="SHA256", help="or its first digits, 8 or more")
    trust.set_defaults(command=_remove_trust)
    roster = remove.add_parser("roster", help="a chi bộ's roster, at its province's desk")
    takes_desk(roster)
    roster.add_argument("--province", metavar="NN")
    roster.add_argument("--chi-bo", required=True, metavar="NAME")
    roster.set_defaults(command=_remove_roster)


def _add_trust_to(add: Commands) -> None:
    trust = add.add_parser("trust", help="CSCA and link certificates, CRLs, master lists, LDIF")
    takes_desk(trust)
    trust.add_argument("files", type=Path, nargs="+", metavar="FILE")
    trust.add_argument(
        "--list-signer",
        action="append",
        default=[],
        metavar="SHA256",
        help="believe master lists that this signer signed, or one that this CSCA issued (may be repeated)",
    )
    trust.add_argument("--replace", action="store_true", help="start anew instead of adding to what is published")
    trust.set_defaults(command=_add_trust)


def _add_card_status_to(add: Commands) -> None:
    card_status = add.add_parser("card-status", help="the state of all cards today (CSV: hash, state, since, reason)")
    takes_keys(card_status)
    card_status.add_argument(
        "file", type=Path, help="the complete state: every card that is not good, not only new ones"
    )
    card_status.add_argument("--next-update-days", type=int, metavar="N", help="when the next list comes at the latest")
    card_status.add_argument("--new-base", action="store_true", help="make a base, also where a delta would do")
    card_status.add_argument(
        "--no-longer-listed", type=int, metavar="N", help="so many cards leave the list; asked for where these are many"
    )
    card_status.set_defaults(command=_add_card_status)


def _add_roster_to(add: Commands) -> None:
    roster = add.add_parser("roster", help="a chi bộ's roster (CSV), at its province's desk")
    takes_desk(roster)
    roster.add_argument("file", type=Path)
    roster.add_argument("--province", metavar="NN", help="that of the desk; refused where it is another")
    roster.add_argument("--chi-bo", required=True, metavar="NAME", help="as in the appliance's configuration")
    roster.add_argument("--title", required=True, metavar="TEXT", help="how the page calls the chi bộ")
    roster.add_argument("--to", action="append", required=True, metavar="age1…", help="an appliance (may be repeated)")
    roster.add_argument("--short-numbers", action="store_true", help="take numbers of 10 or 11 digits as they are")
    roster.set_defaults(command=_add_roster)


def _add_trust(options: argparse.Namespace) -> int:
    desk = open_desk(options)
    change = desk.add_trust(options.files, at=now(), list_signers=options.list_signer, replace=options.replace)
    _tell_trust(change)
    return EXIT_OK


def _remove_trust(options: argparse.Namespace) -> int:
    _tell_trust(open_desk(options).remove_trust(options.fingerprint))
    return EXIT_OK


def _tell_trust(change: TrustChange) -> None:
    for mark, items in (("new ", change.new), ("gone", change.gone)):
        for item in items:
            say(_line_of(mark, item))
    for item in change.new:
        _warn_of_its_end(item)
    for name, sentence in change.problems:
        warn(f"not taken: {name}: {sentence}")
    kinds = (count(change.roots, "root"), count(change.links, "link certificate"), count(change.crls, "CRL"))
    say(f"{'staged' if change.new or change.gone else 'nothing changed'}: {', '.join(kinds)}")


def _warn_of_its_end(item: TrustItem) -> None:
    ending, at = item.ending, now()
    if ending is not None and ending.is_soon(at):
        days = (ending.until - at).days
        when = f"has ended on {ending.until:%Y-%m-%d}" if days < 0 else f"ends in {count(days, 'day')}"
        warn(f"{item.kind} {ending.name} {when}")


def _line_of(mark: str, item: TrustItem) -> str:
    until = "no end    " if item.until is None else f"{item.until:%Y-%m-%d}"
    return f"{mark} {item.kind:<5} {item.state or '--'} until {until} {item.fingerprint}  {item.name}"


def _add_card_status(options: argparse.Namespace) -> int:
    try:
        change = open_desk(options).add_card_status(
            options.file,
            at=now(),
            next_update_days=options.next_update_days,
            new_base=options.new_base,
            no_longer_listed=options.no_longer_listed,
        )
    except FaultyTable as error:
        for line, sentence in error.faults:
            warn(f"line {line}: {sentence}")
        warn(f"{error.sentence.partition(': ')[0]}; nothing is staged [{error.reason}]")
        return EXIT_USAGE
    _tell_card_status(change)
    return EXIT_OK


def _tell_card_status(change: CardStatusChange) -> None:
    states = ", ".join(f"{number:,} {state}" for state, number in sorted(change.states.items())) or "none"
    say(f"staged: card status list {change.sequence}, {count(change.cards, 'card')}: {states}")
    found = change.difference
    say(f"+{found.new:,} new, −{found.gone:,} no longer listed, {found.changed:,} changed")
    if change.delta_length is None:
        say(f"a new base of {change.length:,} bytes: {change.why}")
    else:
        say(f"{change.why}, of {change.delta_length:,} bytes")


def _add_rules(options: argparse.Namespace) -> int:
    change = open_desk(options).add_rules(options.file)
    say(f"staged: rules of version {change.version}")
    if change.replaces:
        say("other rules that were staged under this version are replaced")
    return EXIT_OK


def _unstage(options: argparse.Namespace) -> int:
    for path in open_desk(options).unstage(options.what):
        say(f"no longer staged: {path}")
    return EXIT_OK


def _add_roster(options: argparse.Namespace) -> int:
    desk = open_desk(options)
    _require_same_province(options.province, desk.settings().province)
    try:
        change = desk.add_roster(
            options.file,
            chi_bo=options.chi_bo,
            title=options.title,
            recipients=options.to,
            short_numbers=options.short_numbers,
        )
    except FaultyRosterFile as error:
        for fault in error.faults:
            warn(str(fault))
        warn(f"{error.sentence} [{error.reason}]")
        return EXIT_TROUBLE
    recipients = count(change.recipients, "appliance")
    say(f"staged: {change.path}, {count(change.members, 'member')}, sealed to {recipients}, {change.length:,} bytes")
    return EXIT_OK


def _remove_roster(options: argparse.Namespace) -> int:
    desk = open_desk(options)
    _require_same_province(options.province, desk.settings().province)
    say(f"staged: {desk.remove_roster(options.chi_bo)} will be gone")
    return EXIT_OK


def _require_same_province(asked: str | None, own: str | None) -> None:
    if asked is not None and own is not None and asked != own:
        msg = f"this is the desk of province {own}, and signs nothing of province {asked}"
        raise WrongUsage(msg)
