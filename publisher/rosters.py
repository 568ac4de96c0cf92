"""Rosters at a province's desk: read from a table, sealed to the appliances of a chi bộ, staged.

They are personal data: nothing of them is in the clear on the desk's disk, and no name is in a sentence or the journal.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import ListRefused
from appliance.lists.catalogue import roster_path
from appliance.lists.roster_document import KEY_LENGTH, build_roster
from appliance.lists.roster_envelope import seal_roster
from appliance.roster_sheet.sheet import read_roster_file
from publisher.desk_folder import DeskFolder
from publisher.errors import DeskError, ListRejected
from publisher.files import SECRET_MODE, read_regular, write_durably
from publisher.keyring import RandomBytes
from publisher.own_bundle import own_metadata

_SECRET_NAME = "roster.secret"


@dataclass(frozen=True, slots=True)
class RosterChange:
    """What will be published of a roster: its path, and how many members, appliances and bytes."""

    path: str
    members: int
    recipients: int
    length: int


def add_roster(
    desk: DeskFolder,
    table: Path,
    *,
    chi_bo: str,
    title: str,
    recipients: Sequence[str],
    short_numbers: bool = False,
    random: RandomBytes = secrets.token_bytes,
) -> RosterChange:
    """Stage a chi bộ's roster, sealed to ``recipients`` (``age1…``).

    Raises ``FaultyRosterFile`` with the faults of the table, ``ListRejected``, ``WrongUsage``, ``DeskError``,
    ``OSError``.
    """
    province = desk.require_province()
    try:
        path = roster_path(province, chi_bo)
        document = build_roster(
            read_roster_file(table, short_numbers=short_numbers),
            province=province,
            chi_bo=chi_bo,
            title=title,
            desk_secret=_secret(desk, random),
            number_key=random(KEY_LENGTH),
        )
        sealed = seal_roster(document, recipients)
    except ListRefused as error:
        raise ListRejected(error.sentence) from error
    desk.staged.put(path, sealed)
    return RosterChange(path, len(document.members), len(recipients), len(sealed))


def remove_roster(desk: DeskFolder, chi_bo: str) -> str:
    """Stage the removal of a roster; return its path. Raises ``ListRejected`` where there is none."""
    try:
        path = roster_path(desk.require_province(), chi_bo)
    except ListRefused as error:
        raise ListRejected(error.sentence) from error
    if path not in desk.staged.files() and path not in own_metadata(desk).signed.targets:
        msg = f"there is no roster of {chi_bo}"
        raise ListRejected(msg)
    desk.staged.remove(path)
    return path


def _secret(desk: DeskFolder, random: RandomBytes) -> bytes:
    """What makes a member's identifier the same in every publication: kept for ever, made once."""
    path = desk.path / _SECRET_NAME
    try:
        secret = read_regular(path, KEY_LENGTH)
    except FileNotFoundError:
        secret = random(KEY_LENGTH)
        write_durably(path, secret, mode=SECRET_MODE)
    if len(secret) != KEY_LENGTH:
        msg = f"{_SECRET_NAME} is damaged; restore it, or every member would count as another one"
        raise DeskError(msg)
    return secret
