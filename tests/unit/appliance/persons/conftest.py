"""The rooms of an appliance, and what is about persons in them."""

from dataclasses import dataclass

import pytest

from appliance.accounts import AccountService
from appliance.persons import AccessLog
from appliance.persons.dossier import Dossiers
from appliance.persons.erasing import Erasing
from appliance.persons.finding import PersonFinder
from appliance.persons.requests import PersonRequests


@dataclass
class Persons:
    """The services of appliance/persons over one store."""

    def __init__(self, rooms):
        database, ledger, roster = rooms.database, rooms.ledger, rooms.roster
        self.access_log = AccessLog(database, ledger.bodies)
        self.requests = PersonRequests(database, ledger.bodies)
        self.finder = PersonFinder(database, ledger, roster)
        self.accounts = AccountService(database)
        self.dossiers = Dossiers(database, ledger, roster, self.accounts, self.access_log, self.requests)
        self.erasing = Erasing(rooms.erasure, self.requests)


@pytest.fixture
def persons(rooms):
    return Persons(rooms)


@pytest.fixture
def content_of(rooms):
    def content():
        return b"".join(path.read_bytes() for path in rooms.state.iterdir() if path.is_file())

    return content
