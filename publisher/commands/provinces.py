"""``province init`` at a province's own desk; ``delegate``, ``revoke-delegation``, ``accept`` at the central one."""

import argparse
from pathlib import Path

from publisher.commands.ceremony import add_periods, periods_of
from publisher.commands.console import (
    EXIT_OK,
    Commands,
    count,
    now,
    open_desk,
    passphrases_of,
    say,
    takes_desk,
    takes_keys,
)
from publisher.desk import Desk


def add_to(commands: Commands) -> None:
    """Announce the commands."""
    province = commands.add_parser("province", help="a province's own desk").add_subparsers(
        required=True, metavar="WHAT"
    )
    init = province.add_parser("init", help="make the desk and its key")
    takes_keys(init)
    init.add_argument("code", metavar="NN", help="the province's code")
    init.add_argument("--hsm", metavar="URI", help="the key is in a PKCS#11 token")
    add_periods(init)
    init.set_defaults(command=_init)

    delegate = commands.add_parser("delegate", help="let a province's key sign its rosters")
    takes_keys(delegate)
    delegate.add_argument("code", metavar="NN")
    delegate.add_argument("--key", type=Path, required=True, metavar="PUBFILE", help="what its province init wrote")
    delegate.set_defaults(command=_delegate)

    revoke = commands.add_parser("revoke-delegation", help="let nobody sign a province's rosters any more")
    takes_keys(revoke)
    revoke.add_argument("code", metavar="NN")
    revoke.set_defaults(command=_revoke)

    accept = commands.add_parser("accept", help="check a province's bundle, and keep it for the next publication")
    takes_desk(accept)
    accept.add_argument("folder", type=Path, help="the province's public folder")
    accept.set_defaults(command=_accept)


def _init(options: argparse.Namespace) -> int:
    desk = Desk.found_province(
        options.desk,
        options.code,
        passphrases=passphrases_of(options),
        periods=periods_of(options),
        token=options.hsm,
    )
    for keyid in desk.settings().province_keys:
        say(f"the key of {desk.settings().own_role} is {keyid}")
    say(f"give {desk.request} to the central desk, and read the key to it by another way")
    return EXIT_OK


def _delegate(options: argparse.Namespace) -> int:
    for keyid in open_desk(options).delegate(options.code, options.key, at=now()):
        say(f"pending: {keyid} signs the rosters of province {options.code}; let the province read its key to you")
    return EXIT_OK


def _revoke(options: argparse.Namespace) -> int:
    open_desk(options).revoke_delegation(options.code, at=now())
    say(f"pending: nobody signs the rosters of province {options.code}; publish says so to appliances")
    return EXIT_OK


def _accept(options: argparse.Namespace) -> int:
    accepted = open_desk(options).accept(options.folder, at=now())
    say(
        f"pending: version {accepted.version} of {accepted.role}, {count(accepted.rosters, 'roster')}, "
        f"{accepted.new} new, {accepted.removed} gone; until {accepted.expires:%Y-%m-%d}"
    )
    return EXIT_OK
