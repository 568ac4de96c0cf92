"""What the commands about persons share: the officer who acts, the finder and the register."""

import argparse
from collections.abc import Callable
from datetime import datetime

from appliance.accounts import Account
from appliance.commands.console import open_existing, takes_config
from appliance.errors import NotFound
from appliance.persons.elsewhere import Elsewhere
from appliance.persons.finding import PersonFinder
from appliance.persons.requests import PersonRequests
from appliance.services import Services


def takes_officer(parser: argparse.ArgumentParser, command: Callable[[argparse.Namespace], int]) -> None:
    """Give a command the options ``--officer``, whose word it is at the machine, and those of ``takes_config``."""
    parser.add_argument("--officer", required=True, metavar="USERNAME", help="of the officer who does it")
    takes_config(parser)
    parser.set_defaults(command=command)


def opened_by(options: argparse.Namespace) -> tuple[Services, Account, datetime]:
    """Return the appliance, the officer who acts, and the time; NotFound where no account has that username."""
    services = open_existing(options)
    officer = services.accounts.by_username(options.officer)
    if officer is None:
        msg = "no account has the username that --officer names"
        raise NotFound(msg)
    return services, officer, services.clock.now()


def finder_of(services: Services) -> PersonFinder:
    """Return who finds persons."""
    return PersonFinder(services.database, services.ledger, services.roster, elsewhere_of(services))


def elsewhere_of(services: Services) -> Elsewhere:
    """Return who knows what other appliances told."""
    return Elsewhere(services.database, services.bundles.vault)


def register_of(services: Services) -> PersonRequests:
    """Return the register of requests."""
    return PersonRequests(services.database, services.ledger.bodies, time_zone=services.config.time_zone)
