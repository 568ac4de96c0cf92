"""The rooms of an appliance, and what is about persons in them."""

import io
from dataclasses import dataclass

import pytest
from pypdf import PdfReader

from appliance.accounts import AccountService
from appliance.bundles.keeping import Vault
from appliance.persons import AccessLog
from appliance.persons.dossier import Dossiers
from appliance.persons.elsewhere import Elsewhere
from appliance.persons.erasing import Erasing
from appliance.persons.finding import PersonFinder
from appliance.persons.paper import as_pdf
from appliance.persons.requests import PersonRequests


@dataclass
class Persons:
    """The services of appliance/persons over one store."""

    def __init__(self, rooms):
        database, ledger, roster = rooms.database, rooms.ledger, rooms.roster
        self.access_log = AccessLog(database, ledger.bodies)
        self.requests = PersonRequests(database, ledger.bodies)
        self.elsewhere = Elsewhere(database, Vault.under(rooms.keys))
        self.finder = PersonFinder(database, ledger, roster, self.elsewhere)
        self.accounts = AccountService(database)
        self.dossiers = Dossiers(
            database, ledger, roster, self.accounts, self.access_log, self.requests, self.elsewhere
        )
        self.erasing = Erasing(database, ledger, rooms.erasure, self.requests, self.elsewhere)


@pytest.fixture
def persons(rooms):
    return Persons(rooms)


@pytest.fixture
def content_of(rooms):
    def content():
        return b"".join(path.read_bytes() for path in rooms.state.iterdir() if path.is_file())

    return content


@pytest.fixture
def printed():
    """Return the text of a dossier on paper, each space one."""

    def printed(dossier):
        pdf = as_pdf(dossier, device="ab" * 32, time_zone="Asia/Ho_Chi_Minh")
        return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())

    return printed
